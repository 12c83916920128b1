"""The command line as a user meets it: a process of its own, its output, its exit status."""

import csv
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from solver.records import SquareRecord, decode
from solver.verify import flaw_of
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's data directory."""
    return tmp_path / "data"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    gone = {"DOCKER_HOST": f"unix://{home}/no-docker.sock", "DOCKER_CONFIG": str(home)}
    return {**os.environ, "XDG_DATA_HOME": str(home), "COLUMNS": "80", **gone}


class Squarm:
    """Runs `squarm` in an environment of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What it prints on standard output; its exit code is checked."""
        done = self.run(*arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def refusal(self, *arguments: str, code: int = 2, entered: str = "") -> str:
        """Its one sentence on standard error."""
        done = self.run(*arguments, entered=entered)
        assert done.returncode == code, (done.stdout, done.stderr)
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("squarm: ")
        return line.removeprefix("squarm: ")

    def run(self, *arguments: str, entered: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tui", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            input=entered,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def squarm(environment: dict[str, str], home: Path) -> Iterator[Squarm]:
    yield Squarm(environment)
    for job in (home / "squarm" / "jobs").glob("mols*"):
        (job / "cancelled").touch()


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


def test_solve_proves_that_some_orders_have_no_pair(squarm: Squarm) -> None:
    six = squarm.refusal("solve", "6", code=1)
    assert "No pair" in six
    assert "all 9,408 reduced Latin squares of order 6" in six
    assert "only reduced Latin square of order 2" in squarm.refusal("solve", "2", code=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "0"], "Order must be"),
        (["solve", "-1"], "Order must be a whole number of 1 or more: -1"),
        (["solve", "ten"], "'ten'"),
        (["solve", "99999"], "too large"),
        (["solve", "9" * 400], "Order must be a whole number"),
        (["solve", ""], "Order must be a whole number"),
        (["solve", "10", "--count", "0"], "Count must be between 1 and"),
        (["solve", "10", "--count", "-5"], "Count must be between 1 and"),
        (["solve", "10", "--seed", "x\x1b[31m"], "Seed must be a whole number"),
        (["solve", "10", "--format", "xml"], "'xml'"),
        (["solve"], "order"),
        (["solve", "10", "--nonsense"], "--nonsense"),
        (["solve", "10", "--mols", "3"], "open problem"),
        (["solve", "10", "--mols", "two"], "Mols must be a whole number"),
        (["solve", "13", "--source", "turn"], "take construct for 13"),
        (["solve", "10", "--source", "luck"], "one of auto"),
        (["solve", "10", "--source", "file"], "from a file"),
        (["solve", "10", "--file", "/no/such/file"], "/no/such/file"),
        (["solve", "7", "--source", "exhaust", "--diagonal"], "reduced"),
        (["solve", "10", "--subsquare", "6"], "order 2 to 5"),
        (["run", "9", "--triple"], "squarm solve 9 --mols 3"),
        (["swim"], "'swim'"),
        (["run", "-1"], "Order must be"),
        (["run", "10", "--count", "1000001"], "Count must be between"),
        (["run", "10", "--replicas", "0"], "Replicas must be between"),
        (["run", "10", "--cpus", "0"], "Cpus must be between"),
        (["run", "10", "--memory", "lots"], "Memory must be a size such as 64M"),
        (["run", "10", "--memory", "1M"], "Memory must be between 48M"),
        (["run", "10", "--memory", "99999G"], "Memory must be between"),
        (["run", "10", "--seconds", "99999999"], "Seconds must be between"),
        (["run", "10", "--engine", "steam"], "'steam'"),
        (["--read-only", "run", "10"], "--read-only"),
        (["results", "--order", "0"], "Order must be"),
        (["results", "--limit", "0"], "Limit must be"),
        (["jobs", "--engine", "swarm"], "Docker"),
        (["cancel", "nothing", "--yes"], "There is no job 'nothing'"),
        (["logs", "../../etc"], "There is no job"),
        (["resume", "nothing"], "There is no job"),
        (["remove", "nothing"], "There is no job"),
    ],
)
def test_what_makes_no_sense_is_answered_with_one_sentence(
    squarm: Squarm, arguments: list[str], words: str
) -> None:
    sentence = squarm.refusal(*arguments)
    assert words in sentence
    assert "\x1b" not in sentence
    assert sentence.endswith(".")


