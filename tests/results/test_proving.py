"""A job is complete where every unit's squares are there, in sequence, under its digest."""

import sqlite3
from dataclasses import replace

import pytest

from results.proving import prove
from results.result import Collected
from results.store import Store
from solver.question import Question
from solver.records import DoneRecord, FindRecord
from swarm.job import JobSpec
from tests.swarm.samples import unit_records

PAIRS = JobSpec(Question(10), count=32, replicas=2, seed=21)
HUNT = JobSpec(Question(source="turn", triple=True), count=3, replicas=1, seed=2)


def keep_all(store: Store, spec: JobSpec) -> None:
    for unit in range(spec.units):
        for record in unit_records(spec, unit):
            if isinstance(record, FindRecord):
                store.add("job", [("pi", record)])
            elif isinstance(record, DoneRecord):
                store.finish_unit("job", unit, Collected(record.count, record.digest))


@pytest.mark.parametrize("spec", [PAIRS, HUNT])
def test_a_job_that_is_all_there_is_proved_complete(store: Store, spec: JobSpec) -> None:
    keep_all(store, spec)
    proof = prove(store, "job", spec)
    assert (proof.whole, proof.squares, proof.units) == (True, spec.count, spec.units)
    assert "job is proved complete" in proof.verdict("job")


def test_squares_that_an_earlier_job_had_found_prove_a_later_one(store: Store) -> None:
    for record in unit_records(PAIRS, 0):
        if isinstance(record, FindRecord):
            store.add("earlier", [("pi", replace(record, unit=5, seq=record.seq + 3))])
    keep_all(store, PAIRS)
    assert prove(store, "job", PAIRS).whole


def test_what_is_missing_or_altered_is_named(store: Store) -> None:
    keep_all(store, PAIRS)
    with sqlite3.connect(store.path) as database:
        database.execute("DELETE FROM finds WHERE job = 'job' AND unit = 1 AND seq = 2")
        database.execute("UPDATE units SET digest = ? WHERE unit = 2", ("0" * 16,))
        database.execute("DELETE FROM units WHERE unit = 3")
    proof = prove(store, "job", PAIRS)
    assert proof.flaws == {
        1: "1 of its 4 squares are missing",
        2: "its squares are not those that it ended with",
        3: "its end has not been read, 4 of its squares are kept",
    }
    assert proof.verdict("job").startswith("job is not complete: 3 of 8 units are not held")
    assert proof.squares == 20
