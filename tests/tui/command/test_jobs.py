"""The verbs about jobs, from start to removal, on local workers."""

import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from results.store import Store
from solver.record_reader import decode
from solver.records import SquareRecord
from swarm.local.engine import LocalEngine
from swarm.local.job_folder import Lock, is_locked
from tests.small_disk import small_disk
from tests.tui.command.running import Squarm
from tests.waiting import until, wait_until
from tui.command.jobs.run import run
from tui.command.parser import build

pytestmark = pytest.mark.slow


def test_a_job_from_start_to_removal(squarm: Squarm) -> None:
    assert "There are no jobs" in squarm.run("jobs").stderr
    assert "no results" in squarm.refusal("results", code=0)
    summary = squarm("run", "10", "--count", "12", "--seed", "3")
    assert "12 of 12 squares of order 10 found and kept" in summary
    (listed,) = map(json.loads, squarm("jobs", "--json").splitlines())
    assert (listed["state"], listed["found"], listed["units_done"]) == ("complete", 12, 8)
    assert listed["id"] in squarm("jobs")
    prefix = listed["id"][:-2]
    records = [decode(line) for line in squarm("logs", prefix).splitlines()]
    assert sum(isinstance(record, SquareRecord) for record in records) == 12
    found = squarm("logs", prefix, "--level", "found", "--filter", "u3 !done").splitlines()
    assert found == [line for line in found if '"unit":3' in line and '"square"' in line] != []
    assert squarm("logs", prefix, "--level", "wrong") == ""
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
    assert "No pair" in squarm.run("run", "6").stderr


def test_removing_a_job_first_keeps_what_is_in_its_logs(squarm: Squarm, home: Path) -> None:
    squarm("run", "10", "--count", "6", "--seed", "3")
    job = json.loads(squarm("jobs", "--json"))["id"]
    for file in (home / "squarm").glob("results.sqlite3*"):
        file.unlink()
    squarm("remove", job, "--yes")
    assert len(squarm("results", "--json").splitlines()) == 6


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_what_a_stopped_job_found_and_cannot_be_read_keeps_it(
    squarm: Squarm, home: Path, stop: signal.Signals
) -> None:
    with squarm.start("run", "10", "--count", "100000", "--seed", "1", "--engine", "local") as run:
        wait_until(lambda: any(home.glob("squarm/jobs/mols*/unit-0.log")), 60)
        (log,) = home.glob("squarm/jobs/mols*/unit-0.log")
        wait_until(lambda: log.stat().st_size > 2000, 60)
        run.send_signal(stop)
    job = log.parent.name
    for file in home.glob("squarm/results.sqlite3*"):
        file.unlink()
    log.rename(log.with_name("aside"))
    log.symlink_to(log)
    words = ("remove", job, "--yes", "--engine", "local")
    assert f"{job} stays: what unit 0" in squarm.run(*words).stderr
    log.unlink()
    log.with_name("aside").rename(log)
    assert "its squares stay" in squarm(*words)
    squares = [line for line in squarm("results", "--limit", "all", "--json").splitlines() if line]
    assert [line for line in squares if json.loads(line)["unit"] == 0]


def test_a_job_that_is_kept_whole_is_complete_whatever_its_logs_have_become(
    squarm: Squarm, home: Path
) -> None:
    squarm("run", "10", "--count", "6", "--seed", "3")
    job = json.loads(squarm("jobs", "--json"))["id"]
    logs = home / "squarm" / "jobs" / job
    # As a power cut leaves what was not on the card yet.
    (logs / "unit-0.log").write_bytes(b"\0" * (logs / "unit-0.log").stat().st_size)
    (logs / "unit-2.log").unlink()
    told = json.loads(squarm("jobs", "--json"))
    assert (told["state"], told["units_done"], told["why"]) == ("complete", 6, "")
    assert "is proved complete" in squarm("jobs", "check", job)
    for file in (home / "squarm").glob("results.sqlite3*"):
        file.unlink()
    told = json.loads(squarm("jobs", "--json"))
    assert (told["state"], told["units_done"]) == ("interrupted", 4)
    assert "6 of 6 squares" in squarm("resume", job)