def test_a_job_from_start_to_removal(squarm: Squarm) -> None:
    assert "There are no jobs" in squarm.run("jobs").stderr
    assert "no results" in squarm.refusal("results", code=1)
    summary = squarm("run", "10", "--count", "12", "--seed", "3")
    assert "12 of 12 squares of order 10 found and kept" in summary
    (listed,) = map(json.loads, squarm("jobs", "--json").splitlines())
    assert (listed["state"], listed["found"], listed["units_done"]) == ("complete", 12, 8)
    assert listed["id"] in squarm("jobs")
    prefix = listed["id"][:-2]
    records = [decode(line) for line in squarm("logs", prefix).splitlines()]
    assert sum(isinstance(record, SquareRecord) for record in records) == 12
    kept = [json.loads(line) for line in squarm("results", "--json").splitlines()]
    assert {json.dumps(result["squares"]) for result in kept} == {
        json.dumps(record.squares) for record in records if isinstance(record, SquareRecord)
    }
    assert [result["id"] for result in kept] == list(range(12, 0, -1))
    assert len(squarm("results", "--job", listed["id"], "--limit", "3").split("\n\n")) == 3
    assert squarm("resume", prefix) == summary
    assert "complete" in squarm.run("cancel", prefix).stderr
    assert "say --yes" in squarm.refusal("remove", prefix)
    assert "Removed" in squarm("remove", prefix, "--yes")
    assert squarm("jobs", "--json") == ""
    assert len(squarm("results", "--json").splitlines()) == 12
    assert "No pair" in squarm.refusal("run", "6", code=1)


def test_removing_a_job_first_keeps_what_is_in_its_logs(squarm: Squarm, home: Path) -> None:
    squarm("run", "10", "--count", "6", "--seed", "3")
    job = json.loads(squarm("jobs", "--json"))["id"]
    for file in (home / "squarm").glob("results.sqlite3*"):
        file.unlink()
    squarm("remove", job, "--yes")
    assert len(squarm("results", "--json").splitlines()) == 6


def test_ctrl_c_leaves_a_job_that_resume_completes(squarm: Squarm) -> None:
    running = squarm.start("run", "10", "--count", "8000", "--seed", "5")
    wait_until(lambda: re.search(r'"units_done":[1-7]', squarm("jobs", "--json")))
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in said
    listed = json.loads(squarm("jobs", "--json"))
    assert listed["state"] == "interrupted"
    assert f"squarm resume {listed['id']}" in said
    assert "8,000 of 8,000" in squarm("resume", listed["id"])
    assert json.loads(squarm("jobs", "--json"))["found"] == 8000


def test_a_detached_job_runs_on_and_can_be_followed_and_cancelled(squarm: Squarm) -> None:
    job = squarm("run", "10", "--count", "100000", "--detach").strip()
    wait_until(lambda: json.loads(squarm("jobs", "--json"))["found"])
    following = squarm.start("logs", "-f", job)
    assert following.stdout is not None
    assert isinstance(decode(following.stdout.readline()), SquareRecord)
    assert "say --yes" in squarm.refusal("cancel", job)
    assert "Cancelled" in squarm("cancel", job, "--yes")
    following.communicate(timeout=10)
    assert following.returncode == 0
    assert json.loads(squarm("jobs", "--json"))["state"] == "cancelled"


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
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    if command.startswith("logs"):
        squarm("cancel", command.split()[-1], "--yes")


def spoil_by_text(path: Path) -> None:
    path.write_bytes(b"nonsense" * 500)


def spoil_by_version(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 77")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(spoil_by_text, "--results FILE"), (spoil_by_version, "newer squarm")],
)
def test_a_results_file_that_cannot_be_used(
    squarm: Squarm, home: Path, spoil: Callable[[Path], None], words: str
) -> None:
    squarm("run", "4", "--count", "1")
    path = home / "squarm" / "results.sqlite3"
    spoil(path)
    spoilt = path.read_bytes()
    for verb in (["results"], ["run", "4"]):
        assert words in squarm.refusal(*verb)
    listing = squarm.run("jobs")
    assert listing.returncode == 0
    assert words in listing.stderr
    assert "?/1" in listing.stdout
    assert path.read_bytes() == spoilt
    elsewhere = str(home / "other.sqlite3")
    squarm("run", "4", "--count", "1", "--results", elsewhere)
    assert squarm("--results", elsewhere, "results", "--json").count("\n") == 1


