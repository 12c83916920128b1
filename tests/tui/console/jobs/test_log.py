"""The log: what is shown of it, how, and where it goes."""

import re
from pathlib import Path

from results.reports import LogBatch
from tests.tui.console.running import console
from tests.tui.console.scripted.console import log_line, running_row, swarm_snapshot

LINES = (
    *(log_line(number) for number in range(40)),
    log_line(40, '{"type":"done","unit":1,"count":3,"digest":"0123456789abcdef"}'),
    log_line(41, "Killed", stderr=True),
    log_line(42, '{"type":"squ'),
    *(log_line(number) for number in range(43, 60)),
)


async def test_a_search_goes_from_match_to_match_around_the_ends_and_holds_the_log(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, (100, 30), swarm_snapshot(running_row()), LogBatch(LINES)) as it:
        await it.press("4", "F")
        await it.type("/ 1[0-9] tried")
        await it.press("enter")
        log = it.app.main.log_pane

        def tried() -> int:
            assert log.chosen
            return int(re.findall('"tried":([0-9]+)', log.chosen.text)[0])

        assert tried() == 19
        await it.press("comma", "comma")
        assert tried() == 17
        await it.press("full_stop", "full_stop", "full_stop")
        assert tried() == 10
        await it.put(LogBatch((log_line(61),)))
        assert tried() == 10
        assert "+1 lines" in it.screen()
        # What was sought stands out, here and on the other lines that are shown.
        lit = [line for line in log._drawn if any(s.style and s.style.bold for s in line)]
        assert len(lit) >= 8
        await it.press("escape")
        assert not log.sought
        await it.press("full_stop")
        assert "Nothing is found" in it.toasts[-1]
        await it.press("F")
        await it.type("nowhere")
        await it.press("enter")
        assert "No line has 'nowhere'." in it.toasts[-1]
        assert tried() == 10


async def test_levels_time_and_folding_and_a_file_with_what_is_shown(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 30), swarm_snapshot(running_row()), LogBatch(LINES)) as it:
        log = it.app.main.log_pane
        await it.press("4", "v")
        assert [line.text[:14] for _, line in log.view.shown] == [
            '{"type":"done"',
            "Killed",
            '{"type":"squ',
        ]
        assert "11:50:41" in it.text()
        await it.press("t")
        assert "11:50:41" not in it.text()
        await it.press("e", "ctrl+u")
        await it.type(f"export {tmp_path / 'log.txt'}")
        await it.press("enter")
        await it.until(lambda: "Written to" in it.toasts[-1])
        assert (tmp_path / "log.txt").read_text("utf-8").splitlines()[1:] == [
            "pi-03 mols10-3fa2c1 u1 ! Killed",
            'pi-01 mols10-3fa2c1 u2 {"type":"squ',
        ]
        await it.press("v")
        assert log.count() == 2
        await it.press("v", "J", "w")
        # Every character of the last line is there, in as many lines as it takes.
        await it.press("G")
        shown = [line for line in it.text().splitlines() if line.startswith("▌")]
        assert len(shown) > 1
        assert log.chosen
        assert "".join(line[1:] for line in shown).rstrip().endswith(log.chosen.text)
        # Many more than are kept: the lines of the screen are counted as they go.
        await it.press("k")
        at = log.chosen
        await it.put(LogBatch(tuple(log_line(number) for number in range(100, 3_050))))
        assert log.chosen is at
        counted = log.line_count()
        await it.press("w", "w")
        assert log.line_count() == counted > log.count()


async def test_what_came_is_cleared_away_and_a_line_is_drawn_below_it(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 30), swarm_snapshot(running_row()), LogBatch(LINES)) as it:
        log = it.app.main.log_pane
        await it.press("4", "m")
        await it.put(LogBatch((log_line(61),)))
        drawn, newest = it.text().rstrip().splitlines()[-2:]
        assert re.search(r"─── \d\d:\d\d:\d\d ───", drawn)
        assert "61 tried" in newest
        # It is nobody's: there is nothing to mark or copy in it.
        await it.press("k", "y")
        assert "There is nothing to copy here." in it.toasts[-1]
        # No search stops at it, whatever the time is.
        await it.press("F")
        await it.type("─")
        await it.press("enter")
        assert "No line has '─'." in it.toasts[-1]
        await it.press("escape")
        # A filter leaves it; a file with the records has none.
        await it.press("slash", "6", "1", "space", "t", "r", "i", "e", "d", "enter")
        assert log.count() == 2
        assert "1 match" in it.screen()
        await it.press("e", "ctrl+u")
        await it.type(f"export {tmp_path / 'log.jsonl'}")
        await it.press("enter")
        await it.until(lambda: "Written to" in it.toasts[-1])
        assert (tmp_path / "log.jsonl").read_text("utf-8") == f"{log_line(61).text}\n"
        await it.press("escape", "space", "C")
        assert log.count() == 0
        assert "marked" not in it.screen()
        assert "Esc shows all again" in it.text()
        await it.put(LogBatch((log_line(62),)))
        assert "62 tried" in it.text()
        assert log.count() == 1
        await it.press("escape")
        assert log.count() == len(LINES) + 3


async def test_lines_that_are_marked_are_copied_together_and_a_pane_may_fill_the_screen(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, (160, 48), swarm_snapshot(running_row()), LogBatch(LINES)) as it:
        log, jobs = it.app.main.log_pane, it.app.main.jobs
        await it.press("4", "g", "space", "j", "space", "y")
        assert it.app._clipboard == f"{LINES[0].text}\n{LINES[2].text}"
        assert it.text().count("✚") == 2
        await it.press("slash", "K", "i", "l", "l", "e", "d", "enter", "y")
        assert it.app._clipboard == "Killed"
        height = log.size.height
        await it.press("z")
        assert log.size.height > height
        assert not jobs.display
        await it.press("z")
        assert jobs.display
