"""What the console changes: kept before it goes, asked in time, noted in the audit log."""

import asyncio
from pathlib import Path

import pytest

from base.audit import Audit
from fleet.alert_log import ALERT
from operations.operation import Caution
from results.store import Store
from solver.records import SquareRecord, encode
from tests.tui.console.running import console
from tests.tui.console.scripted.console import busy_events, log_line, pair
from tests.tui.console.scripted.pis import PICK_KITCHEN, pi, some_pis
from tests.waiting import until
from tui.console.changes import ConsoleFrontEnd
from tui.console.screens.dialogs.confirm import Confirm


async def test_cancelling_keeps_what_the_running_tasks_hold(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        # Units 6 to 9 run; what the others hold is not about to go.
        running.engine.lines = [
            log_line(0, encode(SquareRecord(unit, 0, 10, pair(unit), "random", 9, 800)), unit=unit)
            for unit in (6, 7)
        ]
        await running.press("x", "right", "enter")
        await running.until(lambda: running.engine.asked == [("cancel", "mols10-3fa2c1")])
    with Store.open(tmp_path / "results.sqlite", read_only=True) as store:
        assert store.found("mols10-3fa2c1") == 2


async def test_keys_typed_at_once_answer_the_question_that_the_first_one_asks(
    tmp_path: Path,
) -> None:
    async with console(tmp_path) as running:
        running.at_once("x", "right", "enter")
        await running.until(lambda: running.engine.asked == [("cancel", "mols10-3fa2c1")])
        await running.until(lambda: not running.app.under_way)
        running.at_once("x", "j")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        await running.pause()
        assert running.app.main.jobs.cursor == 0


async def test_a_change_that_ends_meanwhile_gives_no_key_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits for its own question, however long that takes to come up."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    asks = asyncio.Event()
    confirm = ConsoleFrontEnd.confirm

    async def late(person: ConsoleFrontEnd, caution: Caution) -> bool:
        await asks.wait()
        return await confirm(person, caution)

    monkeypatch.setattr(ConsoleFrontEnd, "confirm", late)
    async with console(tmp_path) as running:
        running.at_once("ctrl+s", "x", "right", "enter")
        changes = running.app.changes
        await until(lambda: bool(Audit().read(1)) and len(changes.under_way) == 1)
        assert running.app.front is running.app.main
        asks.set()
        await running.until(lambda: running.engine.asked == [("cancel", "mols10-3fa2c1")])


async def test_a_question_that_never_comes_does_not_hold_the_console_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the terminal is hung up behind a key whose question is still on its way."""

    async def never(_person: ConsoleFrontEnd, _caution: Caution) -> bool:
        await asyncio.Event().wait()
        return False

    monkeypatch.setattr(ConsoleFrontEnd, "confirm", never)
    async with asyncio.timeout(60), console(tmp_path) as running:
        running.at_once("x", "enter")
        await until(lambda: running.app.changes.asking)
        running.app.exit()
        await until(lambda: not running.app.is_running, 30)
        assert not running.app.failure


async def test_what_is_done_to_machines_is_noted(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "L", "x", "enter")
        await running.until(lambda: any("Logging in" in toast for toast in running.toasts))
        await running.press("down", "down", "a", "right", "enter")
        await running.until(lambda: any("is trusted now" in toast for toast in running.toasts))
        await running.press("c", "right", "enter")
        await running.until(lambda: any("Forgot" in toast for toast in running.toasts))
        await running.press("colon")
        await running.type("add 10.0.0.77")
        await running.press("enter")
        await running.until(lambda: ("add", "10.0.0.77") in running.fleet.asked)
    changes = [entry for entry in Audit().read(10) if entry.what != ALERT]
    noted = [(entry.what, entry.target, entry.result) for entry in changes]
    kitchen, other = pi("kitchen"), pi("raspberrypi-2")
    assert noted == [
        ("log in", f"kitchen ({kitchen.id}, {kitchen.address})", "done"),
        ("accept key", f"raspberrypi-2 ({other.id}, {other.address})", "done"),
        ("forget", f"raspberrypi-2 ({other.id}, {other.address})", "done"),
        ("add", "10.0.0.77", "done"),
    ]
