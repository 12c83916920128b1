"""`python -m solver --self-test`: says so where the solver is well, and where it is not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from solver import VERSION, self_test
from tests.solver.test_search import GOLDEN

ROOT = Path(__file__).parent.parent.parent


def run(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "solver", "--self-test"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_solver_that_is_well_says_so_in_one_line() -> None:
    done = run(ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"solver {VERSION}, ")
    assert ": well (" in line


def test_it_asks_for_the_pairs_that_the_search_is_held_to() -> None:
    assert GOLDEN[10] == self_test.GOLDEN


@pytest.mark.parametrize(
    ("module", "was", "becomes", "said"),
    [
        ("verify", "if seen != order * order:", "if seen < order:", "takes squares that are no"),
        ("verify", "if wrong:", "if False:", "takes squares that are no"),
        ("search/sources", 'f"squarm ', 'f"other ', "the pairs of order 10"),
        ("search/units", "account.tried,\n", "account.tried - 1,\n", "order 6 is not exhausted"),
        ("search/units", "def search(", "def gone(", "search"),
    ],
)
def test_one_that_is_broken_fails(
    tmp_path: Path, module: str, was: str, becomes: str, said: str
) -> None:
    # Other tests write what they compile meanwhile.
    bare = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "solver", tmp_path / "solver", ignore=bare)
    for shared in ROOT.glob("*__mypyc*.so"):
        shutil.copyfile(shared, tmp_path / shared.name)
    source = tmp_path / "solver" / f"{module}.py"
    assert was in source.read_text()
    source.write_text(source.read_text().replace(was, becomes))
    done = run(tmp_path)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr


def test_the_score_is_one_number() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "solver", "--score", "0.1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().isdigit()
