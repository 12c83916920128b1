"""A job's log in words: what a record says, and nothing for what is none."""

from results.log_text import told
from solver.question import Question
from solver.records import (
    CountRecord,
    DoneRecord,
    ProgressRecord,
    SquareRecord,
    TripleRecord,
    encode,
)
from swarm.job import JobSpec
from tests.swarm.samples import unit_records


def test_each_record_of_a_unit_is_told() -> None:
    spec = JobSpec(Question(10), count=2, replicas=1, seed=1)
    for record in unit_records(spec, 0):
        text = told(encode(record))
        if isinstance(record, SquareRecord):
            first = record.squares[0][0][0], record.squares[1][0][0]
            assert text.startswith(f"found no. {record.seq + 1} after ")
            assert f": {chr(65 + first[0])}{first[1]} " in text
        assert text


def test_a_triple_tells_its_pairs_and_the_end_why() -> None:
    spec = JobSpec(Question(triple=True), count=1, replicas=1, seed=2)
    triple = next(r for r in unit_records(spec, 0) if isinstance(r, TripleRecord))
    assert f"pairs 100 + {triple.covered[0]} + {triple.covered[1]}" in told(encode(triple))
    assert told(encode(DoneRecord(0, 1_200, "0" * 16, "found"))) == "done: 1,200 found"
    out_of_time = encode(DoneRecord(0, 3, "0" * 16, "time"))
    assert told(out_of_time) == "done: 3 found, the time limit came first"
    assert told(encode(DoneRecord(0, 3, "0" * 16, "newer"))) == "done: 3 found (newer)"
    assert told(encode(ProgressRecord(3, 1_500, 9, 2, 61.2))) == "1,500 tried, 2 found in 61 s"


def test_a_count_tells_its_part() -> None:
    assert told(encode(CountRecord(1, 0, 10, 1, 416, 25_000))) == "part 2 of 416: 25,000 mates"


def test_what_is_no_record_is_not_told() -> None:
    for line in ("", "plain", "{", '{"type":"square"}', '{"type":"progress","tried":"many"}', "[]"):
        assert told(line) == ""
