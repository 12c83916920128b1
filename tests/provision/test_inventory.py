"""The inventory: who gets which name, what survives, and that Ansible reads what squarm wrote."""

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fleet.machine import Identity
from fleet.metrics.history import MetricsHistory
from fleet.metrics.samples import MachineFacts
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot, PiView
from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.openssh import file_option
from provision import inventory_file
from provision.inventory import (
    Candidate,
    Host,
    Inventory,
    InventoryError,
    Wish,
    build,
    candidate,
    is_name,
    merged,
)
from provision.inventory_file import InventoryFileError
from provision.prepare import Choice, inventory_for

MASTER = Candidate("00000000", "10.0.0.1", serial="5e1", machine_id="a" * 32)


def pi(number: int, **values: str) -> Candidate:
    made = Candidate(f"{number:08x}", f"10.0.0.{number + 10}", serial=f"5e{number:04}")
    return replace(made, machine_id=f"{number:032x}", **values)  # type: ignore[arg-type]


def names(inventory: Inventory) -> dict[str, str]:
    return {host.id: host.name for host in inventory.hosts}


@pytest.mark.parametrize("user", ["pi", "Anna", "anna.smith", "_svc-1", "J.P_2"])
def test_users_have_the_names_that_linux_lets_them(user: str) -> None:
    assert candidate(view(), user).user == user


def view(**values: object) -> PiView:
    plain = PiView(
        id="c0ffee00",
        name="raspberrypi",
        hostname="raspberrypi",
        address="10.0.0.7",
        mac="",
        state=PiState.KNOWN,
        since=0,
        heard=0,
        recognised="model",
        identity=Identity(),
        facts=MachineFacts(),
        fingerprint="",
        trusted="",
        key_changed=False,
        reflash="",
        reflashed=0,
        twins=(),
        sample=None,
        sampled=0,
        stale=False,
        history=MetricsHistory(),
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def as_chosen(
    pis: tuple[PiView, ...], asked: Credentials, before: Inventory | None, master_pi: str = ""
) -> Inventory:
    snapshot = FleetSnapshot("eth0", "10.0.0.0/24", pis, (), 0.0)
    choice = Choice(tuple(each.id for each in pis), master_pi=master_pi)
    return inventory_for(choice, snapshot, asked, before)


def test_each_is_logged_in_to_as_the_user_that_it_let_in() -> None:
    known, new = view(id="aaaa", user="alice"), view(id="bbbb", user="", state=PiState.REACHABLE)
    asked = Credentials(Access(Login())).but("bbbb", Access(Login("bob", "secret")))
    first = as_chosen((known, new), asked, None, master_pi="aaaa")
    assert {host.id: host.user for host in first.hosts} == {"aaaa": "alice", "bbbb": "bob"}
    everyone = Credentials(Access(Login("pi", "secret")))
    again = as_chosen((known, new), everyone, first)
    assert {host.id: host.user for host in again.hosts} == {"aaaa": "alice", "bbbb": "pi"}


def test_a_master_that_has_moved_is_met_where_it_is() -> None:
    before = Inventory(Host("aaaa", "swarmaster", "10.0.0.5", role="manager"))
    moved = view(id="aaaa", address="10.0.0.99", user="eva")
    nobody = Credentials(Access(Login()))
    made = as_chosen((moved,), nobody, before)
    assert (made.master.name, made.master.address, made.master.user) == (
        *("swarmaster", "10.0.0.99"),
        "eva",
    )
    assert merged(before, made, set()).master == made.master
    silent = replace(moved, state=PiState.LOST, address="")
    assert as_chosen((), nobody, before) == before
    snapshot = FleetSnapshot("eth0", "10.0.0.0/24", (silent,), (), 0.0)
    assert inventory_for(Choice(), snapshot, nobody, before) == before


def test_names_are_given_in_order_and_kept() -> None:
    first = build(Wish((pi(1), pi(2)), MASTER), None)
    assert [host.name for host in first.hosts] == ["swarmaster", "swarmost1", "swarmost2"]
    assert first.master.role == "manager"
    later = build(Wish((pi(3), pi(2))), first)
    assert names(later) == {**names(first), pi(3).id: "swarmost3"}
    without = later.without(pi(1).id)
    assert names(build(Wish((pi(4),)), without))[pi(4).id] == "swarmost1"


def test_a_reflashed_pi_is_itself_and_a_moved_card_is_not() -> None:
    first = build(Wish((pi(1), pi(2)), MASTER), None)
    again = replace(pi(1), machine_id="f" * 32, address="10.0.0.99", id="deadbeef")
    later = build(Wish((again,)), first)
    assert [host.name for host in later.hosts] == ["swarmaster", "swarmost1", "swarmost2"]
    found = later.find("swarmost1")
    assert found is not None
    assert (found.id, found.address, found.machine_id) == ("deadbeef", "10.0.0.99", "f" * 32)
    moved = replace(pi(9), machine_id=pi(2).machine_id)
    assert names(build(Wish((moved,)), later))[pi(9).id] == "swarmost3"


def test_names_in_use_on_the_network_are_left_alone() -> None:
    made = build(Wish((pi(1), pi(2)), MASTER, taken=frozenset({"swarmost1"})), None)
    assert [host.name for host in made.others] == ["swarmost2", "swarmost3"]


def test_managers_are_counted_with_the_master() -> None:
    three = build(Wish(tuple(map(pi, range(1, 5))), MASTER, managers=3), None)
    assert [host.role for host in three.hosts] == ["manager"] * 3 + ["worker"] * 2
    one = build(Wish(managers=1), three)
    assert [host.role for host in one.others] == ["worker"] * 4
    assert [host.role for host in build(Wish(), three).hosts] == [h.role for h in three.hosts]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish((pi(1),)), "which machine is to be the master"),
        (Wish((pi(1),), MASTER, managers=2), "2 managers are no good number"),
        (Wish(tuple(map(pi, range(1, 8))), MASTER, managers=7), "7 managers are no good number"),
        (Wish((pi(1),), MASTER, managers=5), "5 managers take 5 machines, and there are 2"),
        (Wish((pi(1),), MASTER, pattern="{{ x }}{}"), "no pattern of host names"),
        (Wish((pi(1),), MASTER, pattern="swarmost"), "no pattern of host names"),
        (Wish((pi(1),), MASTER, master_name="a b"), "cannot be a host name"),
    ],
)
def test_what_makes_no_sense_is_refused(wish: Wish, why: str) -> None:
    with pytest.raises(InventoryError, match=why):
        build(wish, None)


