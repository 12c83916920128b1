"""Sharing from the console, against a Slack of our own on loopback."""

import os
import time
from pathlib import Path

import pytest

from serve.health import Health, write
from tests.chat.serving import Home, slack_for
from tests.tui.console.running import console
from tests.tui.console.scripted.console import busy_events
from tui.console.screens.dialogs.share import ShareScreen
from tui.console.screens.outbox import OutboxScreen
from tui.console.screens.square import SquareScreen


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


async def test_a_square_is_previewed_then_sent_and_linked(tmp_path: Path) -> None:
    async with slack_for() as slack:
        Home(tmp_path, slack)
        async with console(tmp_path, (120, 44), *busy_events()) as running:
            await running.press("3", "S")
            await running.until(lambda: isinstance(running.app.screen, ShareScreen))
            await running.until(lambda: "E0 H9 B3" in running.screen())
            await running.until(lambda: "channel" in running.screen())
            # Esc is heard before the Enter behind it, which is for the pane below.
            running.at_once("escape", "enter")
            await running.until(lambda: isinstance(running.app.screen, SquareScreen))
            assert slack.posted == []
            await running.press("escape", "S")
            await running.until(lambda: isinstance(running.app.screen, ShareScreen))
            await running.press("enter")
            await running.until(lambda: any("Sent to" in toast for toast in running.toasts))
            (message,) = slack.posted
            assert "E0 H9 B3" in message.words
            await running.press("colon")
            await running.type("outbox")
            await running.press("enter")
            await running.until(lambda: isinstance(running.app.front, OutboxScreen))
            await running.until(lambda: "✓ sent" in running.text())


async def test_a_channel_that_is_none_is_refused_in_place(tmp_path: Path) -> None:
    async with slack_for() as slack:
        Home(tmp_path, slack)
        async with console(tmp_path, (120, 44), *busy_events()) as running:
            await running.press("S")
            await running.until(lambda: isinstance(running.app.screen, ShareScreen))
            await running.press("ctrl+u")
            await running.type("not a channel!")
            await running.press("enter")
            await running.until(lambda: "is no channel" in running.screen())
            assert slack.posted == []


async def test_what_keeps_the_daemon_from_slack_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    why = "the bot cannot find its channels: The app lacks the scope channels:read."
    write(Health(os.getpid(), time.time(), "local", 0, 0, "set up", 0, 0, (why,)))
    async with slack_for() as slack:
        Home(tmp_path, slack)
        async with console(tmp_path, (120, 44), *busy_events()) as running:
            await running.press("colon")
            await running.type("outbox")
            await running.press("enter")
            await running.until(lambda: any(why in toast for toast in running.toasts))


async def test_without_slack_the_way_to_it_is_said(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 44), *busy_events()) as running:
        await running.press("S")
        await running.until(lambda: bool(running.toasts))
        assert "slack" in running.toasts[0].lower()
        assert running.at_main()


async def test_read_only_shares_nothing(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 44), *busy_events(), read_only=True) as running:
        await running.press("S")
        assert "--read-only refuses this: it sends something to Slack." in running.toasts[0]
