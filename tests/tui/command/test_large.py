"""Squares above the orders of jobs: written, verified and analysed by rows; and `squarm mols`."""

import json

import pytest

from tests.tui.command.running import Squarm

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("order", "mols"), [("266", "2"), ("266", "3"), ("300", "1")])
@pytest.mark.parametrize("form", ["grid", "csv", "json"])
def test_what_is_written_is_verified(squarm: Squarm, order: str, mols: str, form: str) -> None:
    if mols == "1":
        assert "2 or more" in squarm.refusal("solve", order, "--mols", mols)
        return
    text = squarm("solve", order, "--mols", mols, "--format", form)
    done = squarm.run("verify", "-", entered=text)
    kind = "1 pair" if mols == "2" else f"1 set of {mols} squares"
    assert (done.returncode, done.stdout) == (0, f"verified: {kind} of order {order}.\n")


def test_what_is_altered_is_told(squarm: Squarm) -> None:
    lines = squarm("solve", "270").splitlines()
    swapped = [*lines[:7], lines[8], lines[7], *lines[9:]]
    assert squarm.run("verify", "-", entered="\n".join(swapped)).returncode == 0
    twice = [*lines[:7], lines[8], *lines[8:]]
    told = squarm.run("verify", "-", entered="\n".join(twice))
    assert told.returncode == 1
    assert "line 1: Square 1 is not Latin: in row 9 a column gets a symbol" in told.stderr
    short = squarm.run("verify", "-", entered="\n".join(lines[:-1]))
    assert short.returncode == 1
    assert "There are 269 rows where 270 were due." in short.stderr
    strange = squarm.run("verify", "-", entered="\n".join([*lines[:4], lines[4] + "0"]))
    assert strange.returncode == 2
    assert "line 5: " in strange.stderr


def test_large_squares_are_analysed(squarm: Squarm) -> None:
    text = squarm("solve", "257", "--mols", "2")
    done = squarm.run("analyse", "-", entered=text)
    assert "1 pair of order 257" in done.stdout
    assert "Latin and mutually orthogonal" in done.stdout
    facts = json.loads(squarm.run("analyse", "-", "--json", entered=text).stdout)
    assert (facts["order"], facts["squares"], facts["verified"]) == (257, 2, True)
    numbers = "\n".join(" ".join(str((r + c) % 301) for c in range(301)) for r in range(301))
    done = squarm.run("analyse", "-", entered=numbers)
    assert "1 square of order 301" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--diagonal"], "leave out --diagonal"),
        (["--count", "2"], "say --count 1"),
        (["--mols", "400"], "7 MOLS are known, not 400"),
        (["--seconds", "5"], "leave out --seconds"),
    ],
)
def test_what_large_orders_cannot_have_is_said(
    squarm: Squarm, options: list[str], said: str
) -> None:
    assert said in squarm.refusal("solve", "1000", *options)


def test_an_order_too_large_for_a_job_is_told_the_way_out(squarm: Squarm) -> None:
    assert "squarm solve 7777 writes" in squarm.refusal("run", "7777")


def test_mols_says_how_many_by_what_and_the_bound(squarm: Squarm) -> None:
    ten = squarm("mols", "10")
    assert "2 mutually orthogonal squares are constructed here" in ten
    assert "order 6: 1 square is constructed here" in squarm("mols", "6")
    assert "quasi-difference matrix (Parker 1959)" in ten
    assert "at most 6" in ten
    known = json.loads(squarm("mols", "7777", "--json"))
    assert known["published"] == 30
    assert known["constructed"] == known["methods"][-1]["squares"] >= 15
    assert "constructions go from order 1 to 10,000" in squarm.refusal("mols", "10001")
