"""Old jobs go by themselves, never a square of theirs, and never a job with something unread."""

import asyncio
from pathlib import Path

import pytest

from base.audit import Audit
from results.reports import Event, Snapshot
from results.store import Store
from results.watch import Watch
from serve.history import JobHistory
from solver.question import Question
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.waiting import until

pytestmark = pytest.mark.slow


async def test_only_the_newest_complete_jobs_stay(tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path, 2)
    seen: list[Snapshot] = []

    def notice(event: Event) -> None:
        if isinstance(event, Snapshot):
            seen.append(event)

    with Store.open(tmp_path / "results.sqlite3") as store:
        watching = asyncio.create_task(Watch(engine, store, notice, tend=True).run())
        specs = [JobSpec(Question(4), 1, seed=number) for number in range(3)]
        ids = [await engine.submit(spec) for spec in specs]
        endless = await engine.submit(JobSpec(Question(10), 10**6, replicas=1))
        await until(lambda: sum(row.whole for row in seen[-1].jobs) == 3 if seen else False)
        kept = store.kept()
        audit = Audit(tmp_path / "audit.jsonl")

        def history(*, read_only: bool) -> JobHistory:
            return JobHistory(
                store, lambda: engine, lambda: seen[-1], audit=audit, read_only=read_only
            )

        await asyncio.wait_for(history(read_only=True).run(), 60)
        await history(read_only=False).tidy(most=1)

        assert {view.id for view in await engine.jobs()} == {ids[-1], endless}
        assert store.kept() >= kept
        assert all(store.found(job) == 1 for job in ids)
        assert (tmp_path / "audit.jsonl").read_text().count('"squarm serve"') == 2
        watching.cancel()
        await engine.cancel(endless)
    await engine.close()
