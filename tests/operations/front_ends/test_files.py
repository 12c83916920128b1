"""Files and cards by key, by `:` command, by palette and on the command line: the same."""

from pathlib import Path

import pytest

from operations.kinds import Kind
from results.store import Store
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
from tests.provision.boot_partitions import TRIXIE, folder
from tests.tui.console.running import RunningConsole
from tui.console.input.prompt import Prompt
from tui.console.screens.dialogs.card_form import CardForm

pytestmark = pytest.mark.slow

EXPORT = Change(
    kind=Kind.WRITE_FILE,
    at=("3",),
    keys=("e",),
    command="export DRAWING",
    palette="export",
    verb=("results", "export", "TABLE"),
    form=("ctrl+u", "= export DRAWING", "enter"),
    opens=lambda running: running.app.front.query_one(Prompt).display,
    question=r"Replace squares\.(txt|csv)\?",
    about="exists. What is in it now is lost.",
    sentence=r"Written to (DRAWING|TABLE)\.",
)
CARD = Change(
    kind=Kind.WRITE_CARD,
    keys=("W",),
    command="card CARD",
    palette="write card",
    verb=("card", "write", "CARD", "--name", "pi-new"),
    form=("ctrl+u", "= CARD", "tab", "ctrl+u", "= pi-new", "enter"),
    after_command=("tab", "ctrl+u", "= pi-new", "enter"),
    opens=lambda running: isinstance(running.app.screen, CardForm),
    question=r"Write .*user-data.* to CARD\?",
    about="The Pi will be called pi-new, be on a cable",
    sentence=r"CARD is ready for pi-new\.",
)
CHANGES = (EXPORT, CARD)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnHome:
    """A home with one pair kept, two files in the way, and a card with a fresh system."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "home/squarm").mkdir(parents=True)
    with Store.open(tmp_path / "home/squarm/results.sqlite3") as store:
        store.add("mols10-abc123", [("pi1", a_pair())])
    for name in ("squares.txt", "squares.csv"):
        (tmp_path / name).write_text("before")
    words = {"DRAWING": str(tmp_path / "squares.txt"), "TABLE": str(tmp_path / "squares.csv")}
    return OwnHome(tmp_path / "home", words | {"CARD": str(folder(tmp_path / "bootfs", TRIXIE))})


def shows_a_square(running: RunningConsole) -> bool:
    return "#1" in running.text(running.app.main.squares)


@in_the_console(*CHANGES)
async def test_in_the_console(change: Change, by: By, place: OwnHome) -> None:
    async with console(place, shows_a_square) as running:
        await ask(running, change, by, place)
    came_about(change, place, "DRAWING")


@on_the_command_line(*CHANGES)
def test_on_the_command_line(change: Change, place: OwnHome) -> None:
    run_verb(place, change)
    came_about(change, place, "TABLE")


def came_about(change: Change, place: OwnHome, written: str) -> None:
    assert place.noted()[0] == (change.kind.audit, "done")
    if change is CARD:
        assert "pi-new" in (Path(place.words["CARD"]) / "user-data").read_text()
        return
    text = Path(place.words[written]).read_text()
    assert ("A0 B1 C2" if written == "DRAWING" else "0 1 2 3") in text
