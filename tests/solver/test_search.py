"""Work units: the same unit gives the same bytes everywhere, and every square is right."""

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import solver
from solver import compiled
from solver.parts import Parts
from solver.question import Question, share
from solver.record_reader import decode
from solver.records import (
    LINE_LIMIT,
    Checkpoint,
    DoneRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    Record,
    SquareRecord,
    checksum,
    digest,
    encode,
    lines,
)
from solver.search.units import Unit, search
from solver.verify import flaw_of
from tests.examples import examples
from tests.needs import need

SOURCE = Path(solver.__file__).parent
GOLDEN = {
    3: "458e18a9baa1fb85",
    5: "69567f4f2c98902d",
    7: "7221e9aa5d5ea437",
    10: "819ee30ace1625e1",
}
"""Digests of `solver ORDER --count 2 --seed 42`; they change with VERSION only."""


def records(unit: Unit) -> list[Record]:
    return list(search(unit, lambda: 0.0, lambda: False))


def run(
    *arguments: str, cwd: Path | None = None, unit: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "solver", *arguments],
        cwd=cwd or SOURCE.parent,
        env={"SQUARM_UNIT": unit},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def interpreted(folder: Path) -> Path:
    """A copy of the solver's sources alone, beside none of the compiled modules."""
    shutil.copytree(SOURCE, folder / "solver", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return folder


@given(
    order=st.sampled_from([3, 4, 5, 7, 8, 9, 10, 11]),
    count=st.integers(0, 4),
    seed=st.integers(0, 2**63 - 1),
    number=st.integers(0, 10_000),
)
@examples(60)
def test_a_unit_gives_verified_numbered_squares_and_its_digest(
    order: int, count: int, seed: int, number: int
) -> None:
    unit = Unit(Question(order), count, seed, number)
    *squares, done = [record for record in records(unit) if not isinstance(record, ProgressRecord)]
    sums = []
    for seq, record in enumerate(squares):
        assert isinstance(record, SquareRecord)
        assert (record.unit, record.seq, record.order) == (number, seq, order)
        assert flaw_of(record) == ""
        assert all(square[0] == tuple(range(order)) for square in record.squares)
        line = encode(record)
        assert decode(line) == record
        sums.append(line.rsplit('"sum":"', 1)[1].removesuffix('"}'))
    assert isinstance(done, DoneRecord)
    assert (done.count, done.digest) == (len(squares), digest(sums))
    assert len(set(squares)) == len(squares)


def test_a_shorter_unit_is_a_prefix_and_other_units_differ() -> None:
    long = records(Unit(Question(10), 6, seed=1))
    assert records(Unit(Question(10), 3, seed=1))[:3] == long[:3]
    other_unit = records(Unit(Question(10), 1, seed=1, number=1))[0]
    other_seed = records(Unit(Question(10), 1, seed=2))[0]
    assert isinstance(other_unit, SquareRecord)
    assert isinstance(other_seed, SquareRecord)
    first = long[0]
    assert isinstance(first, SquareRecord)
    assert len({first.squares, other_unit.squares, other_seed.squares}) == 3


@given(count=st.integers(0, 10_000), units=st.integers(1, 500))
def test_shares_add_up_and_are_even(count: int, units: int) -> None:
    shares = [share(count, units, number) for number in range(units)]
    assert sum(shares) == count
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(("order", "squares", "transversals"), [(2, 1, 0), (6, 9408, 64512)])
def test_impossible_orders_are_exhausted_not_known(
    order: int, squares: int, transversals: int
) -> None:
    assert records(Unit(Question(order), 5)) == [
        ImpossibleRecord(0, order, "reduced Latin squares", squares, transversals),
        DoneRecord(0, 0, digest([]), "impossible"),
    ]


@pytest.mark.parametrize(
    ("order", "pairs", "reason"), [(1, 1, "exhausted"), (3, 2, "stalled"), (4, 6, "stalled")]
)
def test_a_small_order_gives_each_square_once_then_ends(
    order: int, pairs: int, reason: str
) -> None:
    """Order 1 has one square with a mate; 3 and 4, first rows natural, have two and six."""
    *squares, done = records(Unit(Question(order), 100))
    assert len({r.squares for r in squares if isinstance(r, SquareRecord)}) == pairs
    assert isinstance(done, DoneRecord)
    assert (done.count, done.reason) == (pairs, reason)


def test_time_ends_a_unit_with_what_it_has() -> None:
    ticks = iter(range(10_000))
    found = list(
        search(Unit(Question(9), 10_000, seconds=200), lambda: float(next(ticks)), lambda: False)
    )
    done = found[-1]
    assert isinstance(done, DoneRecord)
    assert done.reason == "time"
    assert any(isinstance(record, ProgressRecord) for record in found)


def test_stopped_units_claim_nothing() -> None:
    answers = iter([False, False, True])
    found = list(search(Unit(Question(4), 1_000), lambda: 0.0, lambda: next(answers)))
    assert not any(isinstance(record, DoneRecord) for record in found)


@pytest.mark.parametrize(
    "asked",
    ["8 --source turn", "9 --source turn", "7 --mols 3 --source turn", "14", "5 --diagonal"],
)
def test_other_questions_give_the_same_compiled_and_interpreted(asked: str, tmp_path: Path) -> None:
    arguments = (*asked.split(), "--count", "3", "--seed", "7")
    plain = run(*arguments, cwd=interpreted(tmp_path))
    lines = [line for line in plain.stdout.splitlines() if '"progress"' not in line]
    assert len(lines) == 4
    assert run(*arguments).stdout.splitlines() == lines


@pytest.mark.parametrize(
    "order", [pytest.param(order, marks=pytest.mark.slow if order > 9 else ()) for order in GOLDEN]
)
def test_the_same_bytes_compiled_interpreted_and_on_every_platform(
    order: int, tmp_path: Path
) -> None:
    arguments = (str(order), "--count", "2", "--seed", "42")
    here = run(*arguments)
    plain = run(*arguments, cwd=interpreted(tmp_path))
    assert here.returncode == plain.returncode == 0
    lines = [line for line in plain.stdout.splitlines() if '"progress"' not in line]
    assert here.stdout.splitlines() == lines
    done = decode(lines[-1])
    assert isinstance(done, DoneRecord)
    assert done.digest == GOLDEN[order]


EXHAUSTED = Unit(Question(7, source="exhaust"), 2_000, number=3, units=64)


def ticking(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much each time it is looked at."""
    ticks = itertools.count()
    return lambda: next(ticks) * seconds


@pytest.fixture(scope="module")
def exhausted() -> list[Record]:
    return list(search(EXHAUSTED, ticking(1.0), lambda: False))


@pytest.mark.slow
@given(data=st.data())
@examples(6)
def test_a_unit_taken_up_at_a_checkpoint_gives_what_is_left_of_it(
    exhausted: list[Record], data: st.DataObject
) -> None:
    progress = [record for record in exhausted if isinstance(record, ProgressRecord)]
    checkpoints = list(dict.fromkeys(record.checkpoint for record in progress))[1:]
    assert len(checkpoints) > 20
    checkpoint = data.draw(st.sampled_from(checkpoints))
    assert checkpoint is not None
    left = records(replace(EXHAUSTED, checkpoint=Checkpoint.parse(str(checkpoint))))
    finds = [record for record in exhausted if isinstance(record, SquareRecord)]
    ends = [record for record in left if not isinstance(record, ProgressRecord)]
    assert ends == [*finds[checkpoint.found :], exhausted[-1]]
    assert checkpoint.digest == digest(checksum(find) for find in finds[: checkpoint.found])


@pytest.mark.slow
def test_a_checkpoint_of_another_version_is_passed_over(exhausted: list[Record]) -> None:
    checkpoint = Checkpoint("0" * 16, "0.0.0", 10**9, 1, 1, 0, 0)
    given_again = records(replace(EXHAUSTED, checkpoint=checkpoint))
    assert [r for r in given_again if not isinstance(r, ProgressRecord)] == [
        r for r in exhausted if not isinstance(r, ProgressRecord)
    ]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("7 --source exhaust --checkpoint zork", "no checkpoint of a unit"),
        ("10 --checkpoint 0123456789abcdef:0.1.0:1:1:1:0:0", "only a unit that goes through all"),
    ],
)
def test_what_is_no_checkpoint_is_refused_in_a_sentence(asked: str, why: str) -> None:
    answer = run(*asked.split())
    assert (answer.returncode, answer.stdout) == (2, "")
    assert why in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_this_run_tests_the_compiled_solver() -> None:
    if shutil.which("cc") is None:
        need("no C compiler here: the solver runs interpreted")
    assert compiled()


@pytest.mark.parametrize(("order", "mols"), [(12, 2), (32, 8), (49, 48), (50, 6)])
def test_lines_fit_docker_s_limit_and_come_together_again(order: int, mols: int) -> None:
    record = records(Unit(Question(order, mols), 1))[0]
    assert isinstance(record, SquareRecord)
    written = lines(record)
    assert all(len(line) < LINE_LIMIT for line in written)
    read = [decode(line) for line in written]
    if len(written) == 1:
        assert read == [record]
        return
    parts = Parts()
    whole = [parts.add(part) for part in (*read, *read[::-1]) if isinstance(part, PartRecord)]
    assert [found for found in whole if found] == [record, record]


@pytest.mark.parametrize(
    ("slot", "unit"), [("", 0), ("3", 3), ("x8f0kvt4n1c2", 0), ("²", 0), ("-1", 0)]
)
def test_the_slot_names_the_unit(slot: str, unit: int) -> None:
    line = run("4", unit=slot).stdout.splitlines()[0]
    record = decode(line)
    assert isinstance(record, SquareRecord)
    assert record.unit == unit


@pytest.mark.parametrize(
    "arguments",
    [["0"], ["129"], ["-1"], ["ten"], ["10", "--units", "0"], ["10", "--count", "-1"], []],
)
def test_bad_arguments_are_refused_without_a_traceback(arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert answer.stderr.strip()


def test_a_worker_ends_when_its_parent_is_gone() -> None:
    assert run("10", "--count", "1000000", "--parent", "1").stdout == ""


@pytest.mark.parametrize("order", ["10", "12"])
def test_memory_stays_below_40_mb(order: str) -> None:
    code = (
        "import resource, subprocess, sys;"
        f"subprocess.run([sys.executable, '-m', 'solver', '{order}', '--count', '5'],"
        "stdout=subprocess.DEVNULL, check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=SOURCE.parent, capture_output=True, text=True, check=True
    )
    assert int(answer.stdout) < 40 * 1024
