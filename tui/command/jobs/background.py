"""`python -m tui.command.jobs.background JOB LOCK [RESULTS]`: what `squarm run --detach` leaves.

It runs the units of a local job, whose lock it was given as an open file, and keeps what they find.
That the job was started is in the audit log already, so it goes on without passing that door again.
"""

import asyncio
import os
import sys
from pathlib import Path

from results.collecting import collect_to_end
from results.store import Store
from swarm.local.engine import LocalEngine
from swarm.local.job_folder import Lock


async def go_on(job: str, lock: Lock, results: Path | None) -> None:
    """See a local job to its end; raises SquarmError."""
    engine = LocalEngine()
    try:
        with Store.open(results) as store:
            await engine.go_on(job, lock)
            await collect_to_end(engine, store, job, lambda _: None)
    finally:
        await engine.close()


if __name__ == "__main__":
    job, descriptor, *results = sys.argv[1:]
    lock = Lock(os.fdopen(int(descriptor), "ab"))
    asyncio.run(go_on(job, lock, Path(results[0]) if results else None))
