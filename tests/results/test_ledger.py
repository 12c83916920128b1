"""The ledger: whatever a log stream does to a unit's lines, nothing is doubled or overlooked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.collection import JobCollection, Remedy
from results.ledger import Ledger, Novelty, verdict
from results.reports import UnitState
from results.result import GENERATION, Collected, Refusal
from solver.question import Question
from solver.record_reader import BadRecord, decode
from solver.records import (
    Checkpoint,
    DoneRecord,
    ImpossibleRecord,
    ProgressRecord,
    Record,
    SquareRecord,
    TripleRecord,
    checksum,
    digest,
    encode,
    lines,
)
from swarm.engine import JobState, JobView, LogLine, TaskState, TaskView
from swarm.job import JobSpec
from tests.swarm.samples import squares, unit_records

SPEC = JobSpec(Question(10), count=14, replicas=1, seed=5)
LINES = [
    encode(record)
    for unit in range(SPEC.units)
    for record in (*unit_records(SPEC, unit), ProgressRecord(unit, 7, 5000, 1, 2.0))
]


def decoded(line: str) -> Record | None:
    try:
        return decode(line)
    except BadRecord:
        return None


@st.composite
def mangled(draw: st.DrawFn) -> list[str]:
    """Lines of valid units in any order, each any number of times, some cut, some foreign."""
    lines: list[str] = []
    for index in draw(st.lists(st.integers(0, len(LINES) - 1), max_size=70)):
        line = LINES[index]
        if draw(st.integers(0, 7)) == 0:
            line = line[: draw(st.integers(0, len(line) - 1))]
        lines.append(line)
    return lines


@given(mangled())
def test_nothing_is_doubled_and_what_is_missing_is_named_exactly(lines: list[str]) -> None:
    ledger = Ledger(SPEC, {})
    new: list[tuple[int, int]] = []
    for line in lines:
        record = decoded(line)
        if record is not None:
            entry = ledger.enter(record, "pi1")
            assert entry in (Novelty.NEW, Novelty.AGAIN)
            if isinstance(record, SquareRecord) and entry is Novelty.NEW:
                new.append((record.unit, record.seq))
    whole = {decoded(line) for line in lines}
    expected = {(r.unit, r.seq) for r in whole if isinstance(r, SquareRecord)}
    assert len(new) == len(set(new))
    assert set(new) == expected
    for unit in range(SPEC.units):
        seen = {seq for which, seq in expected if which == unit}
        ends = [r for r in whole if isinstance(r, DoneRecord) and r.unit == unit]
        there_are = max([0, *(seq + 1 for seq in seen), *(end.count for end in ends)])
        assert set(ledger.missing(unit)) == set(range(there_are)) - seen
        complete = bool(ends) and len(seen) == ends[0].count
        assert (ledger.collected(unit) is not None) == complete
        assert ledger.suspect(unit) == (not complete and (bool(ends) or len(seen) < there_are))
        view = ledger.view(unit, UnitState.RUNNING)
        assert view.found == len(seen)
        assert (view.state is UnitState.COMPLETE) == complete


def test_a_record_that_contradicts_an_earlier_one_is_reported_and_changes_nothing() -> None:
    first, second = squares(SPEC, 2)
    ledger = Ledger(SPEC, {})
    assert ledger.enter(first, "pi1") is Novelty.NEW
    forged = replace(second, unit=first.unit, seq=first.seq)
    assert ledger.enter(forged, "pi2") is Novelty.CONFLICT
    assert ledger.suspect(first.unit)
    for record in unit_records(SPEC, first.unit):
        assert ledger.enter(record, "pi1") is not Novelty.CONFLICT
    assert ledger.collected(first.unit) is not None


def test_an_altered_end_never_completes_a_unit_and_the_true_one_still_does() -> None:
    *found, end = unit_records(SPEC, 0)
    assert isinstance(end, DoneRecord)
    ledger = Ledger(SPEC, {})
    before, after = replace(end, digest="0" * 16), replace(end, count=end.count - 1)
    lines: list[Record] = [before, *found, after]
    for record in lines:
        ledger.enter(record, "pi1")
    assert ledger.collected(0) is None
    assert ledger.suspect(0)
    ledger.enter(end, "pi1")
    assert ledger.collected(0) == Collected(end.count, end.digest, end.reason, end.bounds)


def test_more_false_ends_than_are_remembered_leave_room_for_the_true_one() -> None:
    *found, end = unit_records(SPEC, 0)
    assert isinstance(end, DoneRecord)
    ledger = Ledger(SPEC, {})
    false = [replace(end, digest=f"{number:016x}") for number in range(40)]
    for record in (*false, *found, end):
        ledger.enter(record, "pi1")
    assert ledger.collected(0) is not None


def test_two_attempts_cut_by_time_complete_a_unit_together() -> None:
    found = [r for r in unit_records(SPEC, 0) if isinstance(r, SquareRecord)]
    ends = [
        DoneRecord(0, count, digest([checksum(r) for r in found[:count]]), "time")
        for count in (1, 3)
    ]
    ledger = Ledger(replace(SPEC, seconds=60), {})
    lines: list[Record] = [*found[:2], found[0], ends[0], *found[:3], ends[1]]
    for record in lines:
        assert ledger.enter(record, "pi1") in (Novelty.NEW, Novelty.AGAIN)
    assert ledger.collected(0) is not None
    assert ledger.view(0, UnitState.GAP).found == 3


def test_records_of_other_jobs_and_units_are_foreign() -> None:
    one = squares(SPEC, 1)[0]
    ledger = Ledger(SPEC, {2: Collected(3, "00" * 8)})
    strangers: list[Record] = [
        replace(one, unit=SPEC.units),
        replace(one, order=9),
        replace(one, seq=SPEC.count),
        DoneRecord(0, SPEC.count, "00" * 8, "found"),
        ImpossibleRecord(0, 10, "reduced Latin squares", 1, 0),
    ]
    assert [ledger.enter(record, "pi1") for record in strangers] == [Novelty.FOREIGN] * 5
    assert ledger.enter(replace(one, unit=2), "pi1") is Novelty.AGAIN
    assert ledger.view(2, UnitState.WAITING).state is UnitState.COMPLETE


def test_a_proof_counts_only_where_every_reduced_square_was_tried() -> None:
    spec = JobSpec(Question(6))
    proof, end = unit_records(spec, 0)
    assert isinstance(proof, ImpossibleRecord)
    ledger = Ledger(spec, {})
    assert ledger.enter(replace(proof, squares=9407), "pi1") is Novelty.FOREIGN
    assert ledger.proof is None
    assert ledger.enter(proof, "pi1") is Novelty.NEW
    assert ledger.enter(end, "pi1") is Novelty.NEW
    assert ledger.collected(0) is not None
    assert "all 9,408 reduced Latin squares of order 6" in verdict(proof)


def test_a_checkpoint_holds_only_by_all_squares_before_it() -> None:
    spec = replace(SPEC, question=Question(7, source="exhaust"), count=640)
    finds = [record for record in unit_records(spec, 1) if isinstance(record, SquareRecord)][:3]
    sums = [checksum(find) for find in finds]
    checkpoint = Checkpoint(digest(sums), "0.1.0", 5, 5000, 1, 0, 3)

    def reached(ledger: Ledger, seconds: float, claimed: Checkpoint = checkpoint) -> object:
        ledger.enter(ProgressRecord(1, 5000, 1, 3, seconds, 0.1, claimed), "pi1")
        return ledger.checkpoint(1)

    ledger = Ledger(spec, {})
    for find in (finds[0], finds[2]):
        ledger.enter(find, "pi1")
    assert reached(ledger, 1.0) is None
    ledger.enter(finds[1], "pi1")
    assert reached(ledger, 2.0, replace(checkpoint, digest="0" * 16)) is None
    assert reached(ledger, 3.0) == checkpoint
    # An attempt from the beginning comes by earlier ones again, and goes on from there.
    earlier = replace(checkpoint, digest=digest(sums[:1]), found=1)
    assert reached(ledger, 4.0, earlier) == earlier
    assert reached(ledger, 5.0) == checkpoint
    # Kept already, and never read by this console.
    known = Ledger(spec, {}, {1: list(enumerate(sums)), 10**6: [(0, sums[0])]})
    assert reached(known, 1.0) == checkpoint
    assert known.enter(finds[0], "pi1") is Novelty.AGAIN
    assert not known.suspect(1)


def test_a_square_in_parts_is_found_when_its_last_part_comes() -> None:
    spec = JobSpec(Question(50, mols=6), count=2, replicas=1, seed=4)
    view = JobView("j", spec, JobState.RUNNING, 1.0, 0)
    collection = JobCollection(view, {}, None, 0, 3.0)
    texts = [text for record in unit_records(spec, 0) for text in lines(record)]
    assert len(texts) > 3
    given = [LogLine("j", 0, "t", "pi1", "", text, stderr=False) for text in texts]
    # One part is lost on its way: the square is missing, and is there once all is read again.
    assert collection.read(given[1:]).squares == []
    assert collection.ledger.suspect(0)
    assert collection.ledger.missing(0) == (0,)
    batch = collection.read(given)
    assert [record.seq for _, record in batch.squares] == [0]
    assert batch.finished.keys() == {0}
    assert collection.read(given).squares == []


def test_sets_of_other_sizes_and_triples_are_foreign() -> None:
    one = squares(SPEC, 1)[0]
    triple = TripleRecord(one.unit, one.seq, 10, (*one.squares, one.squares[1]), (100, 10), "", 1)
    ledger = Ledger(SPEC, {})
    assert ledger.enter(replace(one, squares=one.squares * 2), "pi1") is Novelty.FOREIGN
    assert ledger.enter(triple, "pi1") is Novelty.FOREIGN
    hunt = Ledger(replace(SPEC, question=Question(triple=True)), {})
    assert hunt.enter(triple, "pi1") is Novelty.NEW


def test_how_much_of_an_exhaustive_job_is_done() -> None:
    spec = JobSpec(Question(7, source="exhaust"), count=1_000_000)
    assert spec.units == 64
    collection = JobCollection(JobView("j", spec, JobState.RUNNING, 1.0, 0), {}, None, 0, 3.0)
    assert (collection.row(0.0).share, collection.row(0.0).left) == (0.0, 0.0)
    for now, share in ((1.0, 0.25), (11.0, 0.75)):
        for unit in range(64):
            collection.ledger.enter(ProgressRecord(unit, 7, 9, 0, now, share), "pi1")
        assert collection.row(now).share == share
    assert collection.row(11.0).left == pytest.approx(5.0)


def test_what_an_earlier_generation_gave_and_is_refused_is_not_missed() -> None:
    view = JobView("j", SPEC, JobState.RUNNING, 1.0, 0)
    records = unit_records(SPEC, 0)
    lines_of_unit = [LogLine("j", 0, "t", "pi1", "", encode(record)) for record in records]
    one = next(record for record in records if isinstance(record, SquareRecord))
    for refusal, whole in (
        (Refusal(replace(one, seq=GENERATION), "unsound", taken=False), True),
        (Refusal(one, "unsound", taken=False), False),
        (Refusal(replace(one, seq=GENERATION), "taken", taken=True), False),
    ):
        collection = JobCollection(view, {}, None, 0, 1.0)
        collection.read(lines_of_unit)
        assert collection.refuse(refusal)
        assert (collection.ledger.collected(0) is not None) == whole
        assert collection.ledger.suspect(0) == (not whole)


def test_what_is_run_again_is_waited_for_however_long_it_takes() -> None:
    def seen(job: JobState, state: TaskState) -> JobView:
        return JobView("j", SPEC, job, 1.0, 0, (TaskView("t", 0, "pi1", state),))

    collection = JobCollection(seen(JobState.CANCELLED, TaskState.COMPLETE), {}, None, 0, 1.0)
    given = [step for now in range(9) for step in collection.steps(float(now), ())]
    assert given == [(0, Remedy.REREAD)]
    collection = JobCollection(seen(JobState.RUNNING, TaskState.COMPLETE), {}, None, 0, 1.0)
    given = [step for now in range(6) for step in collection.steps(float(now), ())]
    assert given == [(0, Remedy.REREAD), (0, Remedy.RERUN)]
    collection.see(seen(JobState.RUNNING, TaskState.RUNNING))
    collection.ledger.enter(squares(SPEC, 2)[1], "pi1")
    assert [step for now in range(6, 999) for step in collection.steps(float(now), ())] == []
    assert not collection.exhausted
    collection.see(seen(JobState.RUNNING, TaskState.COMPLETE))
    given = [step for now in range(999, 1999) for step in collection.steps(float(now), ())]
    assert given == [(0, Remedy.REREAD)] * 2
    assert collection.exhausted


def test_a_step_that_was_refused_is_taken_later() -> None:
    """A swarm that has no leader just then refuses to run a unit again."""
    seen = JobView(
        "j", SPEC, JobState.COMPLETE, 1.0, 1, (TaskView("t", 0, "pi1", TaskState.COMPLETE),)
    )
    collection = JobCollection(seen, {}, None, 0, 1.0)

    def given(since: int, until: int) -> list[Remedy]:
        return [
            step
            for now in range(since, until)
            for unit, step in collection.steps(float(now), ())
            if unit == 0
        ]

    assert given(0, 6) == [Remedy.REREAD, Remedy.RERUN]
    collection.not_taken(0)
    assert given(6, 99) == [Remedy.RERUN, Remedy.REREAD, Remedy.REREAD]
    # Whoever refuses for good does not keep the job open.
    for _ in range(99):
        collection.not_taken(0)
        given(99, 10_000)
    assert collection.exhausted
