"""The solver on a 32-bit processor: compiled for arm/v7, it gives what it gives here."""

import subprocess
import sys

import pytest

from tests.arm.build import ROOT, Arm, NoArm, arm
from tests.needs import need

pytestmark = pytest.mark.slow

ASKED = [
    ("3", "--count", "2"),
    ("5", "--count", "4"),
    ("7", "--count", "3"),
    ("9", "--count", "2"),
    ("10", "--count", "6"),
    ("11", "--count", "1"),
    ("12", "--count", "1"),
    ("10", "--source", "turn", "--count", "20"),
    ("10", "--source", "construct", "--count", "3"),
    ("8", "--source", "construct", "--mols", "7", "--count", "1"),
    ("50", "--source", "construct", "--count", "1"),
    ("5", "--source", "exhaust"),
    ("6", "--source", "exhaust"),
    ("10", "--triple", "--count", "1"),
]
UNITS = f"""
import sys
from solver.__main__ import main

for asked in {ASKED}:
    sys.argv = ["solver", *asked, "--seed", "42"]
    print(*asked)
    main()
"""
"""All of them by one Python: where it is emulated, its start takes longer than most units."""
FACTS = """
from dataclasses import astuple
from solver.classes.analysis import set_facts, square_facts
from solver.question import Question
from solver.records import SquareRecord
from solver.search.units import Unit, search

for order, source in ((4, "random"), (7, "random"), (9, "random"), (10, "random"), (10, "turn")):
    unit = Unit(Question(order, source=source), 2, 42, 0)
    for record in search(unit, lambda: 0.0, lambda: False):
        if isinstance(record, SquareRecord):
            print(astuple(square_facts(record.squares[0], 50)))
            print(astuple(set_facts(record.squares, 50)))
"""
"""What no unit's records show: counts of transversals and mates, groups, main classes."""


@pytest.fixture(scope="module")
def pi() -> Arm:
    try:
        return arm()
    except NoArm as error:
        need(str(error))
        raise


def said(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_compiled_and_of_32_bits(pi: Arm) -> None:
    asked = "import solver, sys; print(solver.compiled(), sys.maxsize)"
    assert said(pi.python("-c", asked)) == f"True {2**31 - 1}\n"


@pytest.fixture(scope="module")
def units(pi: Arm) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The records of each unit as they are here, and there."""
    here, there = (
        by_unit(said(run)) for run in ([sys.executable, "-c", UNITS], pi.python("-c", UNITS))
    )
    return here, there


def by_unit(output: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    asked = ""
    for line in output.splitlines():
        if not line.startswith("{"):
            asked = line
            found[asked] = []
        elif '"type":"progress"' not in line:
            found[asked].append(line)
    return found


@pytest.mark.parametrize("asked", map(" ".join, ASKED))
def test_the_same_bytes(
    units: tuple[dict[str, list[str]], dict[str, list[str]]], asked: str
) -> None:
    here, there = units
    assert there[asked] == here[asked]
    assert len(here[asked]) > 1


def test_the_same_facts(pi: Arm) -> None:
    here = said([sys.executable, "-c", FACTS])
    assert len(here.splitlines()) == 20
    assert said(pi.python("-c", FACTS)) == here