HOSTILE = (
    '{"type":"progress","unit":0,"tried":1,"transversals":1,"found":1,"seconds":1%s}' % ("0" * 400),
    '{"type":"impossible","unit":0,"order":6,"exhausted":"\\ud800","squares":9408,"transversals":1}',
    '{"type":"progress","unit":0,"tried":2,"transversals":1,"found":1,"seconds":NaN}',
    '{"type":"done","unit":0,"count":4611686018427387903,"digest":"\\udfff","reason":"found"}',
    '{"type":"done","unit":0,"count":4611686018427387903,"digest":"0","reason":"found"}',
    "[" * 990 + "]" * 990,
)
"""What ended whoever read it."""


def test_a_line_that_lies_ends_no_verb(squarm: Squarm, home: Path) -> None:
    squarm("run", "10", "--count", "6", "--seed", "3")
    job = json.loads(squarm("jobs", "--json"))["id"]
    log = home / "squarm" / "jobs" / job / "unit-0.log"
    log.write_text("".join(f"{line}\n" for line in HOSTILE))
    for file in (home / "squarm").glob("results.sqlite3*"):
        file.unlink()
    assert json.loads(squarm("jobs", "--json"))["state"] == "interrupted"
    assert len(squarm("logs", job).splitlines()) >= len(HOSTILE)
    assert "6 of 6 squares" in squarm("resume", job)
    for verb in ("verify", "analyse"):
        done = squarm.run(verb, str(log))
        assert "Traceback" not in done.stderr
        assert done.returncode == 2
        assert "line 6" in done.stderr


def test_ctrl_c_leaves_a_job_that_resume_completes(squarm: Squarm, home: Path) -> None:
    running = squarm.start("run", "10", "--count", "2000", "--seed", "5")
    logs = home / "squarm" / "jobs"
    wait_until(lambda: any('"done"' in log.read_text() for log in logs.rglob("*.log")), 120)
    running.send_signal(signal.SIGINT)
    # As `timeout -s INT` does, to the process and to its group.
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert "destroyed" not in said
    listed = json.loads(squarm("jobs", "--json"))
    assert listed["state"] == "interrupted"
    assert 1 <= listed["units_done"] < 8
    assert listed["why"] == f"stopped before its end: squarm resume {listed['id']} goes on with it."
    assert f"squarm resume {listed['id']}" in said
    assert "2,000 of 2,000" in squarm("resume", listed["id"])
    assert json.loads(squarm("jobs", "--json"))["found"] == 2000


def test_a_detached_job_runs_on_and_can_be_followed_and_cancelled(
    squarm: Squarm, home: Path
) -> None:
    job = squarm("run", "10", "--count", "100000", "--detach").strip()
    # It has changed hands, and nobody may see it without an owner meanwhile.
    assert is_locked(home / "squarm" / "jobs" / job / "lock")
    following = squarm.start("logs", "-f", job)
    assert following.stdout is not None
    assert isinstance(decode(following.stdout.readline()), SquareRecord)
    assert "say --yes" in squarm.refusal("cancel", job)
    assert "Cancelled" in squarm("cancel", job, "--yes")
    following.communicate(timeout=60)
    assert following.returncode == 0
    assert json.loads(squarm("jobs", "--json"))["state"] == "cancelled"


async def test_what_a_job_found_that_ends_before_it_changes_hands_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    hand_over = LocalEngine.hand_over

    async def too_late(engine: LocalEngine, job: str) -> Lock | None:
        async def over() -> bool:
            return not any(view.state.live for view in await engine.jobs())

        await until(over)
        return await hand_over(engine, job)

    monkeypatch.setattr(LocalEngine, "hand_over", too_late)
    given = ["run", "10", "--count", "8", "--engine", "local", "--detach"]
    assert await run(build(given).parse_args(given)) == 0
    job = capsys.readouterr().out.strip()
    with Store.open(read_only=True) as store:
        assert store.found(job) == 8


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
    with small_disk(home, "400k") as made:
        yield made


@pytest.mark.usefixtures("disk")
def test_a_disk_that_a_job_fills(squarm: Squarm) -> None:
    failed = squarm.run("run", "10", "--count", "2000")
    assert failed.returncode == 1
    assert "make room" in failed.stderr


