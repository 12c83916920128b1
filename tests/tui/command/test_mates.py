"""`squarm mates`: every mate of a square, counted in parts that are kept."""

import hashlib
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from solver import VERSION
from solver.search.mate_count import MateCount
from solver.search.shape import natural
from tests.solver.renaming import cyclic, group_table
from tests.tui.command.running import Squarm
from tests.waiting import wait_until
from tui.command.squares.mates import Tally

RICH = """1032547698
0123456789
2354678910
3245769801
5467980132
4576891023
7698103254
6789012345
9810324567
8901235476
"""
"""The square of order 10 with the most transversals known, 5,504, and 12,265,168 mates."""


def test_all_mates_are_counted(squarm: Squarm, tmp_path: Path) -> None:
    """635 of the cyclic square of order 7, 70,272 of Z2 x Z2 x Z2."""
    file = tmp_path / "squares.txt"
    squares = [cyclic(7)[0], group_table(2, 2, 2)[0], cyclic(6)[0]]
    file.write_text("\n\n".join(str([list(row) for row in square]) for square in squares))
    lines = [json.loads(line) for line in squarm("mates", str(file), "--json").splitlines()]
    assert [line["mates"] for line in lines] == [635, 70_272, 0]
    assert [line["transversals"] for line in lines] == [133, 384, 0]
    file.write_text("012\n120\n210\n")
    assert "this square is not Latin" in squarm.refusal("mates", str(file), code=1)
    file.write_text(str([list(row) for row in cyclic(13)[0]]))
    assert "orders 2 to 12, not of 13" in squarm.refusal("mates", str(file), code=1)


def test_a_count_that_is_stopped_goes_on_from_there(
    squarm: Squarm, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "square.txt"
    file.write_text(RICH)
    square = tuple(tuple(map(int, row)) for row in RICH.split())
    counting = squarm.start("mates", str(file), "--processes", "1")
    assert counting.stderr is not None
    assert " left" in counting.stderr.readline()
    counting.send_signal(signal.SIGINT)
    said = counting.communicate(timeout=60)[1].splitlines()[-1]
    assert counting.returncode == 130
    assert said.endswith("the same command goes on from there.")
    (kept,) = (home / "squarm" / "mates").iterdir()
    body = json.loads(kept.read_text())
    done = [part for part, count in enumerate(body["counts"]) if count >= 0]
    assert 0 < len(done) < len(body["counts"])
    count = MateCount(square)
    assert body["counts"][done[0]] == count.count(done[0])
    # Were they counted anew, there would be other numbers.
    known = [7, *[0] * (len(body["counts"]) - 2), -1]
    Tally(kept, keep=True, transversals=5504, counts=known).save()
    body = json.loads(kept.read_text())
    last = count.count(len(known) - 1)
    squarm("mates", str(file), "--read-only")
    assert json.loads(kept.read_text()) == body
    assert f"5,504 transversals, {last + 7:,} mates: these are all" in squarm("mates", str(file))
    assert not kept.exists()


def test_a_count_goes_on_where_it_cannot_be_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """Minutes or hours may have been counted before the disk was full."""
    tally = Tally(Path("/proc/squarm/mates/1.json"), keep=True, transversals=3, counts=[1, -1])
    tally.save()
    tally.save()
    (said,) = capsys.readouterr().err.splitlines()
    assert "What is counted cannot be kept in /proc/squarm/mates (No such file" in said
    assert not tally.keep


@pytest.mark.parametrize("change", ["a number", "the version", "not all there"])
def test_a_kept_count_that_cannot_be_trusted_is_counted_anew(
    squarm: Squarm, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    file = tmp_path / "square.txt"
    square = cyclic(7)[0]
    file.write_text(str([list(row) for row in square]))
    name = hashlib.sha256(bytes(symbol for row in natural(square) for symbol in row)).hexdigest()
    kept = home / "squarm" / "mates" / f"{name[:32]}.json"
    count = MateCount(square)
    known = [count.count(part) for part in range(count.parts - 1)]
    tally = Tally(kept, keep=True, transversals=count.transversals, counts=[*known, -1])
    tally.save()
    assert "635 mates" in squarm("mates", str(file), "--read-only")
    if change == "the version":
        monkeypatch.setattr("tui.command.squares.mates.VERSION", "0.0.9")
        tally.counts[0] += 1
        tally.save()
    elif change == "a number":
        body = json.loads(kept.read_text())
        body["counts"][0] += 1
        kept.write_text(json.dumps(body))
    else:
        kept.write_bytes(kept.read_bytes()[:40] + b"\xff")
    done = squarm.run("mates", str(file))
    assert "635 mates: these are all" in done.stdout
    assert f"{kept} is damaged, or another squarm's: all mates are counted anew" in done.stderr
    assert not kept.exists()


@pytest.mark.slow
def test_a_count_as_a_job_outlives_its_collector(
    squarm: Squarm, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "square.txt"
    file.write_text(RICH)
    asked = ("run", "10", "--file", str(file), "--count-mates", "--engine", "local")
    counting = squarm.start(*asked, "--replicas", "1")
    results = home / "squarm" / "results.sqlite3"

    def listed() -> dict[str, Any]:
        said: dict[str, Any] = json.loads(squarm("jobs", "--json", "--engine", "local"))
        return said

    # Killed while some of it is held; all the same where a slow test sees it at its end only.
    wait_until(lambda: results.exists() and listed()["parts"] > 0)
    counting.kill()
    counting.communicate(timeout=60)
    held = listed()
    assert 0 < held["parts"] <= held["spec"]["count"] == 210
    assert held["parts"] == 210 or "these are all" not in held["why"]
    (folder,) = (home / "squarm" / "jobs").iterdir()
    (folder / "solver").write_text("0.0.9\n")
    refused = squarm.refusal("resume", held["id"])
    assert "by another version of the solver, which counts in other parts: run it anew" in refused
    (folder / "solver").write_text(f"{VERSION}\n")
    for _ in range(2):
        said = squarm("resume", held["id"])
        assert "12,265,168 mates in 210 of 210 parts of order 10 counted" in said
        assert "12,265,168 mates: these are all." in said
    after = listed()
    assert (after["found"], after["parts"], after["state"]) == (12_265_168, 210, "complete")
    assert "is proved complete: all 4 units" in squarm("jobs", "check", held["id"])


def test_how_many_mates_are_to_be_counted_cannot_be_said(squarm: Squarm, tmp_path: Path) -> None:
    file = tmp_path / "square.txt"
    file.write_text(str([list(row) for row in cyclic(7)[0]]))
    asked = ("run", "7", "--file", str(file), "--count-mates", "--count", "20")
    assert "leave out --count." in squarm.refusal(*asked, "--engine", "local")


def test_no_process_goes_on_counting_for_nobody(squarm: Squarm, tmp_path: Path) -> None:
    """It would take two processes some seconds of a processor each."""
    file = tmp_path / "square.txt"
    file.write_text(RICH)
    counting = squarm.start("mates", str(file), "--processes", "2")
    children = Path(f"/proc/{counting.pid}/task/{counting.pid}/children")
    wait_until(lambda: len(children.read_text().split()) == 2)
    workers = [Path("/proc") / child for child in children.read_text().split()]
    counting.kill()
    counting.communicate(timeout=60)
    wait_until(lambda: not any(map(_runs, workers)))


def _runs(process: Path) -> bool:
    """Whether it is there, and not only as what nobody has asked after."""
    try:
        return " Z " not in (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
