"""`squarm solve` and `squarm results`."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from solver.record_reader import decode
from solver.records import SquareRecord
from solver.verify import flaw_of
from tests.tui.command.running import Squarm
from tui.command.options import FORMATS

pytestmark = pytest.mark.slow


def test_solve_prints_the_classical_grid(squarm: Squarm) -> None:
    grids = squarm("solve", "10", "--count", "2", "--seed", "42").split("\n\n")
    assert len(grids) == 2
    for text in grids:
        rows = [line.split(" ") for line in text.strip().splitlines()]
        assert rows[0] == [f"{letter}{number}" for number, letter in enumerate("ABCDEFGHIJ")]
        assert len({cell for row in rows for cell in row}) == 100
        for symbol in (0, 1):
            for line in [*rows, *zip(*rows, strict=True)]:
                assert len({cell[symbol] for cell in line}) == 10


def test_solve_repeats_itself_in_every_format(squarm: Squarm) -> None:
    asked = ("solve", "9", "--count", "1", "--seed", "7", "--format")
    for form in ("grid", "json", "csv"):
        assert squarm(*asked, form) == squarm(*asked, form)
    record = decode(squarm(*asked, "json").strip())
    assert isinstance(record, SquareRecord)
    assert flaw_of(record) == ""
    lines = list(csv.DictReader(squarm(*asked, "csv").splitlines()))
    rows = [[tuple(map(int, line["cells"].split())) for line in lines[i : i + 9]] for i in (0, 9)]
    assert tuple(map(tuple, rows)) == record.squares
    assert [line["square"] for line in lines] == ["0"] * 9 + ["1"] * 9


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_what_is_printed_in_any_format_can_be_read_again(squarm: Squarm, form: str) -> None:
    asked = ("solve", "9", "--count", "2", "--seed", "7", "--format")
    printed = squarm.run("verify", "-", entered=squarm(*asked, form))
    assert (printed.stdout, printed.stderr) == ("verified: 2 pairs of order 9.\n", "")


def test_solve_proves_that_some_orders_have_no_pair(squarm: Squarm) -> None:
    six = squarm.refusal("solve", "6", code=1)
    assert "No pair" in six
    assert "all 9,408 reduced Latin squares of order 6" in six
    assert "only reduced Latin square of order 2" in squarm.refusal("solve", "2", code=1)


@pytest.mark.parametrize("command", ["solve 10 --count 100000", "results", "logs -f"])
def test_output_into_head_ends_quietly(squarm: Squarm, command: str) -> None:
    if command == "results":
        squarm("run", "10", "--count", "20")
    elif command == "logs -f":
        job = squarm("run", "10", "--count", "100000", "--detach").strip()
        command = f"logs -f {job}"
    program = f"set -o pipefail; {sys.executable} -m tui {command} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", program],
        env=squarm.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    if command.startswith("logs"):
        squarm("cancel", command.split()[-1], "--yes")


def test_no_worker_stays_behind_a_search_that_is_killed(squarm: Squarm) -> None:
    """It would hold standard error for ever, waiting for who reads what it finds."""
    searching = squarm.start("solve", "8", "--source", "exhaust", "--count", "1000000")
    assert searching.stdout is not None
    searching.stdout.read(10_000)
    searching.kill()
    searching.communicate(timeout=60)


def test_squares_of_a_file_are_searched_and_bad_ones_named(squarm: Squarm, tmp_path: Path) -> None:
    file = tmp_path / "squares"
    file.write_text(squarm("solve", "9", "--source", "turn", "--count", "2", "--mates", "1"))
    done = squarm.run("solve", "9", "--file", str(file), "--count", "2", "--format", "json")
    assert "the first square of each is searched from, 2 others are left out" in done.stderr
    records = [decode(line) for line in done.stdout.splitlines()]
    assert [r.source for r in records if isinstance(r, SquareRecord)] == ["file", "file"]
    assert "has order 9, the job's is 10" in squarm.refusal("solve", "10", "--file", str(file))
    file.write_text("0 1 2\n1 2 0\n2 1 0\n")
    assert "Line 1: this square is not Latin" in squarm.refusal("solve", "3", "--file", str(file))
    file.write_text("")
    assert "no squares in" in squarm.refusal("solve", "3", "--file", str(file))


def test_a_hunt_fills_the_leaderboard(squarm: Squarm) -> None:
    assert "There are no results" in squarm.refusal("results", "--triples", code=0)
    said = squarm("run", "--triple", "--count", "1", "--replicas", "1", "--seed", "3")
    assert "1 of 1 triples of order 10 found and kept" in said
    head, *board = squarm("results", "--triples").splitlines()
    assert head.split() == ["PAIRS", "GROUP", "TIMES", "FOUND", "BY"]
    assert ["100 + 100 + 91" in line for line in board] == [True, True, False]
    assert ["published" in line for line in board] == [True, False, True]
    best = json.loads(squarm("results", "--triples", "--json"))
    assert best["group"] > 1
    assert best["times"] == 1
    assert f"  {best['group']:>5}      1  " in board[1]
    assert squarm("results", "--triples", "--limit", "1", "--format", "csv").count("\n") == 31
    assert "no such results" in squarm.refusal("results", "--order", "10", code=0)


def test_kept_squares_are_shown_with_number_job_and_date(squarm: Squarm) -> None:
    for order in ("5", "9"):
        squarm("run", order, "--count", "12", "--seed", "3", "--engine", "local")
    listed = map(json.loads, squarm("jobs", "--json").splitlines())
    jobs = {job["spec"]["order"]: job["id"] for job in listed}
    shown = squarm.run("results")
    heads = [line for line in shown.stdout.splitlines() if line.startswith("#")]
    assert len(heads) == 20
    assert re.fullmatch(rf"# 24  {jobs[9]}  \S+  20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", heads[0])
    assert shown.stderr == "squarm: These are the newest 20: --limit all prints all.\n"
    whole = squarm.run("results", "--limit", "all")
    assert whole.stdout.count("#") == 24
    assert whole.stderr == ""
    verified = squarm.run("verify", "-", entered=whole.stdout)
    assert verified.stdout == "verified: 12 pairs of order 5, 12 pairs of order 9.\n"
    begun = squarm("results", "--job", jobs[5][:-2], "--limit", "all")
    assert begun.count(f"  {jobs[5]}  ") == begun.count("#") == 12
    assert "could be any of 2 jobs" in squarm.refusal("results", "--job", "mols")


def test_empty_lists_end_well_and_say_what_to_do(squarm: Squarm) -> None:
    for words, told in (
        (("jobs",), "squarm run 10 starts one"),
        (("results",), "squarm run 10 finds some"),
        (("results", "--triples"), "squarm run 10 finds some"),
        (("runs", "list"), "squarm provision starts"),
        (("audit",), "Nothing has been changed yet"),
        (("outbox",), "The outbox is empty"),
    ):
        assert told in squarm.refusal(*words, code=0)
    squarm("run", "4", "--count", "1", "--engine", "local")
    hunted = squarm.run("results", "--triples")
    assert (hunted.returncode, hunted.stdout.count("published")) == (0, 2)
    assert "squarm run --triple hunts" in hunted.stderr
    assert "squarm results shows" in squarm.refusal("results", "--job", "nope", code=0)


def test_a_job_that_found_nothing_says_why(squarm: Squarm) -> None:
    assert "No pair of orthogonal" in squarm.run("run", "6", "--engine", "local").stderr
    assert "No pair of orthogonal" in squarm("jobs")
    assert "No pair of orthogonal" in json.loads(squarm("jobs", "--json"))["why"]
