"""The console on the real local engine: a key is pressed, and verified squares appear."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from results.reports import JobRow
from results.store import Store
from solver.question import Question
from swarm.engine import Engine, JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.tui.console.running import console
from tests.tui.console.scripted.console import swarm_snapshot
from tui.console.app import ConsoleApp
from tui.console.render.job_page import job_page
from tui.console.render.jobs import job_notes


@pytest.mark.slow
async def test_a_job_by_keys_fills_the_gallery(tmp_path: Path) -> None:
    async def local() -> Engine:
        return LocalEngine(tmp_path, workers=1)

    # Order 7 has instant squares even where the solver is not compiled.
    app = ConsoleApp(local, lambda: Store.open(tmp_path / "results.sqlite"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "ctrl+u", "5", "tab", "ctrl+u", "3", "enter")
        for _ in range(600):
            await asyncio.sleep(0.05)
            await pilot.pause()
            if app.main.squares.count() and app.model.jobs and app.model.jobs[0].found:
                break
        assert app.main.squares.count() > 0
        assert app.model.jobs[0].job.spec.order == 5
        assert app.main.log_pane.count() > 0
        first = app.main.squares.shown[0]
        assert first.order == 5
    with Store.open(tmp_path / "results.sqlite") as store:
        assert store.kept() > 0


async def test_on_one_machine_nothing_is_offered_that_takes_a_swarm(tmp_path: Path) -> None:
    async with console(
        tmp_path, (200, 50), swarm_snapshot(engine="local"), engine="local"
    ) as running:
        await running.press("1")
        footer = running.screen().splitlines()[-1]
        assert "filter" in footer
        for offered in ("drain", "promote", "upgrade", "reboot", "leave swarm"):
            assert offered not in footer


async def test_an_interrupted_job_is_one_line_and_its_page_says_what_r_does(tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path, workers=1)
    job = await engine.submit(JobSpec(Question(10), count=100_000))
    await engine.close()
    later = LocalEngine(tmp_path, workers=1)
    (view,) = await later.jobs()
    await later.close()
    assert (view.id, view.state, view.why) == (job, JobState.INTERRUPTED, "")
    row = JobRow(view, 0, 0.0, ())
    assert job_notes(row) == []
    assert any("r goes on with it" in text for line in job_page(row) for text, _ in line)


def test_what_reaches_machines_is_not_loaded_where_there_are_none(tmp_path: Path) -> None:
    # In a process of its own: in this one other tests have loaded it.
    watching = """
import asyncio, sys
from pathlib import Path
from tests.tui.console.scripted.console import ScriptedEngine, busy_events, scripted_app

async def main():
    app = scripted_app(Path(sys.argv[1]), ScriptedEngine("local", "pc"), interface="none")
    async with app.run_test() as pilot:
        while any(worker.group == "begin" for worker in app.workers):
            await pilot.pause(0.05)
        await pilot.press("question_mark", "escape", "n", "escape")
    print(*sys.modules)

asyncio.run(main())
"""
    loaded = subprocess.run(
        [sys.executable, "-c", watching, str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[4],
        stdout=subprocess.PIPE,
    ).stdout.split()
    assert b"tui.console.handlers" in loaded
    assert not {b"asyncssh", b"docker", b"yaml"} & set(loaded)
