"""`squarm analyse` and `squarm verify` as a user meets them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from solver.classes.main_class import main_class
from tests.solver.renaming import Set, cyclic, field_set, group_table, renamed


def run(*arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr
    return done


def line_of(squares: Set) -> str:
    return json.dumps({"squares": squares}) + "\n"


def test_one_object_a_square_in_the_order_given(tmp_path: Path) -> None:
    path = tmp_path / "squares.txt"
    path.write_text("012\n120\n201\n" + "01234\n" * 5 + line_of(field_set(5, 2)))
    done = run("analyse", str(path), "--json")
    assert (done.returncode, done.stderr) == (1, "")
    three, bad, *pair = map(json.loads, done.stdout.splitlines())
    assert (three["order"], three["latin"], three["transversals"], three["mates"]) == (
        3,
        True,
        3,
        1,
    )
    assert (three["autoparatopisms"], three["intercalates"]) == (108, 0)
    assert (bad["latin"], bad["transversals"]) == (False, None)
    assert "column 1" in bad["why"]
    assert [one["number"] for one in pair] == [3, 4]
    assert [one["set"]["square"] for one in pair] == [1, 2]
    assert pair[0]["set"]["verified"]
    assert pair[0]["set"]["extensions"] == 2
    assert pair[0]["main_class"] == pair[1]["main_class"]


def test_the_class_does_not_change_with_names() -> None:
    square = group_table(2, 2, 2)
    text = line_of(square) + line_of(renamed(square, 5)) + line_of(cyclic(8))
    done = run("analyse", "-", "--json", text=text)
    one, same, other = (json.loads(line) for line in done.stdout.splitlines())
    found = main_class(square)
    assert found is not None
    assert one["main_class"] == same["main_class"] == found.digest.hex() != other["main_class"]
    assert one["canonical"] == same["canonical"] == json.loads(json.dumps(found.squares))


def test_for_people_it_says_how_far_a_pair_is_from_a_triple() -> None:
    done = run("analyse", "-", text="A0 B1 C2\nB2 C0 A1\nC1 A2 B0\n")
    assert done.returncode == 0
    assert "2 squares, verified: mutually orthogonal" in done.stdout
    assert "0 of the 3 that square 3 of a set needs" in done.stdout


def test_a_capped_count_is_said_to_be_one() -> None:
    text = line_of(group_table(2, 2, 2))
    assert "at least 500" in run("analyse", "-", "--mates", "500", text=text).stdout
    body = json.loads(run("analyse", "-", "--json", "--mates", "500", text=text).stdout)
    assert (body["mates"], body["mates_whole"]) == (500, False)


def test_verify_counts_what_is_sound() -> None:
    done = run("verify", "-", text=line_of(field_set(7, 2)) * 3 + "012\n120\n201\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "verified: 1 square of order 3, 3 pairs of order 7.\n"


def test_verify_takes_what_the_solver_writes_and_finds_what_is_missing() -> None:
    made = run("solve", "7", "--count", "3", "--seed", "1", "--format", "json").stdout
    assert run("verify", "-", text=made).returncode == 0
    solver = [sys.executable, "-m", "solver", "5", "--count", "3", "--seed", "1"]
    whole = subprocess.run(solver, capture_output=True, text=True, check=True).stdout
    assert run("verify", "-", text=whole).returncode == 0
    lacking = run("verify", "-", text="".join(whole.splitlines(keepends=True)[1:]))
    assert lacking.returncode == 1
    assert "3 squares, of which 2 were read" in lacking.stderr
    altered = run("verify", "-", text=whole.replace('"seq":1', '"seq":2', 1))
    assert altered.returncode == 1
    assert "checksum" in altered.stderr


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            "012\n120\n210\n",
            1,
            "line 1: this square is not Latin: column 2 holds the same symbol in rows 1",
        ),
        (line_of(cyclic(3) * 2), 1, "only 3 of 9 pairs"),
        (line_of((*cyclic(3), *cyclic(5))), 1, "Square 2 is not 3 by 3"),
        ("0?2\n120\n201\n", 2, "line 1: row 1, column 2: '?' is an empty cell"),
        ("012\n120\n", 2, "2 of 3 rows"),
        ("", 2, "There are no squares in -"),
    ],
)
def test_verify_says_what_is_wrong_in_one_sentence(text: str, code: int, words: str) -> None:
    done = run("verify", "-", text=text)
    assert done.returncode == code
    (said,) = done.stderr.splitlines()
    assert words in said


def test_squares_that_come_alone_can_be_taken_together() -> None:
    text = "\n\n".join("\n".join("".join(map(str, row)) for row in one) for one in field_set(5, 4))
    assert "2 pairs of order 5" in run("verify", "-", "--mols", "2", text=text).stdout
    assert "1 set of 4 squares of order 5" in run("verify", "-", "--mols", "4", text=text).stdout
    assert "1 set of 4 squares of order 5" in run("verify", "-", text=text).stdout
    assert "4 squares of order 5" in run("verify", "-", "--mols", "1", text=text).stdout
    odd = run("verify", "-", "--mols", "3", text=text)
    assert odd.returncode == 2
    assert "1 of 3 squares" in odd.stderr


@pytest.mark.parametrize(
    "arguments",
    [["analyse", "/no/such/file"], ["verify", "/"], ["analyse", "-", "--mates", "0"], ["verify"]],
)
def test_what_makes_no_sense_is_one_sentence(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_long_file_is_streamed() -> None:
    """Its first answers are there while the rest has not been written yet."""
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "analyse", "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("0110\n" * 3)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["order"] == 2
        process.stdin.close()
        assert len(process.stdout.readlines()) == 2


def test_ctrl_c_ends_a_count_that_is_under_way() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "analyse", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"0110\n" + line_of(cyclic(15)).encode())
        process.stdin.close()
        assert process.stdout.readline()
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) != 0
