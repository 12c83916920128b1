"""Collects one job in a process of its own, which can be killed: python -m drill.collector.

What a screen would show comes out as JSON Lines: `at`, `found`, `state`, `wrong`, `running`, or
`new`.
"""

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from base.errors import EngineError
from fleet.docker_socket import reach
from fleet.fleet import Fleet
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.connection import Login
from results.reports import Event, FoundBatch, JobRow, Snapshot
from results.store import Store
from results.watch import Watch
from swarm.choose import choose_engine
from swarm.engine import Engine, TaskState

_AGAIN = 1.0


def main() -> None:
    """Runs until the job has ended and is collected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--interface", default="", help="watch the machines there, too")
    options = parser.parse_args()
    asyncio.run(_collect(options.job, options.results, options.interface))


async def _collect(job: str, results: Path, interface: str) -> None:
    screen = _Screen(job)
    watching = asyncio.create_task(_watch(interface, screen)) if interface else None
    engine = await _engine()
    try:
        with Store.open(results) as store:
            await Watch(engine, store, screen.tell, jobs=[job]).run()
    finally:
        await engine.close()
        if watching is not None:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _engine() -> Engine:
    """The swarm's, once it answers: it may have much to do just when one begins."""
    while True:
        with suppress(EngineError):
            return await choose_engine("swarm", reach=reach)
        await asyncio.sleep(_AGAIN)


async def _watch(interface: str, screen: "_Screen") -> None:
    """See the machines as a console does, with keys and machines of its own."""
    with tempfile.TemporaryDirectory(prefix="squarm-drill-") as folder:
        login = Login(agent=False)
        await Fleet(interface, screen.see, login=login, folder=Path(folder)).run()


class _Screen:
    """What a screen would show of a job, of the swarm's nodes and of the machines."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._row: JobRow | None = None
        self._wrong: list[str] = []
        self._lost: list[str] = []

    def tell(self, event: Event) -> None:
        """What the watch reports."""
        if isinstance(event, FoundBatch):
            print(json.dumps({"new": [result.id for result in event.results]}), flush=True)
        elif isinstance(event, Snapshot):
            self._row = next((row for row in event.jobs if row.job.id == self._job), None)
            self._wrong = _wrong(event, self._row)
            if self._row is None:
                self._wrong.append(f"the job {self._job} is gone")
            self._show()

    def see(self, snapshot: FleetSnapshot) -> None:
        """What the fleet reports."""
        wrong = ((f"{pi.name or pi.id} ({pi.address})", _flaw(pi)) for pi in snapshot.pis)
        self._lost = [f"{name}: {flaw}" for name, flaw in wrong if flaw]
        if self._row is not None:
            self._show()

    def _show(self) -> None:
        tasks = self._row.job.tasks if self._row else ()
        body = {
            "at": time.time(),
            "running": [(t.unit, t.id) for t in tasks if t.state is TaskState.RUNNING],
            "found": self._row.found if self._row else 0,
            "state": str(self._row.job.state) if self._row else "gone",
            "wrong": self._lost + self._wrong,
        }
        print(json.dumps(body), flush=True)


def _wrong(snapshot: Snapshot, row: JobRow | None) -> list[str]:
    wrong = [snapshot.problem] if snapshot.problem else []
    wrong += [
        node.problem or f"{node.name} is {_how(node.state, node.availability)}"
        for node in snapshot.nodes
        if node.problem or not node.takes_tasks
    ]
    if row is not None and row.rejected:
        # Not how many: each number would be a sentence of its own.
        wrong.append("records were refused")
    return wrong + ([row.job.why] if row is not None and row.job.why else [])


def _flaw(pi: PiView) -> str:
    """What a screen says of a machine that is gone, or is another than it was."""
    if pi.key_changed or pi.twins:
        return pi.problem
    if pi.state is PiState.LOST:
        return "does not answer"
    return "says nothing" if pi.silent else ""


_SET = {"drain": "drained", "pause": "paused"}


def _how(state: str, availability: str) -> str:
    return state if state != "ready" else _SET.get(availability, availability)


if __name__ == "__main__":
    main()
