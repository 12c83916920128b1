"""`squarm doctor`, on machines where something is missing, broken or hangs."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from base.database import FileFormat
from base.errors import StoreError
from results.store import Store
from results.store.file import RESULTS_FILE
from tests.dockerd import Dockerd
from tests.fleet.pis import network
from tests.results.store.test_store import found
from tests.small_disk import small_disk
from tests.waiting import wait_until
from tui.command.doctor.examination import Diagnosis, Examination, Verdict, broken, examine, ok
from tui.command.doctor.files import judge_room, results
from tui.command.doctor.network import mdns
from tui.command.doctor.software import judge_packages
from tui.command.doctor.swarm import judge_bystander, judge_nodes

NAMES = (
    *("Python", "solver", "packages", "Docker", "swarm", "network"),
    *("mDNS", "Ansible", "results", "folders", "disk", "Slack", "log"),
)
Told = dict[str, tuple[str, str]]


class Doctor:
    """`squarm doctor` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.results = home / "data" / "squarm" / "results.sqlite3"
        self.slack = home / "config" / "squarm" / "slack.toml"
        folders = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("data", "config")}
        self.environment = {
            **os.environ,
            **folders,
            "XDG_STATE_HOME": str(home / "state"),
            "DOCKER_HOST": f"unix://{home}/no-docker.sock",
        }

    def __call__(self, *arguments: str, code: int = 0) -> Told:
        """The verdict and the sentence by name; the exit code is checked."""
        done = self.run("--json", "--interface", "none", *arguments)
        assert (done.returncode, done.stderr) == (code, ""), (done.stdout, done.stderr)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert tuple(one["name"] for one in told) == NAMES
        assert all(one["sentence"].endswith(".") for one in told)
        return {one["name"]: (one["verdict"], one["sentence"]) for one in told}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tui", "doctor", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    return Doctor(tmp_path)


def test_where_all_is_well_it_says_so_in_a_line_each(doctor: Doctor) -> None:
    del doctor.environment["DOCKER_HOST"]
    with Store.open(doctor.results) as store:
        store.add("a", found(5))
    done = doctor.run("--interface", "lo")
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines] == list(NAMES)
    told = {line.split()[1]: line for line in lines}
    here = ("Python", "solver", "packages", "network")
    for name in (*here, "results", "folders", "disk", "Slack", "log"):
        assert told[name].startswith("ok "), lines
    assert "127.0.0.1" in told["network"]
    assert "5 kept" in told["results"]
    assert sys.executable in told["Python"]


def test_what_is_broken_is_named_with_the_way_out(doctor: Doctor) -> None:
    doctor.results.parent.mkdir(parents=True)
    doctor.results.write_text("no database at all, but long enough to be one" * 100)
    doctor.slack.parent.mkdir(parents=True)
    doctor.slack.write_text("bot_token = 'xoxb-1234567890-secret'")
    doctor.slack.chmod(0o644)
    told = doctor(code=1)
    assert told["results"][0] == told["Slack"][0] == told["Docker"][0] == "broken"
    assert "move it aside" in told["results"][1]
    assert f"chmod 600 {doctor.slack}" in told["Slack"][1]
    assert "no-docker.sock" in told["Docker"][1]
    assert told["swarm"][0] == "warning"
    assert told["disk"][0] == "ok"
    assert "secret" not in str(told)


def test_a_page_that_is_damaged_is_found(doctor: Doctor) -> None:
    with Store.open(doctor.results) as store:
        store.add("a", found(40))
    whole = doctor.results.read_bytes()
    middle = len(whole) // 2
    doctor.results.write_bytes(whole[:middle] + bytes(8192) + whole[middle + 8192 :])
    verdict, sentence = doctor(code=1)["results"]
    assert verdict == "broken"
    assert "damaged" in sentence
    assert "move it aside" in sentence


def test_files_of_other_versions_are_told_and_left_as_they_are(doctor: Doctor) -> None:
    first = FileFormat(
        name=RESULTS_FILE.name,
        application=RESULTS_FILE.application,
        changes=RESULTS_FILE.changes[:1],
        error=StoreError,
        made_by="",
        kept="",
    )
    first.open_for_writing(doctor.results).close()
    before = doctor.results.read_bytes()
    del doctor.environment["DOCKER_HOST"]
    done = json.loads(doctor.run("--json", "--interface", "none").stdout.splitlines()[8])
    assert done["verdict"] == "ok"
    assert f"format 1, which becomes {RESULTS_FILE.version}" in done["sentence"]
    assert doctor.results.read_bytes() == before
    with sqlite3.connect(doctor.results) as database:
        database.execute("PRAGMA user_version = 99")
    assert "newer squarm" in doctor.run().stdout


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[Path]:
    """A daemon that takes connections and says nothing."""
    path = tmp_path / "hangs.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield path


def test_a_daemon_that_hangs_holds_up_nothing(doctor: Doctor, hanging: Path) -> None:
    doctor.environment["DOCKER_HOST"] = f"unix://{hanging}"
    told = doctor(code=1)
    assert "does not answer within" in told["Docker"][1]
    assert "systemctl restart docker" in told["Docker"][1]
    assert told["swarm"][0] == "broken"
    assert told["log"][0] == "ok"


