"""Draws the README's picture of the screen from the program itself, at work on a real job.

`python -m tui.console.picture docs/console.svg`
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from textual.pilot import Pilot

from solver import HOW_TO_COMPILE, compiled
from swarm.engine import Engine, JobState
from swarm.job import JobSpec
from swarm.local_engine import LocalEngine
from swarm.store import Store
from tui.console.app import ConsoleApp

SIZE = (132, 46)
PATIENCE = 120.0
LONG_ENOUGH = 6.0
"""Seconds, as PATIENCE, for a job to show what it can do."""


async def draw(path: Path) -> None:
    """Run jobs until there is something to see, then save the screen."""
    with tempfile.TemporaryDirectory() as folder:

        async def open_engine() -> Engine:
            return LocalEngine(Path(folder))

        app = ConsoleApp(
            open_engine,
            lambda: Store.open(Path(folder) / "results.sqlite"),
            solver_note="" if compiled() else HOW_TO_COMPILE,
        )

        async def work(pilot: Pilot[object]) -> None:
            engine = await app.connected()
            for spec in (JobSpec(order=6, count=1, seed=1), JobSpec(count=12, seed=1959)):
                await _until(pilot, app, await engine.submit(spec), JobState.COMPLETE)
            app.job_to_choose = await engine.submit(JobSpec(count=60_000))
            await _until(pilot, app, app.job_to_choose, JobState.RUNNING)
            await pilot.pause(LONG_ENOUGH)
            svg = app.export_screenshot(title="squarm")
            await asyncio.to_thread(path.write_text, svg)
            app.exit(0)

        await app.run_async(headless=True, size=SIZE, auto_pilot=work)


async def _until(pilot: Pilot[object], app: ConsoleApp, job: str, state: JobState) -> None:
    async with asyncio.timeout(PATIENCE):
        while (row := app.model.job(job)) is None or row.job.state is not state:
            await pilot.pause(0.1)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
