"""The verbs about Pis and nodes, where nothing can be done: one sentence, nothing lost."""

import json
import signal
import socket
from pathlib import Path

import pytest

from base.audit import Audit
from fleet.ssh.host_keys import HostKey, KnownHosts
from provision import inventory_file
from provision.inventory import Host, Inventory
from tests.fleet.pis import make_key
from tests.fleet.sshds import sshd
from tests.tui.command.running import Squarm

pytestmark = pytest.mark.slow

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNaSaoqoxGgX0S7Ha8MLvUpNr2pSWnEYF3xmVGeMzBh"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("provision",), "Say which Pis"),
        (("provision", "--all"), "No Pi shows itself on lo"),
        (("provision", "nobody"), "There is no Pi 'nobody' on lo"),
        (("provision", "--all", "--managers", "x"), "Managers must be a whole number"),
        (("provision", "--all", "--key", "/none"), "There is no key file /none"),
        (("provision", "--all", "--password-stdin"), "no password on standard input"),
        (("provision", "--all", "--ask-password"), "at a terminal, and this is none"),
        (("provision", "--master", "--managers", "2"), "2 managers are no good number"),
        (("provision", "--master", "--pattern", "{{x}}"), "no pattern of host names"),
        (("pi", "accept", "nobody", "SHA256:x"), "There is no Pi 'nobody' on lo"),
        (("pi", "add", "a b"), "'a b' is no address or host name"),
        (("pi", "forget", "nobody", "--yes"), "There is no Pi 'nobody' on lo"),
        (("pi", "sweep", "10.0.0.0/8"), "sweep a /22 or smaller"),
        (("pi", "sweep", "10.1.2.0/24"), "is not on lo's network"),
    ],
)
def test_what_makes_no_sense_on_a_network(
    squarm: Squarm, arguments: tuple[str, ...], why: str
) -> None:
    assert why in squarm.refusal(*arguments, "--interface", "lo")


def test_no_sweep_is_named_that_would_be_refused(squarm: Squarm) -> None:
    told = squarm.run("nodes", "--interface", "lo", "--engine", "local").stderr
    assert "squarm pi sweep CIDR (a /22 of it, or smaller)" in told


def test_a_pi_that_may_be_in_a_list_that_cannot_be_read_is_not_just_called_none(
    squarm: Squarm, home: Path
) -> None:
    (home / "squarm" / "pis.json").mkdir(parents=True)
    for place in ("lo", "none"):
        refused = squarm.refusal("pi", "forget", "kitchen", "--yes", "--interface", place)
        assert refused.startswith("There is no Pi 'kitchen' ")
        assert "pis.json cannot be read (Is a directory)" in refused


def test_a_locked_key_is_of_no_use_without_its_passphrase(squarm: Squarm, tmp_path: Path) -> None:
    key = make_key(tmp_path / "id", "of my key")
    asked = ("provision", "nobody", "--interface", "lo", "--key", str(key))
    assert "is locked: give its passphrase, or let ssh-agent hold it" in squarm.refusal(*asked)
    reading = (*asked, "--password-stdin")
    assert "not the passphrase of" in squarm.refusal(*reading, entered="\n\nwrong\n")
    assert "There is no Pi 'nobody' on lo" in squarm.refusal(*reading, entered="\n\nof my key\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("pi",), "ACTION"),
        (("node", "drain"), "node"),
        (("node", "drain", "x"), "There is no Docker daemon"),
        (("node", "upgrade", "x", "--yes"), "There is no Docker daemon"),
        (("runs", "follow"), "Nothing has been provisioned yet"),
        (("runs", "retry"), "Nothing has been provisioned yet"),
        (("audit", "--limit", "0"), "Limit must be 1 or more"),
        (("provision", "--all", "--interface", "no-such-if"), "no network interface"),
    ],
)
def test_what_cannot_be_done(squarm: Squarm, arguments: tuple[str, ...], why: str) -> None:
    assert why in squarm.refusal(*arguments)


def test_empty_states_say_what_to_do(squarm: Squarm) -> None:
    assert "squarm provision starts" in squarm.refusal("runs", "list", code=0)
    assert "squarm provision starts" in squarm.refusal("runs", code=0)
    assert "Nothing has been changed yet" in squarm.refusal("audit", code=0)
    assert "--all --master" in squarm.refusal("inventory", code=1)


def test_the_audit_log_is_read(squarm: Squarm, home: Path) -> None:
    log = Audit(home / "squarm/audit.jsonl")
    log.note("drain", "swarmost1", "done", who="euler")
    log.note("remove", "swarmost2\x1b[2J", "failed", "it is up")
    lines = squarm("audit").splitlines()
    assert lines[0].split()[2:] == ["euler", "drain", "swarmost1", "done"]
    assert lines[1].endswith("failed: it is up")
    (entry,) = map(json.loads, squarm("audit", "--json", "--limit", "1").splitlines())
    assert (entry["what"], entry["target"]) == ("remove", "swarmost2")


