"""Draws the README's picture: the console, with a swarm of Pis at work.

`python -m benchmarks.picture docs/console.svg`

The console, the watch, the store, the solver and the squares are the real ones; the Pis and their
swarm are not: the workers are processes here, each shown as a task on one of the simulated Pis.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from textual.pilot import Pilot

from benchmarks.simulated import SimulatedFleet, name_of, node_of
from fleet.snapshot import FleetSnapshot
from results.reports import JobRow
from results.store import Store
from solver.question import Question
from swarm.engine import JobState, JobView, LogLine, NodeView
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tui.console.app import ConsoleApp

SIZE = (132, 46)
PIS = 5
CORES = 4
PATIENCE = 120.0
"""Seconds."""
JOB = JobSpec(Question(transversals=900), count=2_000, replicas=PIS * CORES)
"""Rare enough that two cores do not find more than one console keeps."""
ENOUGH = 700
"""Squares of it after which the picture is taken."""


class OnPis(LocalEngine):
    """Local processes that are shown as tasks on simulated Pis, unit by unit in turn."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, workers=PIS * CORES)

    @property
    def name(self) -> str:
        """`swarm`."""
        return "swarm"

    @property
    def place(self) -> str:
        """The master's name."""
        return name_of(0)

    async def nodes(self) -> tuple[NodeView, ...]:
        """The Pis."""
        return tuple(node_of(number) for number in range(PIS))

    async def jobs(self) -> tuple[JobView, ...]:
        """The jobs, their tasks spread over the Pis."""
        return tuple(
            replace(view, tasks=tuple(replace(task, node=_node(task.unit)) for task in view.tasks))
            for view in await super().jobs()
        )

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        """The job's lines, each from its Pi."""
        async for line in super().follow(job):
            yield replace(line, node=_node(line.unit))

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        """Likewise."""
        async for line in super().reread(job, unit):
            yield replace(line, node=_node(unit))


def picture_app(folder: Path) -> ConsoleApp:
    """The console on simulated Pis, with its files in a folder."""

    async def engine() -> OnPis:
        return OnPis(folder)

    async def fleet(interface: str, notify: Callable[[FleetSnapshot], None]) -> SimulatedFleet:
        return SimulatedFleet(PIS, interface, notify)

    return ConsoleApp(
        engine,
        lambda: Store.open(folder / "results.sqlite3"),
        make_fleet=fleet,
        interface="lo",
        runs=folder / "runs",
        slack=folder / "slack.toml",
    )


async def draw(path: Path) -> None:
    """Run jobs until there is something to see, then save the screen."""
    with tempfile.TemporaryDirectory() as folder:
        app = picture_app(Path(folder))

        async def work(pilot: Pilot[object]) -> None:
            engine = await app.session.connected()
            for spec in (JobSpec(Question(6), count=1, seed=1), JobSpec(count=12, seed=1959)):
                job = await engine.submit(spec)
                await _until(pilot, app, job, lambda row: row.job.state is JobState.COMPLETE)
            job = await engine.submit(JOB)
            app.main.choose_job(job)
            await _until(pilot, app, job, lambda row: row.found >= ENOUGH)
            svg = app.export_screenshot(title="squarm")
            await asyncio.to_thread(path.write_text, svg)
            app.exit(0)

        await app.run_async(headless=True, size=SIZE, auto_pilot=work)


def _node(unit: int) -> str:
    return name_of(unit % PIS)


async def _until(
    pilot: Pilot[object], app: ConsoleApp, job: str, reached: Callable[[JobRow], bool]
) -> None:
    async with asyncio.timeout(PATIENCE):
        while (row := app.model.job(job)) is None or not reached(row):
            await pilot.pause(0.1)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
