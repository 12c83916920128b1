"""Messages by key, by `:` command, by palette and on the command line, to one Slack: the same."""

import asyncio
from pathlib import Path

import pytest

from base.redaction import Redactor
from chat.message import Paragraph
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from lab.slack.server import Slack
from operations.kinds import Kind
from results.store import Store
from tests.chat.serving import Home
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    a_pair,
    ask,
    console,
    in_the_console,
    on_the_command_line,
    run_verb,
)
from tests.tui.console.running import RunningConsole
from tui.console.screens.dialogs.share import ShareScreen

pytestmark = pytest.mark.slow

IN_THE_OUTBOX = (":", *"outbox", "enter")
SHARE = Change(
    kind=Kind.SHARE,
    at=("3",),
    keys=("S",),
    command="share",
    palette="share",
    verb=("share", "1"),
    form=("enter",),
    after_command=("enter",),
    opens=lambda running: isinstance(running.app.screen, ShareScreen),
    sentence=r"Sent to #squarm\. http\S+",
)
RETRY = Change(
    kind=Kind.RETRY_MESSAGE,
    at=IN_THE_OUTBOX,
    keys=("r",),
    palette="retry",
    verb=("outbox", "retry", "1"),
    sentence=r"1 is sent again \(square 40 of order 10\)\.",
)
DROP = Change(
    kind=Kind.DROP_MESSAGE,
    at=IN_THE_OUTBOX,
    keys=("x",),
    palette="drop",
    verb=("outbox", "drop", "1"),
    question=r"Drop message 1\?",
    about="It is not sent.",
    sentence=r"1 is dropped \(square 40 of order 10\)\.",
)
CHANGES = (SHARE, RETRY, DROP)


@pytest.fixture
async def place(tmp_path: Path, slack: Slack, monkeypatch: pytest.MonkeyPatch) -> OwnHome:
    """A home with a pair kept, and a message that failed."""
    for name, value in Home(tmp_path, slack).environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "config/squarm").mkdir(parents=True)
    (tmp_path / "slack.toml").rename(tmp_path / "config/squarm/slack.toml")
    data = tmp_path / "data"
    with Store.open(data / "squarm/results.sqlite3") as store:
        store.add("mols10-abc123", [("pi1", a_pair())])
    outbox = Outbox.open(Redactor(), data / "squarm/slack.sqlite3")
    outbox.put("#squarm", (Paragraph("B2 A1"),), subject="square 40 of order 10")
    outbox.fail(1, "not now")
    outbox.close()
    return OwnHome(data, {})


def ready(running: RunningConsole) -> bool:
    return "#1" in running.text(running.app.main.squares)


@in_the_console(*CHANGES)
async def test_in_the_console(change: Change, by: By, place: OwnHome, slack: Slack) -> None:
    async with console(place, ready) as running:
        await ask(running, change, by, place)
    came_about(change, place, slack)


@on_the_command_line(*CHANGES)
async def test_on_the_command_line(change: Change, place: OwnHome, slack: Slack) -> None:
    await asyncio.to_thread(run_verb, place, change)
    came_about(change, place, slack)


def came_about(change: Change, place: OwnHome, slack: Slack) -> None:
    assert place.noted() == [(change.kind.audit, "done")]
    outbox = Outbox.open(Redactor(), place.data / "slack.sqlite3")
    states = {item.id: item.state for item in outbox.entries()}
    outbox.close()
    if change is SHARE:
        assert states == {1: ItemState.FAILED, 2: ItemState.SENT}
        assert [message for message in slack.posted if "A0 B1 C2" in message.words]
    elif change is RETRY:
        assert states[1] in (ItemState.WAITING, ItemState.SENDING, ItemState.SENT)
    else:
        # What was given up is listed no more.
        assert states == {}
