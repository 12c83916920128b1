"""Quitting: nothing ends with the console that it has not asked about."""

import asyncio
from pathlib import Path

from results.reports import Snapshot
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import running_row, swarm_snapshot
from tui.console.screens.dialogs.confirm import Confirm

OURS = "mols10-3fa2c1"
OTHERS = "mols10-0c41aa"


def local_snapshot(*jobs: str) -> Snapshot:
    return swarm_snapshot(*map(running_row, jobs), engine="local", place="pc")


async def asked(running: RunningConsole, *words: str) -> None:
    await running.until(lambda: isinstance(running.app.screen, Confirm))
    assert all(word in running.screen() for word in words), running.screen()


async def test_quitting_leaves_a_swarms_jobs_alone(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("q")
        assert "go on without the console" in running.app.farewell
        assert not running.engine.asked


async def test_quitting_asks_about_local_jobs(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), local_snapshot(OURS), engine="local") as running:
        running.engine.own_jobs = (OURS,)
        await running.press("q")
        await asked(running, "Stop the job running on this machine?", OURS)
        await running.press("enter")
        assert running.at_main()
        assert not running.engine.asked
        await running.press("q", "right", "enter")
        await running.until(lambda: running.engine.closed)
        assert running.app.farewell == "1 job stopped; r resumes in the console."


async def test_quitting_asks_about_a_local_job_that_is_not_listed_yet(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), local_snapshot(), engine="local") as running:
        await running.press("n", "enter")
        await running.until(lambda: bool(running.engine.own_jobs))
        await running.press("q")
        await asked(running, "Stop the job running on this machine?", "mols10-new")


async def test_a_job_of_another_process_does_not_stop_and_is_not_asked_about(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, (80, 24), local_snapshot(OTHERS), engine="local") as running:
        await running.press("q")
        # Nor said to go on: it may be one of ours that has ended since it was listed.
        assert running.app._exit
        assert running.app.farewell == ""
    async with console(tmp_path, (80, 24), local_snapshot(OURS, OTHERS), engine="local") as running:
        running.engine.own_jobs = (OURS,)
        await running.press("q")
        await asked(running, f"{OURS}. What was found stays")
        await running.press("right", "enter")
        await running.until(lambda: running.engine.closed)
        assert running.app.farewell == "1 job stopped; r resumes in the console."


async def test_a_job_that_waits_for_the_engine_is_asked_about_and_again_once_it_runs(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, (80, 24), local_snapshot(), engine="local") as running:
        connected = asyncio.Event()
        running.app.session._connected = connected
        running.at_once("n", "enter", "q")
        await asked(running, "Quit in the middle of it?", "a job of order 10")
        connected.set()
        await running.until(lambda: bool(running.engine.own_jobs))
        await running.press("right", "enter")
        await asked(running, "Stop the job running on this machine?", "mols10-new")
        assert not running.engine.closed


async def test_quitting_at_once_after_a_job_was_asked_for(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), local_snapshot(), engine="local") as running:
        running.at_once("n", "enter", "q")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        assert not running.engine.closed
