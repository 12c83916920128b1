"""The gallery of squares: what is kept is what is shown, whoever kept it."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from base.errors import StoreError
from results.reports import FoundBatch
from results.result import Result
from results.selection import Selection
from results.store import Store
from solver.question import Question
from solver.records import SquareRecord, encode
from swarm.job import JobSpec
from tests.swarm.samples import squares
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import (
    log_line,
    pair,
    result,
    running_row,
    small_pair,
    swarm_snapshot,
)
from tests.tui.console.scripted.results import a_triple, some_records
from tui.console.panes.squares.compare import Side, facts
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.render.log_lines import log_spans
from tui.console.render.theme import BAD
from tui.console.screens.gallery import GalleryScreen
from tui.console.screens.square import SquareScreen

RECORDS = some_records()
JOB = "mols10-3fa2c1"
TRIPLE = a_triple()


async def test_squares_that_another_process_keeps_leave_no_hole(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), swarm_snapshot(running_row(), kept=0)) as running:
        gallery = running.app.main.squares
        with Store.open(tmp_path / "results.sqlite") as other:
            kept = other.add(JOB, [("pi-02", record) for record in RECORDS]).kept
        # This console collected the second and the last of them itself.
        await running.put(FoundBatch((kept[1], kept[4])), swarm_snapshot(running_row(), kept=5))
        await running.until(lambda: gallery.count() == 5)
        assert [result.id for result in gallery.shown] == [5, 4, 3, 2, 1]
        await running.press("3", "right")
        assert gallery.place() == "2 of 5"


async def test_a_job_s_own_gallery_has_them_too(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), swarm_snapshot(running_row(), kept=0)) as running:
        with Store.open(tmp_path / "results.sqlite") as other:
            other.add("another", [("pi-03", RECORDS[0])])
            other.add(JOB, [("pi-02", record) for record in RECORDS[1:4]])
            await running.press("2", "enter")
            await running.put(swarm_snapshot(replace(running_row(), found=3), kept=4))
            gallery = running.app.front.pane("squares")
            await running.until(lambda: gallery.count() == 3)
            other.add(JOB, [("pi-02", RECORDS[4])])
        await running.put(swarm_snapshot(replace(running_row(), found=4), kept=5))
        await running.until(lambda: gallery.count() == 4)


async def test_g_goes_to_the_oldest_of_all_that_are_kept_and_back(tmp_path: Path) -> None:
    records = [SquareRecord(0, number, 10, pair(number), "search", 0, 0) for number in range(300)]
    with Store.open(tmp_path / "results.sqlite") as store:
        store.add(JOB, [("pi-02", record) for record in records])
        store.add("another", [("pi-02", TRIPLE)])
    for keys in (("3",), ("2", "enter", "2")):
        snapshot = swarm_snapshot(replace(running_row(), found=300), kept=300)
        async with console(tmp_path, (160, 48), snapshot) as running:
            await running.press(*keys)
            gallery = running.app.front.chosen
            assert isinstance(gallery, SquaresPane)
            await running.until(lambda: gallery.count() >= 120)  # noqa: B023 - called at once
            await running.press("G")
            await running.until(lambda: gallery.place() == "300 of 300")  # noqa: B023 - as above
            assert gallery.chosen
            assert gallery.chosen.id == 1
            # Paging back makes nothing new.
            await running.pause()
            assert "300 of 300" in running.screen()
            assert "g shows" not in running.screen()
            await running.press("g")
            assert gallery.chosen.id == 300
            assert gallery.place() == "1 of 300"


async def test_a_gallery_reads_once_at_a_time_and_outlives_a_store_that_fails(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        store.add(JOB, [("pi-02", record) for record in RECORDS[:3]])
        snapshot = swarm_snapshot(running_row(), kept=3)
        async with console(tmp_path, (160, 48), snapshot) as running:
            await running.type(":squares 10")
            await running.press("enter")
            await running.until(lambda: isinstance(running.app.front, GalleryScreen))
            session, begun, answers = running.app.session, [0], asyncio.Event()
            read = session.squares

            async def slow(*words: Any) -> Sequence[Result]:  # noqa: ANN401 - as it was called
                if words[0].order != 10:
                    return await read(*words)
                begun[0] += 1
                await answers.wait()
                if begun[0] == 1:
                    raise StoreError("The results file cannot be read.")
                return await read(*words)

            session.squares = slow  # type: ignore[method-assign,assignment] # a card that is slow, then broken
            store.add(JOB, [("pi-02", RECORDS[3])])
            for kept in (4, 5, 6):
                await running.put(replace(snapshot, kept=kept))
            assert begun == [1]
            answers.set()
            await running.until(lambda: "cannot be read" in "".join(running.toasts))
            store.add(JOB, [("pi-02", RECORDS[4])])
            await running.put(replace(snapshot, kept=7))
            gallery = running.app.front.chosen
            assert isinstance(gallery, SquaresPane)
            await running.until(lambda: gallery.place() == "1 of 5")


def test_a_walk_through_more_than_is_held_passes_each_square_once() -> None:
    kept = [replace(result(1), id=number) for number in range(2_500, 0, -1)]
    pane, asked = SquaresPane(), list[SquaresPane.WantsPage]()
    pane.post_message = asked.append  # type: ignore[method-assign,assignment] # nobody else hears it

    def answer() -> None:
        for wanted in asked[:]:
            asked.remove(wanted)
            if wanted.after is None:
                page = [each for each in kept if each.id < (wanted.before or 0)][:120]
            else:
                page = [each for each in kept if each.id > wanted.after][-120:]
            pane.take_page(page, wanted)

    def walk(step: int) -> list[int]:
        passed = [pane.chosen.id] if pane.chosen else []
        for _ in kept:
            pane.move_side(step)
            answer()
            assert pane.chosen
            passed.append(pane.chosen.id)
        return passed

    pane.show(kept[:120], len(kept))
    ids = [each.id for each in kept]
    assert walk(1) == [*ids, 1]
    assert pane.place() == "2,500 of 2,500"
    assert walk(-1) == [*ids[::-1], 2_500]
    pane.go_end()
    answer()
    assert pane.place() == "2,500 of 2,500"
    assert walk(-1) == [*ids[::-1], 2_500]


async def test_a_row_of_the_triples_opens_its_squares(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        store.add(JOB, [("pi-02", TRIPLE)])
    async with console(tmp_path, (100, 30), swarm_snapshot(running_row(), kept=1)) as running:
        await running.press("colon")
        await running.type("triples")
        await running.press("enter")
        await running.until(lambda: "published" in running.screen())
        await running.press("slash")
        await running.type("pi-02")
        await running.press("enter", "enter")
        await running.until(lambda: "Square #1" in running.screen())
        assert isinstance(running.app.screen, SquareScreen)
        await running.press("escape", "escape", "slash")
        await running.type("published")
        await running.press("enter", "enter")
        assert any("Published by" in toast for toast in running.toasts)


def test_a_find_of_the_hunt_is_no_error_in_the_log() -> None:
    spans = log_spans(log_line(1, encode(TRIPLE)))
    assert not any(style == BAD for _, style in spans)


async def test_pairs_transversals_and_intercalates_are_lit_and_two_squares_compared(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        store.add(JOB, [("pi-02", record) for record in RECORDS])
    snapshot = swarm_snapshot(running_row(), kept=5)
    async with console(tmp_path, (100, 30), snapshot) as running:
        await running.until(lambda: running.app.main.squares.count() == 5)
        await running.press("3", "enter", "t", "comma")
        assert "pair 100 of 100, J9: " in running.screen()
        assert "all once, orthogonal" in running.screen()
        assert running.text().count("[") == 1
        await running.press("t", "full_stop")
        assert re.search("transversal 2 of [0-9]+ of square 1", running.screen())
        assert len(set(re.findall(r"\[([A-J])[0-9]\]", running.text()))) == 10
        await running.press("t", "t", "t")
        assert re.search("intercalate 1 of [0-9]+ of square 1", running.screen())
        assert len(re.findall(r"\[[A-J][0-9]\]", running.text())) == 4
        await running.press("equals_sign", "right", "equals_sign")
        # The class of each is looked for behind the screen.
        await running.until(lambda: "not the same" in running.screen())
        assert "#5 beside #4" in running.screen()
        assert re.search("[0-9]+ of 100 cells differ", running.screen())
        await running.press("escape", "equals_sign", "equals_sign")
        own = "#4, square 1 and #4, square 2: 100 of 100 pairs, orthogonal"
        assert own in running.screen()
        await running.press("colon")
        await running.type(f"compare {'9' * 20}")
        await running.press("enter")
        await running.until(lambda: "by their numbers" in running.toasts[-1])
        await running.type(":")
        await running.type("compare 1 99")
        await running.press("enter")
        await running.until(lambda: "There is no square #99." in running.toasts[-1])


def test_sets_that_cannot_be_of_one_class_are_said_not_to_be() -> None:
    said = facts(Side("#1", pair(1)), Side("#2", small_pair()))
    assert "".join(text for line in said for text, _ in line).endswith("main class not the same")


async def test_what_is_shown_goes_to_a_file_and_none_is_replaced_unasked(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 30)) as running:

        async def export(path: Path) -> None:
            await running.press("e", "ctrl+u")
            await running.type(f"export {path}")
            await running.press("enter")

        async def written(path: Path) -> None:
            await running.until(lambda: f"Written to {path}." in running.toasts[-1])

        await running.press("3", "enter", "t")
        for ending, begins in (("png", b"\x89PNG"), ("svg", b"<svg "), ("txt", b"A")):
            file = tmp_path / f"square.{ending}"
            await export(file)
            await written(file)
            assert file.read_bytes().startswith(begins) or ending == "txt"
        # One cell of a hundred is lit; the others are all of one colour.
        assert (tmp_path / "square.svg").read_text().count('fill="#10141b">') == 1
        await export(tmp_path / "square.pdf")
        assert "square.pdf must end in .png, .svg, .txt." in running.toasts[-1]
        await export(Path("~nobody-of-this-name/square.txt"))
        await running.until(lambda: "There is no folder" in running.toasts[-1])
        (tmp_path / "square.txt").write_text("mine")
        await export(tmp_path / "square.txt")
        await running.until(lambda: "Replace square.txt?" in running.screen())
        await running.press("enter")
        assert (tmp_path / "square.txt").read_text() == "mine"
        await export(tmp_path / "square.txt")
        await running.until(lambda: "Replace square.txt?" in running.screen())
        await running.press("right", "enter")
        await running.until(lambda: (tmp_path / "square.txt").read_text() != "mine")


async def test_all_of_an_order_a_job_and_a_class_are_gone_through(tmp_path: Path) -> None:
    tens = [SquareRecord(0, number, 10, pair(number), "search", 0, 0) for number in range(300)]
    fours = [*squares(JobSpec(Question(4), count=1, seed=1), 1)]
    with Store.open(tmp_path / "results.sqlite") as store:
        store.add("mols4-abcdef", [("pi-03", fours[0])])
        name = store.add(JOB, [("pi-02", record) for record in tens]).kept[7].main_class
        alike = store.count(Selection(main_class=name))
    snapshot = swarm_snapshot(replace(running_row(), found=300), kept=301)
    async with console(tmp_path, (160, 48), snapshot) as running:
        assert await oldest_of(running, "4", 1) == 1
        assert await oldest_of(running, "10", 300) == 2
        assert await oldest_of(running, JOB[:8], 300) == 2
        assert await oldest_of(running, name[:9], alike)
        await running.type(":squares 9")
        await running.press("enter")
        await running.until(
            lambda: "No squares of order 9 are kept: n searches for some." in running.screen()
        )
        for words, told in (("mols", "2 jobs begin with"), ("[b]x", "Nothing is kept of '[b]x'")):
            await running.type(f":squares {words}")
            await running.press("enter")
            await running.until(lambda: any(told in toast for toast in running.toasts))  # noqa: B023 - called at once


async def oldest_of(running: RunningConsole, words: str, count: int) -> int:
    """The last in the gallery of these, of which there are so many; it is left again."""
    await running.type(f":squares {words}")
    await running.press("enter")
    await running.until(lambda: isinstance(running.app.front, GalleryScreen))
    gallery = running.app.front.pane("squares")
    assert isinstance(gallery, SquaresPane)
    await running.press("G")
    await running.until(lambda: gallery.place() == f"{count:,} of {count:,}")
    assert gallery.chosen
    await running.press("escape")
    return gallery.chosen.id
