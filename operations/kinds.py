"""Every kind of change a person can make: the one table that front ends, gate and audit share."""

from enum import Enum


class Kind(Enum):
    """A kind of change: what the audit log calls it, and what `--read-only` says it would do."""

    START_JOB = ("start job", "it starts a job")
    RESUME_JOB = ("resume job", "it runs what a job has left")
    CANCEL_JOB = ("cancel job", "it stops a job")
    REFILL_JOB = ("refill job", "it runs units of a job again")
    REMOVE_JOB = ("remove job", "it forgets a job and its logs")

    IMPORT_RESULTS = ("import results", "it adds to the results that are kept")
    RESTORE_RESULTS = ("restore results", "it puts another results file in the place of this one")
    WRITE_FILE = ("write file", "it writes a file")

    ADD_MACHINE = ("add", "it watches another machine")
    ACCEPT_KEY = ("accept key", "it trusts a host key")
    FORGET_MACHINE = ("forget", "it forgets a machine and its host key")
    LOG_IN = ("log in", "it logs in to machines")
    SWEEP = ("sweep", "it knocks at every address of a network")
    OPEN_SHELL = ("shell", "it opens a shell on a machine")

    WRITE_CARD = ("write card", "it writes to a card's boot partition")

    PROVISION = ("provision", "it makes machines nodes of the swarm")
    REHEARSE = ("rehearse", "it logs in to machines as root to see what would change")
    CANCEL_RUN = ("cancel run", "it ends a run")
    RETRY_RUN = ("retry run", "it runs Ansible again")
    UPGRADE = ("upgrade", "it brings nodes up to date")
    WRITE_INVENTORY = ("inventory", "it writes the inventory")

    DRAIN = ("drain", "it moves a node's tasks away")
    ACTIVATE = ("activate", "it gives a node tasks again")
    PROMOTE = ("promote", "it makes a worker a manager")
    DEMOTE = ("demote", "it makes a manager a worker")
    LEAVE = ("remove", "it takes a node out of the swarm")
    REBOOT = ("reboot", "it restarts a machine")

    FOLLOW_IMAGE = ("follow image", "it changes what jobs run from")
    UNFOLLOW_IMAGE = ("unfollow image", "it changes what jobs run from")
    CHECK_IMAGE = ("check image", "it may have an image rolled out")
    ROLL_IMAGE = ("roll image", "it rolls an image out")
    LOAD_IMAGE = ("load image", "it brings an image to nodes")
    PIN_IMAGE = ("pin image", "it changes what jobs run from")
    ROLL_BACK_IMAGE = ("roll back image", "it changes what jobs run from")
    TIDY_IMAGES = ("tidy images", "it removes images from nodes")

    DRILL = ("drill", "it makes machines fail on purpose")

    SHARE = ("share", "it sends something to Slack")
    RETRY_MESSAGE = ("retry message", "it sends a message again")
    DROP_MESSAGE = ("drop message", "it gives a message up")
    SET_UP_SLACK = ("set up Slack", "it writes Slack's settings and says hello there")

    def __init__(self, audit: str, effect: str) -> None:
        self.audit = audit
        self.effect = effect
