"""The gallery of squares: what is kept is what is shown, whoever kept it."""

from dataclasses import replace
from pathlib import Path

from results.reports import FoundBatch
from results.store import Store
from solver.question import Question
from swarm.job import JobSpec
from tests.swarm.samples import squares
from tests.tui.console.running import console
from tests.tui.console.scripted import running_row, swarm_snapshot

RECORDS = squares(JobSpec(Question(10), count=40, seed=1), 5)
JOB = "mols10-3fa2c1"


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