def test_a_place_for_the_log_that_is_none(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    verdict, sentence = doctor(code=1)["log"]
    assert verdict == "warning"
    assert "cannot be written" in sentence


def test_a_missing_ssh_is_found_by_the_list_that_setup_installs_from(doctor: Doctor) -> None:
    doctor.environment["PATH"] = "/nonexistent"
    verdict, sentence = doctor(code=1)["packages"]
    assert verdict == "broken"
    assert "sudo apt install openssh-client" in sentence


def test_a_network_that_is_not_there_is_broken(doctor: Doctor) -> None:
    done = doctor.run("--json", "--interface", "no-such-if")
    told = {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert told["network"]["verdict"] == "broken"
    assert "'no-such-if'" in told["network"]["sentence"]
    assert told["mDNS"]["verdict"] == "warning"
    assert done.returncode == 1


def test_a_pi_is_heard(tmp_path: Path) -> None:
    with network(tmp_path) as pis:
        assert mdns(pis.bridge).verdict is Verdict.WARNING
        pis.pi().start(pis.card())
        wait_until(lambda: mdns(pis.bridge).sentence.startswith("1 machine heard on "))


@pytest.mark.docker
def test_a_manager_and_a_machine_in_no_swarm(
    doctor: Doctor, swarm_manager: Dockerd, plain_daemon: Dockerd
) -> None:
    doctor.environment["DOCKER_HOST"] = swarm_manager.host
    told = doctor()
    assert told["Docker"][0] == "ok"
    assert told["swarm"] == ("ok", "A manager; 1 node, 1 manager, all ready.")
    doctor.environment["DOCKER_HOST"] = plain_daemon.host
    told = doctor()
    assert told["Docker"][0] == "ok"
    assert told["swarm"][0] == "warning"
    assert "docker swarm init" in told["swarm"][1]


def test_what_hangs_or_fails_is_one_line_and_the_others_go_on() -> None:
    def hangs() -> None:
        threading.Event().wait()

    def fails() -> None:
        raise ZeroDivisionError

    works: tuple[Callable[[], object], ...] = (hangs, fails, lambda: ok("Well."))
    told = list(examine([Examination(str(n), work, 0.2) for n, work in enumerate(works)]))  # type: ignore[arg-type]
    assert told[0] == Diagnosis("0", *broken("There was no answer within 0.2 seconds."))
    assert told[1].verdict is Verdict.BROKEN
    assert "ZeroDivisionError" in told[1].sentence
    assert told[2] == Diagnosis("2", *ok("Well."))


@pytest.mark.parametrize(
    ("missing", "compiled", "verdict", "words"),
    [
        ([], False, Verdict.OK, "All"),
        (["gcc", "libc6-dev"], True, Verdict.OK, "All"),
        (["gcc", "libc6-dev"], False, Verdict.WARNING, "sudo apt install gcc libc6-dev"),
        (["openssh-client", "gcc"], True, Verdict.BROKEN, "sudo apt install openssh-client."),
    ],
)
def test_packages(missing: list[str], verdict: Verdict, words: str, *, compiled: bool) -> None:
    judged = judge_packages(missing, compiled=compiled)
    assert judged.verdict is verdict
    assert words in judged.sentence


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(0, Verdict.BROKEN), (500 * 1024**2, Verdict.WARNING), (2 * 1024**3, Verdict.OK)],
)
def test_room(free: int, verdict: Verdict) -> None:
    assert judge_room(free, Path("/x")).verdict is verdict


@pytest.mark.parametrize(
    ("swarm", "verdict"),
    [
        ({"LocalNodeState": "inactive"}, Verdict.WARNING),
        ({}, Verdict.WARNING),
        ({"LocalNodeState": "active", "ControlAvailable": False}, Verdict.WARNING),
        ({"LocalNodeState": "locked"}, Verdict.BROKEN),
        ({"LocalNodeState": "error", "ControlAvailable": True}, Verdict.BROKEN),
    ],
)
def test_who_manages_no_swarm(swarm: dict[str, object], verdict: Verdict) -> None:
    assert judge_bystander({"Swarm": swarm}, "Because.") == (verdict, "Because.")


def test_nodes_that_are_not_ready_are_named() -> None:
    nodes = [
        {"Description": {"Hostname": f"pi{n}\x1b[31m"}, "Status": {"State": state}}
        for n, state in enumerate(("ready", "down", "unknown"))
    ]
    nodes[0]["ManagerStatus"] = {}
    verdict, sentence = judge_nodes(nodes)
    assert verdict is Verdict.WARNING
    assert "3 nodes, 1 manager, not ready: pi1, pi2." in sentence
    assert "\x1b" not in sentence


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    with small_disk(tmp_path / "card", "16m") as made:
        yield made


def test_a_card_that_has_gone_read_only_is_broken_and_named(card: Path, tmp_path: Path) -> None:
    doctor = Doctor(card)
    with Store.open(doctor.results) as store:
        store.add("a", found(5))
    elsewhere = Doctor(tmp_path)
    elsewhere.environment["XDG_CACHE_HOME"] = str(card)
    assert elsewhere(code=1)["folders"][0] == "ok"
    subprocess.run(["mount", "-o", "remount,ro", card], check=True)
    told = doctor(code=1)
    for name in ("results", "folders"):
        verdict, sentence = told[name]
        assert verdict == "broken"
        assert f"the card or disk of {card}" in sentence
        assert "is read-only" in sentence
    assert str(doctor.results) in told["results"][1]
    told = elsewhere(code=1)
    assert told["results"][0] == "ok"
    assert told["folders"][0] == "broken"
    assert str(card) in told["folders"][1]


def test_results_that_can_never_be_kept_are_said_before(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    verdict, sentence = results(tmp_path / "file/results.sqlite3")
    assert verdict is Verdict.BROKEN
    assert f"{tmp_path / 'file'} is no folder that you may write to" in sentence
    assert results(tmp_path / "new/results.sqlite3").verdict is Verdict.OK
