"""The solver on a 32-bit processor: compiled for arm/v7, it gives what it gives here."""

import subprocess
import sys

import pytest

from tests.arm.build import ROOT, Arm, NoArm, arm
from tests.needs import need

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


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_the_same_bytes(pi: Arm, asked: tuple[str, ...]) -> None:
    unit = ("-m", "solver", *asked, "--seed", "42")
    here, there = (
        [line for line in said(command).splitlines() if '"type":"progress"' not in line]
        for command in ([sys.executable, *unit], pi.python(*unit))
    )
    assert there == here
    assert len(here) > 1


def test_the_same_facts(pi: Arm) -> None:
    here = said([sys.executable, "-c", FACTS])
    assert len(here.splitlines()) == 20
    assert said(pi.python("-c", FACTS)) == here
