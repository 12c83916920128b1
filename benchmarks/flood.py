"""`python -m benchmarks.flood LINES RESULTS`: the console on an engine that floods its log.

The engine exists for measurement only: four nodes, one job of eight units, and LINES log lines
a second, every tenth a progress record to be decoded, the rest plain text.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from solver.records import ProgressRecord, encode
from swarm.engine import JobState, JobView, LogLine, NodeView, TaskState, TaskView
from swarm.job import MIB, JobSpec
from swarm.store import Store
from tui.console import FRAMES

JOB = "mols10-bench"
UNITS = 8
BURSTS = 50
"""Bursts a second in which the lines come."""


class Flood:
    """An engine with one endless job."""

    name = "swarm"
    place = "benchmark"

    def __init__(self, lines: int) -> None:
        self.lines = lines
        self.started = time.time()

    async def nodes(self) -> tuple[NodeView, ...]:
        """Four nodes whose load changes."""
        load = (time.time() % 10) / 10
        return tuple(
            NodeView(
                id=f"node{i}",
                name=f"pi{i}",
                address=f"10.0.0.{i}",
                role="worker" if i else "manager",
                availability="active",
                state="ready",
                platform="linux/arm64",
                cpus=4,
                memory=1024 * MIB,
                cpu_used=load,
                memory_used=int(load * 1024) * MIB,
            )
            for i in range(4)
        )

    async def jobs(self) -> tuple[JobView, ...]:
        """The job, half of its units running."""
        tasks = tuple(
            TaskView(f"task{i}", i, f"pi{i % 4}", TaskState.RUNNING, started=self.started)
            for i in range(UNITS)
        )
        spec = JobSpec(count=1_000_000, replicas=UNITS)
        return (JobView(JOB, spec, JobState.RUNNING, self.started, 0, tasks),)

    async def tend(self) -> None:
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
        while True:
            for _ in range(self.lines // BURSTS):
                number += 1
                unit = number % UNITS
                text = f"line {number} of a worker that talks too much, unit {unit}"
                if number % 10 == 0:
                    text = encode(ProgressRecord(unit, number, number * 826, 0, 1.0))
                yield LogLine(job, unit, f"task{unit}", f"pi{unit % 4}", "", text)
            due += 1 / BURSTS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        """One line: nothing is ever missing."""
        yield LogLine(job, unit, f"task{unit}", "", "", "nothing is missing")

    async def rerun(self, job: str, unit: int) -> None:
        """Nothing to run again."""

    async def close(self) -> None:
        """Nothing to let go of."""


def main(lines: int, results: Path) -> None:
    """Open the console as `squarm` does, but on this engine."""
    os.environ.setdefault("TEXTUAL_FPS", FRAMES)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    # Textual reads its environment when first imported.
    from tui.console.app import ConsoleApp

    async def engine() -> Flood:
        return Flood(lines)

    ConsoleApp(engine, lambda: Store.open(results)).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
