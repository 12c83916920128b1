"""The table of verbs: it feeds the parser, `--help`, shell completion and the man page.

A verb's module is imported only when the verb is used. It has `add(parser)`, which defines the
verb's own options and sets `run`: what is called with the parsed arguments and returns the exit
code, or a coroutine that does.
"""

from typing import NamedTuple

from tui.command.options import ENGINE, LOGIN, NETWORK, RESULTS


class Verb(NamedTuple):
    """A verb: what it does, in a few words, where that is written, the common options it heeds."""

    name: str
    text: str
    module: str
    options: frozenset[str] = frozenset()


GROUPS: dict[str, tuple[Verb, ...]] = {
    "squares": (
        Verb("solve", "find squares here and now, and print them", "squares.solve"),
        Verb("mols", "say how many orthogonal squares of an order are known", "squares.mols"),
        Verb("results", "print the squares kept, newest first", "squares.results", RESULTS),
        Verb(
            "analyse",
            "say everything about squares: Latin, transversals, mates, class",
            "squares.analyse",
        ),
        Verb("mates", "count every mate of a square, however many there are", "squares.mates"),
        Verb(
            "graph",
            "say which squares are orthogonal to which; spectra of classes",
            "squares.graph",
            RESULTS,
        ),
        Verb("verify", "check squares and records, whoever found them", "squares.verify"),
    ),
    "jobs": (
        Verb("run", "run a job, keep what it finds", "jobs.run", ENGINE | RESULTS),
        Verb("jobs", "list the jobs", "jobs.jobs", ENGINE | RESULTS),
        Verb("logs", "print what a job's workers wrote", "jobs.logs", ENGINE),
        Verb("cancel", "stop a job", "jobs.cancel", ENGINE | RESULTS),
        Verb("resume", "go on with a job that was stopped", "jobs.resume", ENGINE | RESULTS),
        Verb(
            "remove",
            "forget an ended job and its logs; its results stay",
            "jobs.remove",
            ENGINE | RESULTS,
        ),
    ),
    "machines": (
        Verb(
            "nodes",
            "list the Raspberry Pis and the swarm's nodes",
            "machines.nodes",
            ENGINE | NETWORK | LOGIN,
        ),
        Verb("pi", "accept, add, forget a Pi; sweep for more", "machines.pi", NETWORK),
        Verb("card", "fill a fresh card so that its Pi lets squarm in", "machines.card", LOGIN),
        Verb("provision", "make Pis nodes of the swarm", "machines.provision", NETWORK | LOGIN),
        Verb(
            "inventory",
            "print, or write, the inventory that Ansible reads",
            "machines.inventory",
            NETWORK | LOGIN,
        ),
        Verb("runs", "list, follow, cancel, retry what was provisioned", "machines.runs", LOGIN),
        Verb("node", "change a node of the swarm", "machines.node", LOGIN),
        Verb("image", "roll a new image of the solver out to the nodes", "images.image"),
        Verb("drill", "make a machine fail during a job, and score it", "machines.drill", ENGINE),
    ),
    "Slack and the daemon": (
        Verb("share", "post a square or a job's summary to Slack", "slack.share", ENGINE | RESULTS),
        Verb("outbox", "list what waits for Slack, send it again or give it up", "slack.outbox"),
        Verb("slack", "set Slack up, or check what is set up", "slack.slack"),
        Verb(
            "serve",
            "run as a daemon: collect results, send to Slack, answer there",
            "slack.serve",
            ENGINE | RESULTS,
        ),
    ),
    "squarm itself": (
        Verb(
            "doctor",
            "say whether all that squarm needs is there and well",
            "doctor.doctor",
            NETWORK | RESULTS,
        ),
        Verb("audit", "say who changed what, when, and what came of it", "audit"),
        Verb("config", "print the settings of your own, or edit them", "config"),
        Verb("completion", "have the shell complete squarm's verbs and options", "completion"),
        Verb("man", "print the manual page: verbs, options, the console's keys", "man"),
        Verb("help", "say what a verb takes", "help"),
        Verb("version", "print the version", "version"),
    ),
}
VERBS = {verb.name: verb for verbs in GROUPS.values() for verb in verbs}
