"""What shells do to a command line: variables not set, streams closed, names that are no text."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bad_sector import bad_sector
from tests.tui.command.running import Squarm

pytestmark = pytest.mark.slow


def test_an_empty_name_is_no_name_of_the_only_job(squarm: Squarm) -> None:
    squarm("run", "4", "--count", "1", "--engine", "local")
    for words in (
        *(["remove", "", "--yes"], ["remove", " ", "--yes"], ["cancel", "", "--yes"]),
        *(["logs", ""], ["resume", ""], ["share", ""], ["results", "--job", ""]),
        *(["results", "--job="], ["runs", "cancel", "", "--yes"], ["pi", "forget", ""]),
    ):
        sentence = squarm.refusal(*words)
        assert "empty names nothing: is a variable of the shell not set? See" in sentence
        assert sentence.endswith(f"See squarm {words[0]}{_action(words)} --help.")
    assert len(squarm("jobs", "--engine", "local", "--json").splitlines()) == 1


def _action(words: list[str]) -> str:
    return f" {words[1]}" if words[0] in ("runs", "pi") else ""


def test_a_limit_beyond_what_can_be_counted_is_refused(squarm: Squarm) -> None:
    squarm("run", "4", "--count", "1", "--engine", "local")
    for verb in (["results"], ["results", "--triples"]):
        sentence = squarm.refusal(*verb, "--limit", "9223372036854775808")
        assert sentence.startswith("Limit must be at most 9,223,372,036,854,775,807")
        squarm(*verb, "--limit", "9223372036854775807")


def test_a_folder_whose_name_is_no_text_is_a_folder(
    squarm: Squarm, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["XDG_DATA_HOME"] = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    squarm("run", "4", "--count", "1", "--engine", "local")
    (found,) = squarm("results", "--json").splitlines()
    assert json.loads(found)["order"] == 4
    for words in (["results", "--results", os.fsdecode(b"/no\xff/r.db")], ["outbox", "list"]):
        assert squarm.run(*words).returncode == 0


def test_of_a_job_whose_name_is_no_text_nothing_is_kept(squarm: Squarm) -> None:
    squarm("run", "4", "--count", "1", "--engine", "local")
    for words in (["results"], ["graph"]):
        looked = squarm.run(*words, "--job", os.fsdecode(b"\xff"))
        assert looked.stdout == ""
        assert looked.stderr.startswith("squarm: ")
        assert looked.stderr.count("\n") == 1


def test_too_few_files_are_said_with_the_way_out(squarm: Squarm) -> None:
    limited = [*("prlimit", "--nofile=12:12"), sys.executable, "-m", "tui"]
    words = ["run", "10", "--count", "4", "--engine", "local"]
    ended = subprocess.run(
        [*limited, *words], env=squarm.environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "raise the limit on them (ulimit -n" in ended.stderr


def test_a_name_that_is_no_text_is_shown_by_its_bytes(squarm: Squarm) -> None:
    name = os.fsdecode(b"\xff.txt")
    assert squarm.refusal("verify", name) == (
        "\\udcff.txt cannot be used: No such file or directory."
    )


@pytest.mark.parametrize("closed", ["<&-", "2>&-", ">&-"])
def test_a_closed_stream_is_no_fault(squarm: Squarm, closed: str) -> None:
    command = ["sh", "-c", f'"$@" {closed}', "sh", sys.executable, "-m", "tui"]
    for words in (["version"], ["jobs", "--engine", "local"], ["analyse", "-"]):
        done = subprocess.run(
            [*command, *words],
            env=squarm.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        said = done.stdout + done.stderr
        assert done.returncode in (0, 1, 2), said
        assert "fault" not in said
        if closed == ">&-":
            assert done.returncode == 2
            assert said.splitlines() == [
                "squarm: Standard output is closed: send it somewhere, such as to /dev/null."
            ]


def test_work_goes_on_where_nobody_can_be_told_of_it(squarm: Squarm) -> None:
    """A log on a full disk, or one whose reader has gone, ends no job."""
    program = f"{sys.executable} -m tui run 5 --engine local --count 2"
    for nowhere in ("2> /dev/full", "2> >(true)"):
        done = subprocess.run(
            ["bash", "-c", f"{program} {nowhere}"],
            env=squarm.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode, "2 of 2" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    "words", ["--help", "--version", "solve --help", "help pi add", "man", "solve 10"]
)
def test_what_a_full_disk_does_not_take_is_an_error(squarm: Squarm, words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tui", *words.split()],
            env=squarm.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "squarm: The output cannot be used: No space left on device.\n"


@pytest.mark.parametrize("stream", ["< /dev/null", "> /dev/null", "2> /dev/null"])
def test_a_console_that_nobody_could_see_or_use_says_so(squarm: Squarm, stream: str) -> None:
    """It draws on standard error, as Textual does."""
    program = f"TERM=xterm {sys.executable} -m tui {stream}"
    done = subprocess.run(
        ["script", "--quiet", "--return", "--command", program, "/dev/null"],
        env=squarm.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    if "2>" not in stream:
        assert "The console needs a terminal" in done.stdout


def test_an_unknown_fault_is_told_before_docker_is_asked(
    squarm: Squarm, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["DOCKER_HOST"] = f"unix://{tmp_path}/nobody.sock"
    said = "There is no fault 'node-draind': did you mean node-drained?"
    assert squarm.refusal("drill", "node-draind") == said
    assert squarm.refusal("drill", "node-drained", "node-draind", "--yes") == said


@pytest.mark.parametrize("given", ["<(cat pair)", "- <pair", "/dev/stdin <pair", "pipe"])
def test_squares_are_read_from_pipes(
    squarm: Squarm, environment: dict[str, str], tmp_path: Path, given: str
) -> None:
    (tmp_path / "pair").write_text(squarm("solve", "5", "--seed", "1"))
    os.mkfifo(tmp_path / "pipe")
    writer = "cat pair >pipe & " if given == "pipe" else ""
    done = subprocess.run(
        ["bash", "-c", f"{writer}{sys.executable} -m tui verify {given}"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_stands_before_a_bad_sector_is_read_and_the_file_is_named(
    squarm: Squarm, tmp_path: Path
) -> None:
    file, large = tmp_path / "squares.jsonl", tmp_path / "large.txt"
    file.write_text(squarm("solve", "10", "--count", "40", "--format", "json"))
    large.write_text(squarm("solve", "270"))
    before = file.read_bytes()[:8192].count(b"\n")
    said = f"squarm: {file} cannot be read from line {before + 1} on (Input/output error): "
    with bad_sector(file, 8192, 8193), bad_sector(large, 200_000, 200_001):
        looked, taken = squarm.run("verify", str(file)), squarm.run("results", "import", str(file))
        assert looked.stderr.splitlines()[-1].startswith(said)
        assert f"verified: {before}" in looked.stdout
        assert taken.stderr.splitlines()[-1].startswith(said)
        assert f"Imported {before} sets" in taken.stdout
        refused = squarm.refusal("verify", str(large))
        assert refused == f"{large} cannot be used: Input/output error."
