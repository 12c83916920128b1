"""Alerts in the console: in the row, on the machine's page after their end, noted, and in Slack."""

import os
import time
from functools import partial
from pathlib import Path

import pytest

from base.audit import Audit
from fleet.alert_log import Alert, AlertKind, AlertLog
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot
from serve.health import Health, write
from tests.chat.serving import Home, slack_for
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.pis import PICK_KITCHEN, fleet_snapshot, pi, sample

HOT = fleet_snapshot(pi("kitchen", sample=sample(temperature=84.0)))
WELL = fleet_snapshot(pi("kitchen"))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


def noted() -> list[tuple[str, str]]:
    return [(entry.result, entry.said.partition(":")[0]) for entry in Audit().read(20)]


async def shows(running: RunningConsole, *snapshots: FleetSnapshot) -> None:
    for snapshot in snapshots:
        await running.put(snapshot)


async def test_an_alert_stands_in_the_row_and_can_be_read_after_it_ended(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), WELL) as running:
        await running.press("N")
        assert "too hot" not in running.text()
        await shows(running, HOT, HOT)
        assert "▲ too hot: it is 84 C: look at its fan" in running.text()
        await shows(running, WELL)
        assert "too hot" not in running.text()
        assert [toast for toast in running.toasts if "kitchen" in toast] == [
            "▲ kitchen: too hot: it is 84 C: look at its fan, and at what is on top of it.",
            "✓ kitchen: no longer too hot, after 0s.",
        ]
        await running.press(*PICK_KITCHEN, "d")
        await running.until(lambda: "was too hot from" in running.screen())
        await running.until(lambda: len(noted()) == 2)
    assert [result for result, _ in noted()] == ["begun", "ended"]


async def test_what_was_hot_when_the_last_console_ended_ends_in_the_next(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), HOT) as running:
        await running.until(lambda: len(noted()) == 1)
    async with console(tmp_path, (160, 48), *busy_events()) as running:
        await running.until(lambda: running.fleet.running)
        await shows(running, HOT, WELL)
        await running.until(lambda: len(noted()) == 2)
    assert [result for result, _ in noted()] == ["begun", "ended"]


async def test_read_only_shows_and_notes_nothing(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), read_only=True) as running:
        await running.until(lambda: running.fleet.running)
        await shows(running, HOT)
        await running.press("N")
        assert "▲ too hot" in running.text()
    assert noted() == []


async def test_slack_is_told_once_with_the_end_by_two_consoles(tmp_path: Path) -> None:
    async with slack_for() as slack:

        def is_posted(count: int) -> bool:
            return len(slack.posted) == count

        home = Home(tmp_path, slack)
        settings = home.file.read_text()
        home.file.write_text(settings + '\nalerts = "#squarm"\n')
        async with (
            console(tmp_path, (160, 48), *busy_events()) as one,
            console(tmp_path, (160, 48), *busy_events()) as other,
        ):
            await one.until(lambda: one.fleet.running)
            await other.until(lambda: other.fleet.running)
            for posted, snapshot in enumerate((HOT, WELL), 1):
                await shows(one, snapshot)
                await shows(other, snapshot)
                await one.until(partial(is_posted, posted))
    assert [message.words.partition(",")[0] for message in slack.posted] == [
        "kitchen: too hot: it is 84 C: look at its fan",
        "kitchen: no longer too hot",
    ]


async def test_what_was_noted_and_not_posted_any_more_is_posted_by_the_next_console(
    tmp_path: Path,
) -> None:
    alert = Alert("0000002a", "kitchen", AlertKind.HOT, "it is 84 C.", time.time())
    AlertLog().begin(alert)
    async with slack_for() as slack:
        home = Home(tmp_path, slack)
        home.file.write_text(home.file.read_text() + '\nalerts = "#squarm"\n')
        for _ in range(2):
            async with console(tmp_path, (160, 48), *busy_events()) as running:
                await running.until(lambda: len(slack.posted) == 1)
                await running.until(lambda: running.fleet.running)


async def test_a_node_that_is_gone_is_left_to_the_daemon_where_one_runs(tmp_path: Path) -> None:
    write(Health(os.getpid(), time.time(), "swarm", 0, 0, "not set up", 0, 0, ()))
    there = [pi(name, watched=True, node=node) for name, node in (("a", "id-pi-02"), ("b", ""))]
    gone = [
        pi(view.name, PiState.LOST, watched=True, node=view.node, sample=None) for view in there
    ]
    async with console(tmp_path, (160, 48), *busy_events()) as running:
        await running.until(lambda: running.fleet.running)
        await shows(running, fleet_snapshot(*there), fleet_snapshot(*gone))
        await running.until(lambda: len(noted()) == 1)
        assert noted() == [("begun", "b")]
        for name in ("a", "b"):
            assert any(toast.startswith(f"▲ {name}: gone") for toast in running.toasts)
