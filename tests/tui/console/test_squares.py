"""The gallery of squares: what is kept is what is shown, whoever kept it."""

from dataclasses import replace
from pathlib import Path

from results.reports import FoundBatch
from results.store import Store
from solver.question import Question
from solver.records import SquareRecord, TripleRecord, encode
from swarm.job import JobSpec
from tests.swarm.samples import squares, unit_records
from tests.tui.console.running import console
from tests.tui.console.scripted import log_line, pair, result, running_row, swarm_snapshot
from tui.console.panes.squares import SquaresPane
from tui.console.render.log_lines import log_spans
from tui.console.render.theme import BAD
from tui.console.screens.page import SquareScreen

RECORDS = squares(JobSpec(Question(10), count=40, seed=1), 5)
JOB = "mols10-3fa2c1"
TRIPLE = next(
    record
    for record in unit_records(JobSpec(Question(triple=True), count=1, replicas=1, seed=2), 0)
    if isinstance(record, TripleRecord)
)


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
            await running.press("g")
            assert gallery.chosen.id == 300
            assert gallery.place() == "1 of 300"


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