def test_the_inventory_is_written_and_that_is_noted(squarm: Squarm, home: Path) -> None:
    path = home / "squarm/inventory.yml"
    path.parent.mkdir(parents=True)
    master = Host("aaaa", "swarmaster", "10.0.0.1", role="manager", local=True)
    inventory_file.write(path, Inventory(master), home / "squarm/known_hosts")
    before = squarm("inventory")
    assert squarm("inventory", "--write") == f"{path} is written.\n"
    assert squarm("inventory") == before
    assert "inventory" in squarm("audit")


def test_a_pi_that_is_kept_is_forgotten_with_its_key(squarm: Squarm, home: Path) -> None:
    key = HostKey.parse(KEY)
    assert key is not None
    kept = {"id": "c0ffee00", "addresses": [["10.9.8.7", 22]], "name": "kitchen", "key": KEY}
    (home / "squarm").mkdir(parents=True)
    (home / "squarm/pis.json").write_text(json.dumps({"version": 1, "names": [], "pis": [kept]}))
    known = KnownHosts(home / "squarm/known_hosts")
    known.trust("c0ffee00", key)
    assert "Forgot kitchen" in squarm("pi", "forget", "kitchen", "--yes", "--interface", "lo")
    assert known.read() == {}
    assert json.loads((home / "squarm/pis.json").read_text())["pis"] == []
    assert "forget" in squarm("audit")


def test_on_no_network_only_what_is_known_can_be_spoken_of(squarm: Squarm) -> None:
    nowhere = ("--engine", "local", "--interface", "none")
    assert "There is no swarm here" in squarm.refusal("nodes", *nowhere, code=0)
    assert "No network is looked at" in squarm.refusal("pi", "sweep", "10.0.0.0/24", *nowhere)
    added = squarm.run("pi", "add", "10.9.8.7", *nowhere)
    assert (added.returncode, added.stdout) == (1, "")
    assert added.stderr == (
        "squarm: 10.9.8.7 is kept, and looked for once a network is: on none (--interface none) no "
        "machine is spoken to.\n"
    )
    assert "Forgot 10.9.8.7" in squarm("pi", "forget", "10.9.8.7", "--yes", *nowhere)


def test_a_daemon_that_does_not_answer_is_not_said_to_be_no_swarm(
    squarm: Squarm, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "d.sock"))
        deaf.listen()
        squarm.environment["DOCKER_HOST"] = f"unix://{tmp_path}/d.sock"
        looked = squarm.run("nodes", "--interface", "none")
    assert looked.returncode == 1
    assert "does not answer within 10 seconds" in looked.stderr
    assert "no swarm" not in looked.stderr


def test_who_watches_while_nobody_is_there_is_told_so(squarm: Squarm) -> None:
    watching = squarm.start("nodes", "--watch", "--engine", "local", "--interface", "none")
    assert watching.stderr is not None
    assert "There is no swarm here" in watching.stderr.readline()
    watching.send_signal(signal.SIGINT)
    assert watching.communicate(timeout=60) == ("", "")
    assert watching.returncode == 130


def test_a_name_that_nothing_answers_to_is_told_until_it_is_forgotten(
    squarm: Squarm, home: Path
) -> None:
    there = ("--engine", "local", "--interface", "lo")
    squarm.run("pi", "add", "kitchne.local", *there)
    assert "Nothing answers to kitchne" in squarm.run("nodes", *there).stderr
    assert "kitchne is looked for no more" in squarm("pi", "forget", "kitchne", *there)
    assert json.loads((home / "squarm/pis.json").read_text())["names"] == []


def test_who_names_a_pi_says_by_that_to_log_in_to_it(squarm: Squarm, tmp_path: Path) -> None:
    with sshd(tmp_path) as server:
        place, folder = server.place, tmp_path / "me/.ssh"
        folder.mkdir(parents=True)
        (tmp_path / "user_key").rename(folder / "id_ed25519")
        squarm.environment |= {"HOME": str(folder.parent), "SSH_AUTH_SOCK": ""}
        there = ("--interface", "lo", "--user", server.login.user)
        added = squarm("pi", "add", place, "--interface", "lo")
        squarm("nodes", "--engine", "local", *there)
        assert "publickey" not in server.log
        said = squarm("inventory", "--master-pi", place, *there)
        assert "Accepted publickey" in server.log
        assert f"ansible_user: {server.login.user}" in said
        # From then on it is one of the user's.
        logins = server.log.count("Accepted publickey")
        (row,) = squarm("nodes", "--engine", "local", "--json", *there).splitlines()
        assert (json.loads(row)["id"], json.loads(row)["state"]) == (added.split()[0], "known")
        assert server.log.count("Accepted publickey") == logins + 1