def test_a_full_or_read_only_disk(squarm: Squarm, disk: Path) -> None:
    squarm("run", "4", "--count", "1")
    # What SQLite keeps beside an open results file is there already: it opens on a full disk, too.
    reader = sqlite3.connect(disk / "squarm" / "results.sqlite3")
    assert reader.execute("SELECT count(*) FROM sqlite_master").fetchone() > (0,)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free))
    assert "jobs is full: make room" in squarm.refusal("run", "10")
    ballast.unlink()
    reader.close()
    assert sorted(path.name for path in (disk / "squarm").glob("results*")) == ["results.sqlite3"]
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free))
    assert "failing: make room" in squarm.refusal("run", "10")
    # Refused for as long as a process has a file open for writing.
    remount = ["mount", "-o", "remount,ro", str(disk)]
    wait_until(lambda: subprocess.run(remount, check=False).returncode == 0, 60)
    assert "cannot be written" in squarm.refusal("run", "10")
    assert squarm("results", "--order", "4", "--json").count("\n") == 1


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


def test_large_sets_come_whole_through_job_and_store(squarm: Squarm) -> None:
    squarm("run", "50", "--mols", "6", "--count", "2", "--replicas", "1")
    results = squarm("results", "--order", "50", "--json").splitlines()
    assert [len(json.loads(line)["squares"]) for line in results] == [6, 6]


def test_a_check_proves_a_job_and_fills_what_is_missing(squarm: Squarm, home: Path) -> None:
    squarm("run", "10", "--count", "32", "--seed", "3")
    job = json.loads(squarm("jobs", "--json"))["id"]
    proved = (
        f"{job} is proved complete: all 8 units are held to the end, 32 squares in sequence, and "
        "each unit's digest agrees.\n"
    )
    assert squarm("jobs", "check", job) == proved
    results = home / "squarm" / "results.sqlite3"

    def lose(unit: int) -> None:
        with sqlite3.connect(results) as database:
            database.execute("DELETE FROM finds WHERE unit = ? AND seq > 1", (unit,))
            database.execute(
                "UPDATE tallies SET found = (SELECT count(*) FROM finds) WHERE job <> ''"
            )

    lose(2)
    assert squarm("--read-only", "jobs", "check", job) == proved
    # What the log holds no more is only there again once the unit is run again.
    lose(5)
    log = home / "squarm" / "jobs" / job / "unit-5.log"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join([lines[0], lines[-1]]))
    done = squarm.run("--read-only", "jobs", "check", job)
    assert done.returncode == 1
    assert "unit 5 on " in done.stderr
    assert "its end has not been read, 2 of its squares are kept" in done.stderr
    assert f"{job} is not complete: 1 of 8 units" in done.stdout
    assert "say --yes" in squarm.run("jobs", "check", job).stderr
    assert squarm("jobs", "check", job, "--yes") == proved
    assert "refill job" in squarm("audit")


def test_a_job_is_not_proved_whose_spec_is_lost(squarm: Squarm, home: Path) -> None:
    squarm("run", "10", "--count", "2", "--replicas", "1", "--seed", "1")
    (job,) = squarm("jobs", "--ids").split()
    store = sqlite3.connect(home / "squarm" / "results.sqlite3")
    # As if the collector had ended after the first unit.
    store.execute("DELETE FROM units WHERE unit > 0")
    store.commit()
    store.close()
    (home / "squarm" / "jobs" / job / "spec.json").write_text("")
    assert "cannot be proved complete: what was asked for cannot be read" in squarm.refusal(
        "jobs", "check", job
    )
    (seen,) = map(json.loads, squarm("jobs", "--json").splitlines())
    assert seen["state"] == "failed"
    assert "cannot be read" in seen["why"]


def test_a_job_is_not_proved_whose_spec_is_now_another(squarm: Squarm, home: Path) -> None:
    squarm("run", "10", "--count", "4", "--replicas", "2", "--seed", "1")
    (job,) = squarm("jobs", "--ids").split()
    file = home / "squarm" / "jobs" / job / "spec.json"
    body = json.loads(file.read_text())
    body["spec"]["count"] = 1
    file.write_text(json.dumps(body))
    (seen,) = map(json.loads, squarm("jobs", "--json").splitlines())
    assert "more units of it are kept than it has" in seen["why"]
    assert "more units of it are kept than it has" in squarm.refusal("jobs", "check", job)
