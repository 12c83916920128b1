"""What is typed faster than it is answered means what it would have meant slowly."""

from pathlib import Path

import pytest

from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.pis import some_pis
from tui.console.screens.dialogs.login_form import LoginForm
from tui.console.screens.dialogs.new_job_form import NewJobForm
from tui.console.screens.dialogs.palette import PaletteDialog
from tui.console.screens.job import JobScreen
from tui.console.screens.page import PageScreen, TriplesScreen


def started(running: RunningConsole) -> list[object]:
    return [asked for asked in running.engine.asked if asked[0] == "submit"]


async def test_enter_in_the_palette_runs_what_was_typed(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        running.at_once("ctrl+p", *"triples", "enter")
        await running.until(lambda: isinstance(running.app.screen, TriplesScreen))
        running.at_once("escape", "ctrl+p", *"leadx", "enter", "n", "enter")
        # No action has these letters: nothing is run, and the palette stays.
        await running.until(lambda: "leadxn" in running.screen())
        await running.until(lambda: "No action here has these words." in running.screen())
        assert isinstance(running.app.screen, PaletteDialog)
        running.at_once(*["backspace"] * 2, "enter")
        await running.until(lambda: isinstance(running.app.screen, TriplesScreen))


async def test_the_arrows_in_the_palette_go_through_what_was_typed(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        running.at_once("ctrl+p", *"job", "down", "down", "up", "enter")
        await running.until(lambda: isinstance(running.app.screen, NewJobForm))
        running.at_once("escape", "ctrl+p", "down", "pagedown", *"triples", "enter")
        await running.until(lambda: isinstance(running.app.screen, TriplesScreen))


async def test_esc_in_a_form_is_heard_before_the_keys_behind_it(tmp_path: Path) -> None:
    """The end of `again`, typed for the palette, once opened a form that Enter started."""
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        running.at_once("n", "escape", "ctrl+p", *"begin")
        await running.until(lambda: isinstance(running.app.screen, PaletteDialog))
        running.at_once("escape", "n", "escape", "enter")
        await running.until(lambda: isinstance(running.app.screen, JobScreen))
        await running.press("escape")
        await running.until(running.at_main)
        running.at_once("n", "escape", "ctrl+p", *"again", "enter")
        await running.until(lambda: running.screen().count("New job") == 1)
        running.at_once("escape", "enter")
        await running.until(lambda: isinstance(running.app.screen, JobScreen))
        assert not started(running)


@pytest.mark.parametrize("keys", [("enter", "escape"), ("escape", "enter")])
async def test_enter_and_esc_in_a_form_are_heard_in_their_order(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        # The help opens behind both.
        running.at_once("n", *keys, "question_mark")
        await running.until(lambda: isinstance(running.app.screen, PageScreen))
        await running.until(lambda: len(started(running)) == (keys[0] == "enter"))


async def test_a_login_is_given_up_by_an_esc_before_enter(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:
        await running.press("1", *["down"] * 4, "L")
        form = running.app.screen
        assert isinstance(form, LoginForm)
        logins = running.app.logins
        running.at_once("x", "escape", "enter")
        await running.until(lambda: not isinstance(running.app.screen, LoginForm))
        assert not logins.by_pi()
