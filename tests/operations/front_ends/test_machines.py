"""Machines on loopback by key, by `:` command, by palette and on the command line: the same."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pexpect
import pytest

from fleet.ssh.host_keys import HostKey, KnownHosts
from operations.kinds import Kind
from tests.fleet.sshds import Sshd, sshd
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    ask,
    console,
    has_said,
    in_the_console,
    on_the_command_line,
    run_verb,
    spawn,
)
from tests.tui.console.running import RunningConsole
from tui.console.input.prompt import Prompt
from tui.console.pis import make_fleet

pytestmark = pytest.mark.slow

ID = "c0ffee00"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNaSaoqoxGgX0S7Ha8MLvUpNr2pSWnEYF3xmVGeMzBh"
AT_THE_LAST = ("1", "G")


def is_typed_into(running: RunningConsole) -> bool:
    return running.app.front.query_one(Prompt).display


ADD = Change(
    kind=Kind.ADD_MACHINE,
    command="add PLACE",
    palette="add",
    verb=("pi", "add", "PLACE"),
    form=("= PLACE", "enter"),
    opens=is_typed_into,
    sentence=r"Looking for PLACE\.",
)
ACCEPT = Change(
    kind=Kind.ACCEPT_KEY,
    at=AT_THE_LAST,
    keys=("a",),
    command="accept kitchen",
    palette="accept key",
    verb=("pi", "accept", "kitchen", "SHOWN"),
    question=r"Trust the new host key of kitchen \(c0ffee00, .+\)\?",
    about=r"It shows now SHOWN\.",
    sentence=r"The host key SHOWN of kitchen is trusted now\.",
)
FORGET = Change(
    kind=Kind.FORGET_MACHINE,
    at=AT_THE_LAST,
    keys=("c",),
    command="forget kitchen",
    palette="forget",
    verb=("pi", "forget", "kitchen"),
    question=r"Forget kitchen \(c0ffee00, .+\)\?",
    about=r"In the swarm kitchen stays\.",
    sentence=r"Forgot kitchen \(c0ffee00, .+\)\.",
)
SWEEP = Change(
    kind=Kind.SWEEP,
    command="sweep 127.0.0.8/30",
    verb=("pi", "sweep", "127.0.0.8/30"),
    question=r"Knock at every address of 127\.0\.0\.8/30\?",
    about="Do so only on a network of your own.",
    sentence=r"\d of 127\.0\.0\.8/30 answer SSH\.",
)
CHANGES = (ADD, ACCEPT, FORGET, SWEEP)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def place(server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnHome:
    """A home that knows one machine, a node of a swarm, which shows another key than before."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    there = server.endpoint
    known = {
        "id": ID,
        "name": "kitchen",
        "key": str(server.key),
        "addresses": [[there.address, there.port]],
        "node": "n0de",
    }
    (tmp_path / "home/squarm").mkdir(parents=True)
    old = HostKey.parse(KEY)
    assert old is not None
    KnownHosts(tmp_path / "home/squarm/known_hosts").trust(ID, old)
    kept = {"version": 1, "names": [], "pis": [known]}
    (tmp_path / "home/squarm/pis.json").write_text(json.dumps(kept))
    return OwnHome(tmp_path / "home", {"PLACE": server.place, "SHOWN": server.key.fingerprint})


def shows_its_key(running: RunningConsole) -> bool:
    fleet = running.app.model.fleet
    return fleet is not None and any(view.fingerprint for view in fleet.pis)


fleet = partial(make_fleet, user="pi", key=None)


@in_the_console(*CHANGES)
async def test_in_the_console(change: Change, by: By, place: OwnHome) -> None:
    async with console(place, shows_its_key, make_fleet=fleet) as running:
        await ask(running, change, by, place)
        # While it is open: what it calls done outlives a kill.
        came_about(change, place)


@on_the_command_line(*CHANGES)
def test_on_the_command_line(change: Change, place: OwnHome) -> None:
    # Nobody answers SSH there: that is told by the status, too.
    run_verb(place, change, "--interface", "lo", code=1 if change is SWEEP else 0)
    came_about(change, place)


def came_about(change: Change, place: OwnHome) -> None:
    assert place.noted() == [(change.kind.audit, "done")]
    kept = json.loads((place.data / "pis.json").read_text())["pis"]
    trusted = KnownHosts(place.data / "known_hosts").read()
    if change is ADD:
        assert place.words["PLACE"] in [
            f"{host}:{port}" for each in kept for host, port in each["addresses"]
        ]
    elif change is ACCEPT:
        assert [key.fingerprint for key in trusted.values()] == [place.words["SHOWN"]]
    elif change is FORGET:
        assert ID not in [machine["id"] for machine in kept]


REFUSED = {
    "sweep 10.0.0.0/8": r"10\.0\.0\.0/8 holds 16,777,216 addresses: .+",
    "sweep 10.1.2.0/24": r"10\.1\.2\.0/24 is not on lo's network .+",
    "sweep nonsense": r"'nonsense' is no IPv4 range: .+",
    "add 127.0.0.1:99999": r".+",
}


@pytest.mark.parametrize("asked", REFUSED)
async def test_what_cannot_be_is_refused_by_each_before_anything_is_asked(
    asked: str, place: OwnHome
) -> None:
    async with console(place, shows_its_key, make_fleet=fleet) as running:
        await running.press(":")
        await running.type(asked)
        await running.press("enter")
        await running.until(lambda: has_said(running, REFUSED[asked]))
        assert running.at_main()
        said = running.toasts[-1][2:]
    child = spawn(place, "pi", *asked.split(), "--interface", "lo")
    child.expect_exact(f"squarm: {said}")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    assert place.noted() == []
