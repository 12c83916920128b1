"""`python -m benchmarks.flood LINES PIS`: the console on a swarm that floods its log.

The swarm exists for measurement only: PIS nodes, each of them a Pi on the network too, one job
with a unit for every core, and LINES log lines a second, every tenth a progress record to be
decoded, the rest plain text.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import TYPE_CHECKING

from results.store import Store
from solver.records import ProgressRecord, encode
from swarm.engine import JobState, JobView, KeptUnits, LogLine, NodeView, TaskState, TaskView
from swarm.job import JobSpec
from tui.console import prepare

if TYPE_CHECKING:
    from fleet.snapshot import FleetSnapshot
    from tui.console.pis import WatchedFleet

JOB = "mols10-bench"
CORES = 4
BURSTS = 50
"""Bursts a second in which the lines come."""


class Flood:
    """An engine with one endless job, on so many nodes."""

    name = "swarm"
    place = "benchmark"
    own_jobs = ()

    def __init__(self, lines: int, pis: int) -> None:
        # With asyncssh behind it: the first paint does not wait for it.
        from benchmarks.simulated import node_of

        self.lines = lines
        self.started = time.time()
        self._nodes = tuple(node_of(number) for number in range(pis))
        self._tasks = tuple(
            TaskView(f"task{i}", i, self._nodes[i % pis].name, TaskState.RUNNING, "", self.started)
            for i in range(pis * CORES)
        )

    async def nodes(self) -> tuple[NodeView, ...]:
        """The nodes, whose load a swarm does not know."""
        return self._nodes

    async def jobs(self) -> tuple[JobView, ...]:
        """The job, all of its units running."""
        spec = JobSpec(count=1_000_000, replicas=len(self._tasks))
        return (JobView(JOB, spec, JobState.RUNNING, self.started, 0, self._tasks),)

    async def tend(self, kept: KeptUnits) -> None:
        """Nothing to do."""

    async def submit(self, spec: JobSpec) -> str:
        """Nothing to start."""
        return f"{JOB}-{spec.order}"

    async def cancel(self, job: str) -> None:
        """Nothing to stop."""

    async def resume(self, job: str) -> None:
        """Nothing to resume."""

    async def remove(self, job: str) -> None:
        """Nothing to remove."""

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        """LINES lines a second, in bursts as a network delivers them."""
        number = 0
        due = time.monotonic()
        # Written once: what a worker does is not to be measured here.
        whole = encode(ProgressRecord(-1, -2, -3, 0, 1.5))
        progress = whole.replace("-1", "%d").replace("-2", "%d").replace("-3", "%d")
        while True:
            for _ in range(self.lines // BURSTS):
                number += 1
                task = self._tasks[number % len(self._tasks)]
                text = f"line {number} of a worker that talks too much, unit {task.unit}"
                if number % 10 == 0:
                    text = progress % (task.unit, number, number * 826)
                yield LogLine(job, task.unit, task.id, task.node, "", text)
            due += 1 / BURSTS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        """One line: nothing is ever missing."""
        yield LogLine(job, unit, f"task{unit}", "", "", "nothing is missing")

    async def rerun(self, job: str, unit: int) -> None:
        """Nothing to run again."""

    async def close(self) -> None:
        """Nothing to let go of."""


def main(lines: int, pis: int) -> None:
    """Open the console as `squarm` does, but on this swarm."""
    prepare()
    from tui.console.app import ConsoleApp

    async def engine() -> Flood:
        # As the real one.
        await asyncio.to_thread(import_module, "swarm.docker.engine")
        return await asyncio.to_thread(Flood, lines, pis)

    async def fleet(interface: str, notify: "Callable[[FleetSnapshot], None]") -> "WatchedFleet":
        # As the real one, which weighs what asyncssh weighs.
        await asyncio.to_thread(import_module, "fleet.fleet")
        from benchmarks.simulated import SimulatedFleet

        return SimulatedFleet(pis, interface, notify)

    ConsoleApp(engine, Store.open, make_fleet=fleet, interface="lo").run()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
