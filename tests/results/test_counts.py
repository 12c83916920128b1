"""Jobs that count mates: each part kept once, whoever dies, and nobody's lie believed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from results.proving import prove
from results.store import Store
from solver.record_reader import decode
from solver.records import NOTHING, CountRecord, DoneRecord, SquareRecord, encode
from swarm.engine import JobState
from tests.results.hostile_tasks import Logs, Scripted, honest_logs
from tests.results.test_hostile_tasks import watched
from tests.solver.renaming import cyclic, field_set
from tests.swarm.samples import counting

SPEC = counting(cyclic(7)[0])
MATES = 635
FIRST = CountRecord(0, 0, 7, 0, SPEC.count, 0)
"""What unit 0 begins with, but for the count."""


async def test_every_part_is_held_once_and_the_end_says_so(store: Store) -> None:
    engine = Scripted(SPEC, {"job": honest_logs(SPEC)})
    for _ in range(2):
        row = (await watched(engine, store)).row("job")
        assert row.ending == "635 mates: these are all."
        assert (row.found, row.parts, row.share) == (MATES, SPEC.count, 1.0)
        assert row.proved
        assert not row.short
    assert store.mates_counted("job") == (SPEC.count, MATES)
    assert prove(store, "job", SPEC).whole
    assert (store.kept(), store.jobs(), store.miscounted()) == (0, [], [])


async def test_what_a_node_took_to_its_grave_is_counted_again_and_once(store: Store) -> None:
    """The store has what the first collector read; the unit was taken up behind that."""
    logs = honest_logs(SPEC)
    cut: Logs = {unit: lines[:2] for unit, lines in logs.items()}
    broken = (await watched(Scripted(SPEC, {"job": cut}, JobState.FAILED), store)).row("job")
    assert 0 < store.mates_counted("job")[0] == broken.parts < SPEC.count
    assert broken.ending == ""
    rest: Logs = {unit: lines[2:] for unit, lines in logs.items()}
    row = (await watched(Scripted(SPEC, {"job": rest}), store)).row("job")
    assert row.ending == "635 mates: these are all."
    assert store.mates_counted("job") == (SPEC.count, MATES)


def first(honest: list[str]) -> CountRecord:
    record = decode(honest[0])
    assert isinstance(record, CountRecord)
    return record


@pytest.mark.parametrize(
    "lie",
    [
        lambda one: replace(one, part=1),
        lambda one: replace(one, of=SPEC.count + 1),
        lambda one: replace(one, seq=1),
        lambda one: replace(one, order=5),
        lambda one: replace(one, unit=1, part=1),
        lambda one: replace(one, seq=SPEC.count, part=SPEC.count * SPEC.units, of=10**6),
        lambda _: DoneRecord(0, 0, NOTHING, "exhausted", ()),
        lambda _: SquareRecord(0, 0, 7, field_set(7, 2), "file", 1, 133),
    ],
)
async def test_what_is_not_the_units_to_say_is_refused(
    lie: Callable[[CountRecord], CountRecord], store: Store
) -> None:
    logs = honest_logs(SPEC)
    logs[0] = [encode(lie(first(logs[0]))), *logs[0]]
    row = (await watched(Scripted(SPEC, {"job": logs}), store)).row("job")
    assert row.rejected == 1
    assert row.ending == "635 mates: these are all."
    assert store.mates_counted("job") == (SPEC.count, MATES)
    assert store.kept() == 0


@pytest.mark.parametrize("place", [0, 1])
async def test_two_counts_of_one_part_are_that_jobs_trouble(place: int, store: Store) -> None:
    honest = honest_logs(SPEC)
    other = first(honest[0])
    lying = [*honest[0]]
    lying.insert(place, encode(replace(other, mates=other.mates + 1)))
    engine = Scripted(SPEC, {"bad": honest | {0: lying}, "good": honest})
    screen = await watched(engine, store)
    bad, good = screen.row("bad"), screen.row("good")
    assert good.ending == "635 mates: these are all."
    assert (good.rejected, bad.rejected) == (0, 1)
    # Where the lie came first, what was told in the end agrees with nothing that is held.
    assert (0 in store.finished_units("bad"), bool(bad.ending)) == ((place > 0,) * 2)
    assert prove(store, "bad", SPEC).whole == (place > 0)


def test_the_file_itself_refuses_another_count_of_a_part(store: Store) -> None:
    one = replace(FIRST, mates=39)
    assert store.add_counts("job", [("pi1", one), ("pi2", one)]) == []
    (refused,) = store.add_counts("job", [("pi2", replace(one, mates=38))])
    assert refused.sentence == "unit 0, part 0, from pi2: another count of it is already kept."
    assert store.mates_counted("job") == (1, 39)


async def test_a_count_cut_short_by_its_time_limit_does_not_say_that_this_is_all(
    store: Store,
) -> None:
    spec = replace(SPEC, seconds=60)
    logs = honest_logs(spec)
    logs[0] = [encode(DoneRecord(0, 0, NOTHING, "time"))]
    row = (await watched(Scripted(spec, {"job": logs}), store)).row("job")
    assert row.short
    assert row.ending.endswith(
        "mates in 21 of 25 parts: the time limit of 1m came first (--seconds); there may be others."
    )
