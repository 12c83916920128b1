"""Alerts and the digest: each change is told once, also across a restart."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from base.audit import Audit
from base.redaction import Redactor
from chat.alert_messages import put_alert
from chat.outbox.outbox import Outbox
from chat.settings import Settings
from fleet.alert_log import Alert, AlertKind, AlertLog
from results.reports import Snapshot
from serve.alerts import Notifier
from serve.node_alerts import NodeAlerts
from swarm.engine import NodeView

NODE = NodeView("n1", "pi1", "10.0.0.11", "worker", "active", "ready", "linux/arm64", 4, 2**30)
SETTINGS = Settings(alerts="#alerts", digest="#squarm", digest_at="00:00")


class Swarm:
    """What is looked at, as a test changes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes: tuple[NodeView, ...] = (NODE, replace(NODE, id="n2", name="pi2"))
        self.kept = 7
        self.backups = ""
        self.audit = Audit(folder / "audit.jsonl")
        self.start()

    def start(self, settled: float = 0.0, settings: Settings = SETTINGS) -> None:
        """A daemon begins, which knows what is on the disk."""
        self.outbox = Outbox(self.folder / "outbox.sqlite3", Redactor())
        self.alerts = Notifier(
            self.outbox, settings, self.snapshot, lambda: self.backups, self.audit, settled
        )
        self.node_alerts = NodeAlerts(self.snapshot, AlertLog(self.audit), settled)

    def snapshot(self) -> Snapshot:
        return Snapshot("swarm", "here", self.nodes, (), self.kept, time.time())

    def told(self, channel: str = "#alerts") -> list[str]:
        self.node_alerts.look()
        self.alerts.look()
        told = [item.subject for item in self.outbox.entries() if item.channel == channel]
        return list(map(without_length, told))


@pytest.fixture
def swarm(tmp_path: Path) -> Swarm:
    return Swarm(tmp_path)


def without_length(told: str) -> str:
    """How long something lasted tells how fast the test was."""
    return re.sub(r", after \d+s\.$", ".", told)


GONE = "pi2: gone: the swarm calls it down: is it on, and on the network?"
BACK = "pi2: no longer gone."


def test_a_node_that_goes_and_comes_is_told_once_each(swarm: Swarm) -> None:
    assert swarm.told() == []
    swarm.nodes = (swarm.nodes[0], replace(swarm.nodes[1], state="down"))
    assert swarm.told() == swarm.told() == [GONE]
    swarm.outbox.close()
    swarm.start()
    assert swarm.told() == [GONE]
    swarm.nodes = (swarm.nodes[0], replace(swarm.nodes[1], state="ready"))
    assert swarm.told() == swarm.told() == [GONE, BACK]
    assert [(entry.result, without_length(entry.said)) for entry in swarm.audit.read(9)] == [
        ("begun", GONE),
        ("ended", BACK),
    ]


def test_a_switch_of_sixty_nodes_that_goes_is_told_whole(swarm: Swarm) -> None:
    swarm.nodes = tuple(replace(NODE, id=f"n{n}", name=f"pi{n}", state="down") for n in range(60))
    assert len(swarm.told()) == len(swarm.told()) == 60


def test_a_dead_node_that_left_the_swarm_is_not_told_to_be_back(swarm: Swarm) -> None:
    swarm.nodes = (NODE, replace(NODE, id="n2", name="pi2", state="down"))
    swarm.told()
    swarm.nodes = (NODE,)
    assert swarm.told() == swarm.told() == [GONE, "pi2 is watched no more; it was gone."]
    assert AlertLog(swarm.audit).open() == {}


def test_without_slack_a_node_that_goes_is_noted_all_the_same(swarm: Swarm) -> None:
    swarm.nodes = (replace(NODE, state="down"),)
    swarm.node_alerts.look()
    assert [entry.said.partition(":")[0] for entry in swarm.audit.read(9)] == ["pi1"]


def test_what_a_console_has_noted_and_posted_the_daemon_does_not_post_again(swarm: Swarm) -> None:
    swarm.told()
    alert = Alert("0000002a", "kitchen", AlertKind.HOT, "it is 82 C.", time.time())
    noted = AlertLog(swarm.audit).begin(alert)
    assert noted is not None
    put_alert(swarm.outbox, SETTINGS, noted)
    assert swarm.told() == ["kitchen: too hot: it is 82 C."]
    # A console saw the node go before the daemon was started.
    AlertLog(swarm.audit).begin(Alert("n2", "pi2", AlertKind.GONE, "no answer.", time.time()))
    swarm.nodes = (NODE, replace(NODE, id="n2", name="pi2", state="down"))
    assert len(swarm.told()) == len(swarm.told()) == 2


def test_a_node_that_is_drained_is_told_so(swarm: Swarm) -> None:
    swarm.nodes = (replace(NODE, availability="drain"),)
    assert swarm.told() == ["Node pi1 is drained."]
    swarm.nodes = (NODE,)
    assert swarm.told() == ["Node pi1 is drained.", "Node pi1 is active."]


def test_what_passes_in_a_moment_is_not_told(swarm: Swarm) -> None:
    swarm.start(settled=3600.0)
    swarm.nodes = (replace(NODE, state="down"),)
    assert swarm.told() == []


def test_copies_and_runs_are_told(swarm: Swarm) -> None:
    swarm.backups = "The copy cannot be made: the disk is full."
    assert swarm.told() == [swarm.backups]
    swarm.audit.note("upgrade", "pi1, pi2", "begun", "")
    swarm.audit.note("upgrade", "pi1, pi2", "failed", "pi2 did not come back")
    swarm.audit.note("start job", "order 10", "done", "")
    swarm.backups = ""
    told = swarm.told()
    assert told[1:] == [
        "The results are copied again.",
        "upgrade of pi1, pi2: failed. pi2 did not come back",
    ]
    swarm.outbox.close()
    swarm.start()
    assert swarm.told() == told


def test_the_digest_comes_once_a_day(swarm: Swarm) -> None:
    assert len(swarm.told("#squarm")) == len(swarm.told("#squarm")) == 1
    swarm.outbox.tell("digest", "2001-01-01 3", "#squarm", None)
    swarm.told("#squarm")
    letter = swarm.outbox.head("#squarm")
    assert letter is not None
    swarm.outbox.sent(letter.id, "C1", "1.0")
    second = swarm.outbox.head("#squarm")
    assert second is not None
    assert "7 kept, 0 distinct, 4 more than at the last digest" in second.sealed.text
    assert "2 of 2 up" in second.sealed.text


def test_where_nobody_wants_to_be_told_nothing_is(swarm: Swarm) -> None:
    swarm.start(settings=Settings())
    swarm.nodes = (replace(NODE, state="down"),)
    swarm.alerts.look()
    assert swarm.outbox.entries() == ()
