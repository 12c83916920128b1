"""Collects one job in a process of its own, which can be killed: python -m drill.collector.

What a screen would show comes out as JSON Lines: `at`, `found`, `state`, `wrong`, or `new`.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path

from fleet.docker_socket import reach
from results.reports import Event, FoundBatch, Snapshot
from results.store import Store
from results.watch import Watch
from swarm.choose import choose_engine


def main() -> None:
    """Runs until the job has ended and is collected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job")
    parser.add_argument("--results", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(_collect(options.job, options.results))


async def _collect(job: str, results: Path) -> None:
    engine = await choose_engine("swarm", reach=reach)
    try:
        with Store.open(results) as store:
            await Watch(engine, store, lambda event: _tell(event, job), jobs=[job]).run()
    finally:
        await engine.close()


def _tell(event: Event, job: str) -> None:
    if isinstance(event, FoundBatch):
        print(json.dumps({"new": [result.id for result in event.results]}), flush=True)
    elif isinstance(event, Snapshot):
        row = next((row for row in event.jobs if row.job.id == job), None)
        wrong = [event.problem] if event.problem else []
        wrong += [
            node.problem or f"{node.name} is {_how(node.state, node.availability)}"
            for node in event.nodes
            if node.problem or not node.takes_tasks
        ]
        if row is not None and row.job.why:
            wrong.append(row.job.why)
        if row is None:
            wrong.append(f"the job {job} is gone")
        body = {
            "at": time.time(),
            "found": row.found if row else 0,
            "state": str(row.job.state) if row else "gone",
            "wrong": wrong,
        }
        print(json.dumps(body), flush=True)


_SET = {"drain": "drained", "pause": "paused"}


def _how(state: str, availability: str) -> str:
    return state if state != "ready" else _SET.get(availability, availability)


if __name__ == "__main__":
    main()