@pytest.fixture
def disk(home: Path) -> Iterator[Path]:
    """The user's data directory on a file system of 400 KiB of its own."""
    home.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(home)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield home
    subprocess.run(["umount", "-l", home], check=True)


def test_a_full_or_read_only_disk(squarm: Squarm, disk: Path) -> None:
    squarm("run", "4", "--count", "1")
    failed = squarm.run("run", "10", "--count", "2000")
    assert failed.returncode == 1
    assert "make room" in failed.stderr
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free))
    assert "full: make room" in squarm.refusal("run", "10")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    assert "cannot be written" in squarm.refusal("run", "10")
    assert squarm("results", "--order", "4", "--json").count("\n") == 1
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tui", "solve", "10"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "squarm: The output cannot be used: No space left on device.\n"


def test_on_a_terminal_cancelling_asks_and_progress_is_shown(squarm: Squarm) -> None:
    job = squarm("run", "10", "--count", "100000", "--detach").strip()
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-m", "tui", "cancel", job],
        env=squarm.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    asked = ""
    while "[y/N]" not in asked:
        asked += os.read(ours, 4096).decode()
    assert f"Cancel {job} (order 10)?" in asked
    assert "What was found so far stays." in asked
    os.write(ours, b"\n")
    assert asking.wait(10) == 1
    assert json.loads(squarm("jobs", "--json"))["state"] == "running"
    squarm("cancel", job, "--yes")
    os.close(ours)


def test_no_verb_imports_textual(squarm: Squarm) -> None:
    probe = (
        "import sys; from tui.__main__ import main; code = main(sys.argv[1:]);"
        "print([name for name in sys.modules if name.split('.')[0] in ('textual', 'rich')]);"
        "sys.exit(code)"
    )
    for verb in (["jobs"], ["run", "4", "--count", "1"], ["results"], ["solve", "4"], ["version"]):
        done = subprocess.run(
            [sys.executable, "-c", probe, *verb],
            env=squarm.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "[]"


def test_squares_of_a_file_are_searched_and_bad_ones_named(squarm: Squarm, tmp_path: Path) -> None:
    file = tmp_path / "squares"
    file.write_text(squarm("solve", "9", "--source", "turn", "--count", "2", "--mates", "1"))
    lines = squarm("solve", "9", "--file", str(file), "--count", "2", "--format", "json")
    records = [decode(line) for line in lines.splitlines()]
    assert [r.source for r in records if isinstance(r, SquareRecord)] == ["file", "file"]
    assert "has order 9, the job's is 10" in squarm.refusal("solve", "10", "--file", str(file))
    file.write_text("0 1 2\n1 2 0\n2 1 0\n")
    assert "Line 1: this square is not Latin" in squarm.refusal("solve", "3", "--file", str(file))
    file.write_text("")
    assert "no squares in" in squarm.refusal("solve", "3", "--file", str(file))


def test_a_hunt_fills_the_leaderboard(squarm: Squarm) -> None:
    assert "There are no results" in squarm.refusal("results", "--triples", code=1)
    said = squarm("run", "--triple", "--count", "2", "--replicas", "1", "--seed", "3")
    assert "2 of 2 triples of order 10 found and kept" in said
    board = squarm("results", "--triples").splitlines()
    assert "100 + 100 + 91" in board[0]
    assert sum("published" in line for line in board) == 2
    assert len(board) == 4
    assert squarm("results", "--triples", "--limit", "1", "--format", "csv").count("\n") == 31
    assert "no such results" in squarm.refusal("results", "--order", "10", code=1)


def test_large_sets_come_whole_through_job_and_store(squarm: Squarm) -> None:
    squarm("run", "50", "--mols", "6", "--count", "2", "--replicas", "1")
    results = squarm("results", "--order", "50", "--json").splitlines()
    assert [len(json.loads(line)["squares"]) for line in results] == [6, 6]
