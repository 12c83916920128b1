"""The mouse: it selects, presses the footer's keys, and can be left to the terminal."""

from pathlib import Path

from rich.segment import Segment
from textual.geometry import Offset
from textual.strip import Strip

from tests.tui.console.running import console
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.pis import some_pis
from tests.tui.console.terminal import modes_left, terminal
from tui.console.panes.selection import CellSelection
from tui.console.screens.dialogs.new_job_form import NewJobForm


async def test_what_is_dragged_over_is_copied(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48)) as running:
        jobs = running.app.main.jobs
        before = running.app.main.jobs.cursor
        await running.pilot.mouse_down(jobs, offset=(2, 2))
        await running.pilot.hover(jobs, offset=(14, 2))
        await running.pilot.mouse_up(jobs, offset=(14, 2))
        await running.until(lambda: bool(running.toasts))
        assert running.app._clipboard == "mols10-3fa2c1"
        assert running.toasts == ["✓ Copied."]
        assert jobs.cursor == before


def test_lines_between_are_copied_whole() -> None:
    strips = [Strip([Segment(text)]) for text in ("first line", "漢字 wide", "third line")]
    for start, end in (((6, 0), (4, 2)), ((4, 2), (6, 0))):
        selection = CellSelection(Offset(*start), Offset(*end))
        assert selection.text(strips) == "line\n漢字 wide\nthird"
        assert [selection.marked(s, y).text for y, s in enumerate(strips)] == [
            strip.text for strip in strips
        ]
    assert CellSelection(Offset(0, 5), Offset(3, 9)).text(strips) == ""


async def test_a_key_of_the_footer_can_be_clicked(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 30)) as running:
        footer = running.screen().splitlines()[-1]
        await running.pilot.click("#footer", offset=(footer.index("filter"), 0))
        await running.pause()
        assert running.app.main.query_one("#prompt").display
        await running.press("escape")
        await running.pilot.click("#footer", offset=(footer.index("new job"), 0))
        await running.pause()
        assert isinstance(running.app.screen, NewJobForm)


async def test_a_tab_can_be_clicked(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events()) as running:
        main = running.app.main
        for name in ("Log", "Nodes", "Squares", "Jobs"):
            tabs = next(line for line in running.screen().splitlines() if "1 Nodes" in line)
            await running.pilot.click(main.chosen, offset=(tabs.index(name), 0))
            await running.pause()
            assert main.chosen.title == name
            await running.pilot.click(main.chosen, offset=(len(tabs) - 3, 0))
            await running.pause()
            assert main.chosen.title == name


async def test_letters_of_a_cyrillic_layout_are_the_keys_they_lie_on(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 30)) as running:
        await running.press("\N{CYRILLIC SMALL LETTER O}")
        assert running.app.main.jobs.cursor == 1
        await running.press("slash", "\N{CYRILLIC SMALL LETTER O}", "й")
        assert running.app.main.jobs.needle == "\N{CYRILLIC SMALL LETTER O}й"
        await running.press("escape", "т")
        assert isinstance(running.app.screen, NewJobForm)


async def test_help_begins_with_what_keys_do_here(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 60)) as running:
        await running.press("4", "question_mark")
        text = running.text()
        assert text.index("Here") < text.index("Hold the log still") < text.index("Everywhere")
        assert text.index("Everywhere") < text.index("Make Pis nodes of the swarm")
        assert text.count("Hold the log still") == 1


def test_the_mouse_can_be_left_to_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path) as console_:
        console_.until(lambda shown: "No jobs yet" in shown)
        assert modes_left(console_.output).get(1000) is True
        console_.type(":mouse\r")
        console_.until(lambda shown: "the terminal's" in shown)
        assert 1000 not in modes_left(console_.output)
        assert 1003 not in modes_left(console_.output)
        console_.type(":mouse\r")
        console_.until(lambda shown: "squarm's again" in shown)
        assert modes_left(console_.output).get(1000) is True


async def test_a_click_on_a_column_s_title_sorts_by_it(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        main = running.app.main
        for pane, title, sort in ((main.jobs, "FOUND", "found"), (main.nodes, "TEMP", "temp")):
            at = running.text(pane).splitlines()[0].index(title)
            before = list(map(str, pane.rows))
            await running.pilot.click(pane, offset=(at + 2, 1))
            await running.pause()
            assert f"by {sort}" in str(pane.border_subtitle)
            once = list(map(str, pane.rows))
            assert sorted(once) == sorted(before)
            assert once != before
            await running.pilot.click(pane, offset=(at + 2, 1))
            await running.pause()
            assert list(map(str, pane.rows)) != once
