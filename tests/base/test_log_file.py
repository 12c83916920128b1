"""The log file: what is in it, what never is, and several squarms that write to it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

KNOWN = "correct horse battery"
SHAPED = "xoxb-1234567890-abcdefghij"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A Python program with a state folder of its own."""

    def run(*program: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        told = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "SQUARM_LOG": "", **environment}
        command = [sys.executable, *program]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=told)

    return run


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "squarm" / "squarm.log"


def test_no_secret_and_nothing_alive_is_in_it(run: Run, log: Path) -> None:
    done = run("-c", f"""
import logging, threading, warnings
from base import log_file
log_file.start("test")
log_file.hide(["{KNOWN}"])
log = logging.getLogger("fleet.test")
log.info("let in with %s as told by \\x1b]52;c;eA==\\x07evil\\u202e", "{KNOWN}")
log.info("named pi\\n2026-11-28T07:00:00.000Z 1 INFO forged: a line of another")
log.debug("too much")
try:
    raise ValueError("{SHAPED}")
except ValueError:
    log.exception("failed")
threading.Thread(target=lambda: 1 / 0).start()
warnings.warn("{SHAPED} is old")
""")  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    for absent in (KNOWN, SHAPED, "\x1b", "\x07", "\u202e", "too much"):
        assert absent not in text
    assert "let in with [hidden] as told by evil" in text
    assert "ValueError: [hidden]" in text
    assert "ZeroDivisionError" in text
    assert "[hidden] is old" in text
    lines = [line for line in text.splitlines() if not line.startswith("    ")]
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z \d+ [A-Z]+ [\w.]+: ", line) for line in lines)
    assert not any("forged: " in line for line in lines)


WRITER = """
import logging, sys
from base import log_file
log_file.BYTES, log_file.KEPT = 20_000, 1_000
log_file.start("test")
for number in range(300):
    logging.getLogger("tui").info("%s %d %s.", sys.argv[1], number, "x" * 200)
"""


def test_several_at_once_lose_no_line_when_it_is_full(tmp_path: Path, log: Path) -> None:
    names = ("a", "b", "c")
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name], env=environment) for name in names
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    files = list(log.parent.glob("squarm.log*"))
    assert len(files) > 3
    assert max(file.stat().st_size for file in files) <= 20_000
    lines = [line for file in files for line in file.read_text().splitlines()]
    told = [re.fullmatch(r"\S+ \d+ INFO tui: (\w \d+) x{200}\.", line) for line in lines]
    assert None not in told
    found = [match[1] for match in told if match]
    assert sorted(found) == sorted(f"{name} {number}" for name in names for number in range(300))


def test_it_does_not_grow_without_end(run: Run, log: Path) -> None:
    done = run("-c", WRITER.replace("1_000", "2"), "a")
    assert done.returncode == 0
    assert len(list(log.parent.glob("squarm.log*"))) == 3
    assert log.read_text().splitlines()[-1].endswith("x.")


@pytest.mark.parametrize(
    ("options", "variable", "there"),
    [
        ((), "", False),
        (("--debug",), "", True),
        (("--debug",), "error", True),
        ((), "DEBUG", True),
        ((), "error", False),
    ],
)
def test_more_is_kept_where_it_is_asked_for(
    run: Run, log: Path, options: tuple[str, ...], variable: str, *, there: bool
) -> None:
    done = run("-m", "tui", *options, "version", SQUARM_LOG=variable)
    assert done.returncode == 0
    assert done.stderr == ""
    assert (log.exists() and "begins: version" in log.read_text()) is there


def test_a_level_that_is_none_is_said(run: Run) -> None:
    done = run("-m", "tui", "version", SQUARM_LOG="loud\x1b[31m")
    assert done.returncode == 2
    assert done.stderr == (
        "squarm: SQUARM_LOG must be debug, info, warning or error: 'loud' is not.\n"
    )


FAULTY = f"""
import sys
from tui.command import version
from tui.__main__ import main
def fail(_):
    raise KeyError("{SHAPED}")
version.version = fail
sys.exit(main(["version"]))
"""


def test_a_fault_of_squarm_is_one_sentence_and_the_rest_is_in_the_file(run: Run, log: Path) -> None:
    done = run("-c", FAULTY)
    assert done.returncode == 70
    assert done.stderr.startswith("squarm: squarm failed by its own fault (KeyError)")
    assert str(log) in done.stderr
    assert done.stderr.count("\n") == 1
    text = log.read_text()
    assert "Traceback" in text
    assert "in fail" in text
    assert SHAPED not in text + done.stderr


def test_a_place_that_takes_no_file_stops_nobody(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = str(tmp_path / "file")
    assert run("-m", "tui", "--debug", "version", XDG_STATE_HOME=state).stderr == ""
    done = run("-c", FAULTY, XDG_STATE_HOME=state)
    assert done.returncode == 70
    assert "squarm.log cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1
