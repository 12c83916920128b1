"""The console on a scripted engine: what is seen, and how one moves about in it."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import RenderableType
from textual.screen import Screen
from textual.widgets import Button, Static

from results.reports import FoundBatch, LogBatch, Snapshot
from tests.tui.console.running import HOSTILE, RunningConsole, console
from tests.tui.console.scripted.console import (
    NOW,
    busy_events,
    log_line,
    node,
    running_row,
    scripted_app,
    swarm_snapshot,
)
from tui.console.input.job_form import Place, defaults
from tui.console.input.prompt import Prompt
from tui.console.panes.log import LogPane
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.dialogs.new_job_form import NewJobForm
from tui.console.screens.dialogs.too_small import TooSmall
from tui.console.screens.job import JobScreen
from tui.console.screens.main import MainScreen
from tui.console.screens.page import PageScreen
from tui.console.screens.square import SquareScreen


async def test_the_first_paint_says_that_it_is_connecting(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, solver_note="interpreted, install gcc")
    async with app.run_test() as pilot:
        await pilot.pause()
        shown = RunningConsole(app, pilot)
        assert "connecting…" in shown.screen()
        assert "▲ solver: interpreted, install gcc" in shown.screen()


async def test_the_header_states_the_facts(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48)) as running:
        head = running.screen().splitlines()[0]
        for fact in ("swarm pi-master", "3/4 nodes up", "● 1 running", "1,284 kept", "37/min"):
            assert fact in head
        assert "solver compiled" in head
        assert "cpu" in head


async def test_stale_and_troubled_snapshots_say_so(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        assert "old" not in running.screen().splitlines()[0]
        await running.put(swarm_snapshot(taken=NOW - 90, problem="The daemon is gone."))
        assert "◷ 1m old" in running.screen().splitlines()[0]
        assert "▲ The daemon is gone." in running.screen()
        await running.put(swarm_snapshot())
        assert "The daemon is gone." not in running.screen()


async def test_an_empty_list_says_what_to_do_next(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), swarm_snapshot()) as running:
        assert "No jobs yet: press n" in running.text()
        assert "No squares yet" in running.screen()


async def test_a_jobs_reason_is_readable_and_gaps_are_shown(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        shown = " ".join(running.text().split())
        assert "No node has 2G of free memory: ask for less memory" in shown
        assert "▲ 1 unit's log is incomplete" in shown


async def test_a_filter_is_live_and_escape_clears_it(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("slash")
        await running.type("pend")
        assert running.app.main.jobs.count() == 1
        await running.press("enter")
        assert running.app.focused is running.app.main.jobs
        assert "1 match" in str(running.app.main.jobs.border_subtitle)
        await running.press("escape")
        assert running.app.main.jobs.count() == 6


async def test_the_key_after_a_filter_is_for_the_list(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("slash")
        running.at_once("p", "e", "n", "d", "enter", "enter")
        await running.until(lambda: isinstance(running.app.screen, JobScreen))
        assert running.app.main.jobs.needle == "pend"
        shown = running.app.screen
        assert isinstance(shown, JobScreen)
        # The list was filtered when the second Enter chose from it.
        assert [row.job.id for row in running.app.main.jobs.rows] == [shown.job]
        await running.press("escape", "slash")
        running.at_once("p", "a", "u", "escape", "4")
        await running.until(lambda: running.app.main.chosen.name == "log")
        assert running.app.main.jobs.needle == ""


async def test_a_command_typed_at_once_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("colon")
        running.at_once(*"nosuch", "enter")
        reason = running.app.main.query_one("#candidates", Static)
        await running.until(lambda: "no command 'nosuch'" in str(reason.content))
        await running.pilot.pause(0.3)
        assert "no command 'nosuch'" in str(reason.content)


@pytest.mark.parametrize(
    ("keys", "reads"),
    [
        ([*"new 9", "ctrl+u", *"quit"], "quit"),
        ([*"nexv", "backspace", "backspace", *"w 8"], "new 8"),
        (["b", "home", "a", "end", "c", "left", "delete", "d"], "abd"),
        (["up", *"8"], "new 98"),
        ([*"can", "tab", "tab", "x"], "cancel mols10-3fa2c1x"),
        ([*"re", "tab", "tab", "shift+tab", "x"], "rebootx"),
        ([*"re", "shift+tab", "x"], "resumex"),
    ],
    ids="".join,
)
async def test_the_prompt_answers_each_key_in_its_turn(
    tmp_path: Path, keys: list[str], reads: str
) -> None:
    async with console(tmp_path) as running:
        await running.press("colon")
        await running.type("new 9")
        await running.press("enter")
        await running.press("colon")
        running.at_once(*keys)
        prompt = running.app.main.query_one(Prompt)
        await running.until(lambda: prompt.text == reads)
        await running.pilot.pause(0.1)
        assert prompt.text == reads


async def test_an_answer_counts_before_what_is_typed_right_behind_it(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("slash")
        await running.type("3fa2c1")
        await running.press("enter", "x")
        assert isinstance(running.app.screen, Confirm)
        running.at_once("right", "enter", "escape")
        await running.until(lambda: bool(running.engine.asked))
        assert running.engine.asked == [("cancel", "mols10-3fa2c1")]
        # Esc came to the screen behind the question, and ended its filter.
        await running.until(lambda: running.app.main.pane("jobs").needle == "")
        await running.press("n")
        running.at_once("enter", "escape")
        await running.until(lambda: len(running.engine.asked) > 1)
        assert running.engine.asked[1][0] == "submit"


async def test_no_answer_is_cut_in_a_narrow_terminal(tmp_path: Path) -> None:
    """Of "Cancel the job" 40 columns showed "Cancel", as elsewhere the safe answer is called."""
    async with console(tmp_path, (40, 12)) as running:
        await running.press("x")
        shown = [line.strip("│ ") for line in running.screen().splitlines()]
        assert shown.index("Keep running") + 1 == shown.index("Cancel the job")
        await running.press("down", "up", "enter")
        assert not running.engine.asked
        await running.pilot.resize_terminal(80, 24)
        await running.press("x")
        assert "Keep running        Cancel the job" in running.screen()
        await running.press("right", "enter")
        await running.until(lambda: bool(running.engine.asked))


async def test_a_question_takes_one_answer_however_fast_keys_come(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("x")
        question = running.app.screen
        assert isinstance(question, Confirm)
        # Enter on a button is a message on its way when Esc is handled at once.
        question.query_one("#yes", Button).press()
        question.action_answer(yes=False)
        await running.until(running.at_main)
        await running.press("question_mark", "escape")
        assert running.app.failure == ""
        assert running.engine.asked == []


async def test_a_filter_that_looks_like_markup_is_only_text(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("slash")
        await running.press("[", "/", "b", "]", "enter")
        assert "No job matches" in running.text()


async def test_help_shows_every_action_and_can_be_filtered(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 80)) as running:
        await running.press("question_mark")
        assert isinstance(running.app.screen, PageScreen)
        assert "Run what an interrupted job has left." in running.text()
        await running.press("slash")
        await running.type("clipboard")
        assert "No line matches" in running.text()
        await running.press("escape", "escape")
        assert running.at_main()


async def test_opening_a_job_shows_units_squares_and_log(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48)) as running:
        await running.press("enter")
        board = running.app.screen
        assert isinstance(board, JobScreen)
        shown = running.screen()
        for text in ("17 of 40 squares", "seed 42", "▲ gap", "○ waiting", "5/16"):
            assert text in shown
        await running.press("d")
        assert "replicas" in running.text()
        await running.press("escape", "l")
        assert board.chosen is board.log_pane
        await running.press("escape")
        assert running.at_main()


async def test_the_log_is_in_words_and_j_shows_the_records(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48)) as running:
        await running.put(LogBatch((log_line(7), log_line(8, '{"type":"done","unit":0}'))))
        await running.press("4")
        assert "7 tried, 2 found in 2 s" in running.text()
        assert '"tried":7' not in running.text()
        # What is no whole record is shown as it is.
        assert '{"type":"done","unit":0}' in running.text()
        await running.press("slash")
        await running.type("found in")
        await running.press("enter")
        assert '"done"' not in running.text()
        await running.press("J")
        assert '"tried":7' in running.text()


async def test_an_ended_jobs_log_is_read_when_it_is_opened(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        running.engine.lines = [log_line(number, job="mols10-b6d3f0") for number in range(200)]
        await running.press("G", "k", "l")
        board = running.app.front
        assert isinstance(board, JobScreen)
        await running.until(lambda: board.log_pane.count() == 200)


async def test_the_gallery_holds_still_while_it_is_browsed(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        gallery = running.app.main.squares
        await running.press("3", "right", "down")
        chosen = gallery.chosen
        assert chosen is not None
        await running.put(FoundBatch((replace(chosen, id=2000),)))
        assert gallery.chosen == chosen
        assert "+1 new" in str(gallery.border_subtitle)
        await running.press("g")
        assert gallery.shown[gallery.cursor].id == 2000


async def test_a_square_opens_large_and_can_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path) as running:
        await running.press("3", "enter")
        board = running.app.screen
        assert isinstance(board, SquareScreen)
        newest = board.result.id
        await running.press("right")
        assert board.result.id == newest - 1
        copied: list[str] = []
        monkeypatch.setattr(running.app, "copy_to_clipboard", copied.append)
        await running.press("y")
        assert len(copied[0].splitlines()) == 10
        assert "✓ Copied square" in running.toasts[-1]


async def test_the_log_follows_until_it_is_held(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        log = running.app.main.log_pane
        await running.press("4")
        assert running.following()
        await running.press("k", "k")
        held = log.chosen
        await running.put(LogBatch(tuple(log_line(n) for n in range(5000, 5100))))
        assert log.chosen is held
        assert "+100 lines" in str(log.border_subtitle)
        await running.press("G")
        assert running.following()
        assert "following" in str(log.border_subtitle)
        await running.press("f")
        assert not running.following()
        await running.press("k", "enter")
        assert isinstance(running.app.screen, PageScreen)


async def test_a_flood_of_lines_is_bounded(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        for start in range(0, 20_000, 5_000):
            await running.put(LogBatch(tuple(log_line(n) for n in range(start, start + 5_000))))
        assert running.app.main.log_pane.count() == len(running.app.model.ring.lines) == 3_000


async def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    row = running_row()
    view = replace(row.job, id=f"mols10-{HOSTILE}", why=HOSTILE)
    snapshot = replace(
        swarm_snapshot(replace(row, job=view, verdict=HOSTILE), problem=HOSTILE),
        nodes=(node(HOSTILE), node("b", role=HOSTILE, address=HOSTILE)),
        place=HOSTILE,
    )
    lines = LogBatch((log_line(1, HOSTILE, node=HOSTILE, job=HOSTILE),))
    async with console(tmp_path, (160, 48), snapshot, lines) as running:
        for key in ("1", "d", "escape", "2", "enter", "escape", "d", "escape", "4", "enter"):
            await running.press(key)
            shown = running.screen()
            assert not any(char in shown for char in "\x1b\x07\u202e")
        await running.press("escape")
        assert "[/red] [bold]x[/]" in running.screen()


async def test_a_tiny_terminal_says_so_and_recovers(tmp_path: Path) -> None:
    async with console(tmp_path, (20, 5)) as running:
        await running.until(lambda: isinstance(running.app.screen, TooSmall))
        assert "needs at least 40x12" in " ".join(running.screen().split())
        await running.pilot.resize_terminal(80, 24)
        await running.until(running.at_main)
        assert "mols10-3fa2c1" in running.screen()
        await running.press("n")
        await running.pilot.resize_terminal(30, 8)
        await running.until(lambda: isinstance(running.app.screen, TooSmall))
        with running.app.changes.expected("A rollout"):
            await running.press("q")
        assert "q would stop what is under way" in " ".join(running.screen().split())
        await running.pilot.resize_terminal(80, 24)
        await running.until(lambda: isinstance(running.app.screen, NewJobForm))


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (100, 30), (200, 50)])
async def test_every_pane_and_screen_draws_at_every_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with console(tmp_path, size) as running:
        for key in ("1", "2", "3", "4", "tab", "shift+tab", "pagedown", "pageup", "G", "g"):
            await running.press(key)
        for keys in (("2", "enter"), ("2",), ("3",), ("enter", "left"), ("d", "G", "escape")):
            await running.press(*keys)
        await running.press("escape", "escape", "question_mark", "pagedown", "escape")
        assert "Jobs" in running.screen()


async def test_nothing_is_painted_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, (160, 48)) as running:
        await running.pause()
        painted: list[object] = []
        display = running.app._display

        def note(screen: Screen[object], renderable: RenderableType | None) -> None:
            painted.append(renderable)
            display(screen, renderable)

        monkeypatch.setattr(running.app, "_display", note)
        snapshot = running.app.model.snapshot
        assert isinstance(snapshot, Snapshot)
        for _ in range(3):
            await running.put(replace(snapshot))
        assert not [renderable for renderable in painted if renderable is not None]


async def test_the_palette_offers_the_registry(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("ctrl+p")
        await running.type("interrupted")
        await running.until(lambda: "resume" in running.screen())


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_palette_of_all_actions_leaves_the_screen_around_it_as_it_is(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with console(tmp_path, size) as running:
        before = running.screen().splitlines()
        await running.press("ctrl+p")
        await running.until(lambda: "Start a search." in running.screen())
        shown = running.screen().splitlines()
        assert (shown[0], shown[-1]) == (before[0], before[-1])
        assert shown[-2][-1] == before[-2][-1]
        box = running.app.screen.query_one("#found").region
        assert shown[box.bottom - 1][box.x] == "╰"


async def test_a_pane_clicked_has_the_keys(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48)) as running:
        log = running.app.main.log_pane
        assert isinstance(log, LogPane)
        await running.pilot.click(log, offset=(10, 3))
        await running.pause()
        assert running.app.main.chosen is log
        assert not running.following()


async def test_a_tick_before_the_screen_has_its_widgets_loses_nothing(tmp_path: Path) -> None:
    """As on a slow machine: the screen is in front, and not yet composed."""
    async with console(tmp_path) as running:
        screen = MainScreen(running.app.model.ring, running.app.model.choice)
        mounting = running.app.push_screen(screen)
        for event in busy_events():
            running.app.inbox.put(event)
        running.app.deliver()
        await mounting
        running.app.deliver()
        await running.pause()
        assert "mols" in running.screen()


async def test_a_screen_that_opens_while_the_console_leaves_ends_nothing(tmp_path: Path) -> None:
    app = scripted_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.exit()
        # As what a slow key was about to show.
        app.push_screen(NewJobForm(defaults(()), Place("here")))
    assert app.return_code == 0
    assert not app.failure


async def test_the_cursor_is_seen_in_the_pane_that_the_keys_go_to(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48)) as running:
        main = running.app.main
        await running.press("4")
        assert "▌" in running.text(main.log_pane)
        await running.press("2")
        assert "▌" not in running.text(main.log_pane)
        assert "▌" in running.text(main.jobs)
