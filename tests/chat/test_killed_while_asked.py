"""SIGKILL between every two steps of what answers a command: each is answered, once."""

from pathlib import Path

import pytest

from base.redaction import Redactor
from chat.bot.commands import Route
from chat.bot.requests import IncomingText, Requests
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from lab.slack.server import Slack
from results.store import Store
from solver.question import Question
from swarm.job import JobSpec
from tests.chat.delivering import settings_for, start_runner
from tests.swarm.samples import squares

pytestmark = pytest.mark.slow

JOB = "mols4-abc123"
ROOM = "C0SQUARM1"
ASKED = (
    IncomingText("C0SQUARM1:1.1", "UANN00001", ROOM, "1.000001", Route.CHANNEL, "mols help"),
    IncomingText("button:1", "UBOB00001", ROOM, "1.000002", Route.MENTION, f"csv {JOB}"),
    IncomingText("command:1", "UCAT00001", "UCAT00001", "", Route.COMMAND, "jobs"),
    IncomingText("C0SQUARM1:1.3", "UGUEST001", ROOM, "1.000003", Route.CHANNEL, "mols 10"),
)


async def test_each_is_answered_once(slack: Slack, tmp_path: Path) -> None:
    settings_for(slack, tmp_path)
    slack.people = {"UGUEST001": {"is_restricted": True}}
    (record,) = squares(JobSpec(Question(4), count=1, seed=5), 1)
    run = await start_runner("tests.chat.asking")
    step, before, killed = 0, 0, True
    while killed:
        step += 1
        folder = tmp_path / f"run-{step}"
        folder.mkdir()
        with Store.open(folder / "results.sqlite3") as store:
            store.add(JOB, [("pi1", record)])
        outbox = Outbox(folder / "outbox.sqlite3", Redactor())
        requests = Requests(outbox.path, Redactor())
        for event in ASKED:
            requests.note(event)
        killed = await run(tmp_path / "slack.toml", folder, step) == -9
        assert await run(tmp_path / "slack.toml", folder) == 0
        assert {item.state for item in outbox.entries()} == {ItemState.SENT}
        assert requests.open() == ()
        new, before = slack.posted[before:], len(slack.posted)
        told = sorted((m.thread_ts, bool(m.files), m.channel) for m in new)
        assert told == [
            ("", False, slack.direct("UCAT00001")),
            ("1.000001", False, ROOM),
            ("1.000002", True, ROOM),
            ("1.000003", False, ROOM),
        ], step
        requests.close()
        outbox.close()
    assert step > 20