def test_another_master_is_refused() -> None:
    first = build(Wish((pi(1),), MASTER), None)
    with pytest.raises(InventoryError, match="The master of this inventory is swarmaster"):
        build(Wish(master=pi(7)), first)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = build(Wish(tuple(map(pi, range(1, 4))), replace(MASTER, local=True), managers=3), None)
    path = tmp_path / "new" / "inventory.yml"
    inventory_file.write(path, made, tmp_path / "known hosts")
    assert inventory_file.read(path) == made
    assert [file.name for file in path.parent.iterdir() if not file.name.startswith(".")] == [
        "inventory.yml"
    ]
    assert inventory_file.read(tmp_path / "none.yml") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all: [",
        "all: {children: {swarm_master: 7}}",
        "all: {children: {swarm_master: {hosts: {a: {squarm_id: a, squarm_hostname: '{{x}}'}}}}}",
        "all: {children: {swarm_master: {hosts: {}}}}",
        "!!python/object/apply:os.system [true]",
        "a: &a [*a]",
    ],
)
def test_a_file_that_is_none_is_said_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "inventory.yml"
    path.write_text(text)
    with pytest.raises(InventoryFileError, match=r"inventory\.yml"):
        inventory_file.read(path)


def test_ansible_reads_it(tmp_path: Path) -> None:
    made = build(Wish((pi(1),), replace(MASTER, local=True)), None)
    inventory_file.write(tmp_path / "inventory.yml", made, tmp_path / "known hosts")
    program = Path(sys.executable).with_name("ansible-inventory")
    said = subprocess.run(
        [program, "-i", tmp_path / "inventory.yml", "--list"],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
    )
    body = json.loads(said.stdout)
    assert body["swarm_master"]["hosts"] == ["squarm-00000000"]
    assert body["swarm_hosts"]["hosts"] == ["squarm-00000001"]
    facts = body["_meta"]["hostvars"]
    assert facts["squarm-00000000"]["ansible_connection"] == "local"
    one = facts["squarm-00000001"]
    assert (one["ansible_host"], one["squarm_hostname"], one["squarm_role"]) == (
        "10.0.0.11",
        "swarmost1",
        "worker",
    )
    options = shlex.split(one["ansible_ssh_common_args"])
    assert f"UserKnownHostsFile={file_option(tmp_path / 'known hosts')}" in options
    assert "HostKeyAlias=squarm-00000001" in options
    assert "{{" not in (tmp_path / "inventory.yml").read_text()
    assert "StrictHostKeyChecking=yes" in options


hostile = st.text(max_size=30) | st.sampled_from(
    ["{{ lookup('pipe', 'id') }}", "{% raw %}", "a: b", "*x", "!unsafe x", "'\n- x", "0x1F", "yes"]
)


@given(hostile, hostile, hostile)
def test_what_a_pi_says_of_itself_never_reaches_ansible_as_a_template(
    serial: str, machine_id: str, hostname: str
) -> None:
    said = Identity(serial=serial, machine_id=machine_id, hostname=hostname)
    found = candidate(view(identity=said, hostname=hostname, name=hostname), "pi")
    made = build(Wish((found,), MASTER), None)
    text = inventory_file.text_of(made, Path("/data/known_hosts"))
    body = yaml.safe_load(text)
    (own,) = body["all"]["children"]["swarm_hosts"]["hosts"].values()
    assert own["squarm_hostname"] == "swarmost1"
    assert "{{" not in text
    assert own.pop("ansible_ssh_common_args").count("HostKeyAlias=squarm-c0ffee00") == 1
    for value in own.values():
        assert isinstance(value, int) or value == "" or value.replace(".", "").isalnum()


@given(st.text(max_size=70))
def test_only_plain_users_are_taken(user: str) -> None:
    try:
        assert candidate(view(), user).user == user
    except InventoryError:
        return
    assert user.replace("_", "").replace("-", "").isalnum()


def test_names() -> None:
    assert all(map(is_name, ["a", "swarmost1", "a-b", "x" * 63]))
    assert not any(map(is_name, ["", "-a", "a-", "A", "a_b", "a.b", "x" * 64, "a\n", "{{a}}"]))
    assert Host("c0ffee00", "a", "10.0.0.1").alias == "squarm-c0ffee00"
