"""Writing to the store what was read of jobs, however often that has to be tried."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TypeVar

from base.errors import StoreError
from base.text import clean_text
from results.collection import JobCollection, LineBatch
from results.reports import Event, FoundBatch, LogBatch
from results.result import Refusal
from results.store import Store
from swarm.engine import LogLine

_WAIT = 0.5
_SLOWEST = 15.0

_Said = TypeVar("_Said")
_Written = TypeVar("_Written")


class Keeper:
    """Keeps what batches hold, and tells of it.

    `failed` is told why writing does not succeed, again and again, with None once it does.
    `total`: how many different results there are, as far as is known.
    """

    def __init__(
        self,
        store: Store,
        notify: Callable[[Event], None],
        failed: Callable[[StoreError | None], None],
    ) -> None:
        self.total = 0
        self._store = store
        self._notify = notify
        self._failed = failed

    async def keep(self, collection: JobCollection, batch: LineBatch) -> None:
        """Write all that a batch holds; goes on until that has succeeded."""
        job = collection.view.id
        refusals: list[Refusal] = []
        if batch.released:
            await self._insist(partial(self._store.release, job, batch.released))
        if batch.squares:
            added = await self._insist(partial(self._store.add, job, batch.squares))
            refusals += added.refusals
            # Not added up: the totals that are read each second may hold these already.
            collection.found = max(collection.found, added.found)
            self.total = max(self.total, added.total)
            if added.kept:
                self._notify(FoundBatch(added.kept))
        if batch.counts:
            refusals += await self._insist(partial(self._store.add_counts, job, batch.counts))
            parts, mates = await self._insist(partial(self._store.mates_counted, job))
            collection.parts = max(collection.parts, parts)
            collection.found = max(collection.found, mates)
        if batch.proof is not None:
            await self._insist(partial(self._store.add_proof, job, batch.proof))
        spoilt = {refusal.record.unit for refusal in refusals if collection.spoils(refusal)}
        if reached := _without(spoilt, batch.reached):
            await self._insist(partial(self._store.reach, job, reached))
        # Only now: a unit counts as finished when its squares are on the disk.
        for unit, end in _without(spoilt, batch.finished).items():
            finish = partial(self._store.finish_unit, job, unit, end)
            await self._insist(finish)
        if refusals:
            await self._read_anew(collection, refusals)

    async def _read_anew(self, collection: JobCollection, refusals: Sequence[Refusal]) -> None:
        """Have units read anew of which not all was kept, their places free for what comes."""
        job = collection.view.id
        if taken := {refusal.record.unit for refusal in refusals if refusal.taken}:
            await self._insist(partial(self._store.release, job, taken))
        notes = [
            _note(job, f"squarm: refused {refusal.sentence}")
            for refusal in refusals
            if collection.refuse(refusal)
        ]
        if notes:
            self._notify(LogBatch(tuple(notes)))

    async def _insist(self, write: Callable[[], _Written]) -> _Written:
        wait = _WAIT
        while True:
            try:
                written = await asyncio.to_thread(write)
            except StoreError as error:
                self._failed(error)
            else:
                self._failed(None)
                return written
            await asyncio.sleep(wait)
            wait = min(wait * 2, _SLOWEST)


def _without(units: Collection[int], of: Mapping[int, _Said]) -> dict[int, _Said]:
    return {unit: said for unit, said in of.items() if unit not in units}


def _note(job: str, text: str) -> LogLine:
    return LogLine(job, unit=0, task="", node="", time="", text=clean_text(text), stderr=True)
