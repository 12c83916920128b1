"""`python -m tui.command.jobs.background JOB [RESULTS]`: what `squarm run --detach` leaves behind.

It runs the units of a local job and keeps what they find. That the job was started is in the audit
log already, so it goes on without passing that door again.
"""

import asyncio
import sys
from pathlib import Path

from results.collecting import collect_to_end
from results.store import Store
from swarm.local.engine import LocalEngine


async def go_on(job: str, results: Path | None) -> None:
    """See a local job to its end; raises SquarmError."""
    engine = LocalEngine()
    try:
        with Store.open(results) as store:
            await engine.resume(job)
            await collect_to_end(engine, store, job, lambda _: None)
    finally:
        await engine.close()


if __name__ == "__main__":
    asyncio.run(go_on(sys.argv[1], Path(sys.argv[2]) if sys.argv[2:] else None))
