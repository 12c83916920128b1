"""Runs begun from plans that are out of date, or that cannot begin: nobody loses anything."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.audit import Audit
from base.errors import FleetError
from fleet.endpoint import Endpoint
from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.host_keys import alias
from fleet.ssh.host_keys import default_path as known_hosts_path
from operations import machines, provisioning
from operations.operation import Door
from provision import inventory_file
from provision.inventory import Host, Inventory, InventoryError, at_their_places, merged
from provision.plan import plan
from provision.preflight import Check, Preflight
from provision.prepare import Choice, Foreseen
from provision.runs.folder import RunError, RunFolder, RunRequest, under_way
from provision.runs.runs import Runs
from tests.examples import examples
from tests.operations.agreeing import AgreeingUser
from tests.tui.console.scripted.pis import ScriptedFleet, pi

MASTER = Host("aaaa", "swarmaster", "10.0.0.1", role="manager", local=True)
ONE = Host("bbbb", "swarmost1", "10.0.0.11", serial="5e1")
TWO = Host("cccc", "swarmost2", "10.0.0.12", serial="5e2")
CREDENTIALS = Credentials(Access(Login(keys=(), agent=False)))


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return Door(AgreeingUser(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))


def planned(*others: Host) -> Foreseen:
    flight = Preflight(Inventory(MASTER, others), tuple(Check(host, ()) for host in others))
    return Foreseen(flight, plan(flight), first=False)


async def test_a_plan_that_is_refused_leaves_the_others_machine_in_the_inventory(
    door: Door, tmp_path: Path
) -> None:
    path = inventory_file.default_path()
    inventory_file.write(path, Inventory(MASTER, (ONE,)), known_hosts_path())
    before = path.read_text()
    runs = Runs(tmp_path / "runs")
    begin = provisioning.begin(runs, planned(TWO), Choice((TWO.id,)), CREDENTIALS)
    folder = RunFolder.make(runs.path, RunRequest("site", path, {ONE.alias: ONE.name}))
    with under_way(folder), pytest.raises(RunError, match="is under way"):
        await door.perform(begin)
    assert path.read_text() == before
    # What cannot even begin leaves no trace either.
    nowhere = Runs(tmp_path / "file")
    nowhere.path.touch()
    with pytest.raises(RunError, match="cannot be made"):
        await door.perform(provisioning.begin(nowhere, planned(TWO), Choice(), CREDENTIALS))
    assert path.read_text() == before
    path.unlink()
    with pytest.raises(RunError, match="cannot be made"):
        await door.perform(provisioning.begin(nowhere, planned(TWO), Choice(), CREDENTIALS))
    assert not path.exists()


def test_a_plan_is_joined_with_what_others_have_done_since() -> None:
    both = merged(Inventory(MASTER, (ONE,)), Inventory(MASTER, (TWO,)), {TWO.id})
    assert both == Inventory(MASTER, (ONE, TWO))
    # Taken out by another, and not asked for here.
    assert merged(Inventory(MASTER), Inventory(MASTER, (ONE, TWO)), {TWO.id}).others == (TWO,)
    moved = replace(ONE, id="dddd", address="10.0.0.99")
    assert merged(both, Inventory(MASTER, (moved,)), {"dddd"}).others == (moved, TWO)
    assert merged(None, Inventory(MASTER, (ONE, TWO)), {TWO.id}).others == (TWO,)


def test_a_name_is_given_once() -> None:
    now = Inventory(MASTER, (ONE,))
    with pytest.raises(InventoryError, match=r"swarmost1 is another machine's name .* Plan anew"):
        merged(now, Inventory(MASTER, (replace(TWO, name="swarmost1"),)), {TWO.id})
    with pytest.raises(InventoryError, match="swarmaster is the master by now"):
        merged(now, Inventory(replace(TWO, name="swarmaster")), {TWO.id})


def test_the_inventory_has_the_addresses_of_today() -> None:
    there = Endpoint("10.0.0.77", 2222)
    after = at_their_places(Inventory(MASTER, (ONE, TWO)), {ONE.id: there, MASTER.id: there})
    assert after.master == MASTER
    assert [host.endpoint for host in after.others] == [there, TWO.endpoint]


async def test_a_machine_is_not_forgotten_under_a_run(door: Door, tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    kitchen, attic = pi("kitchen"), pi("attic")
    path = inventory_file.default_path()
    folder = RunFolder.make(runs.path, RunRequest("site", path, {alias(kitchen.id): "swarmost1"}))
    fleet, dropped = ScriptedFleet(), list[str]()
    forget = machines.forget(fleet, [kitchen, attic], drop=dropped.append, runs=runs)
    with under_way(folder), pytest.raises(FleetError, match="1 forgotten"):
        await door.perform(forget)
    assert fleet.asked == [("forget", attic.id)]
    assert dropped == [attic.id]
    await door.perform(forget)
    assert ("forget", kitchen.id) in fleet.asked


BOARDS = st.integers(0, 5)
HOSTS = st.lists(st.tuples(BOARDS, st.integers(1, 4)), max_size=5, unique_by=(lambda x: x[0],)).map(
    lambda pairs: tuple(
        Host(f"id{board}", f"swarmost{name}", f"10.0.0.{board + 10}", serial=f"5e{board}")
        for board, name in pairs
    )
)


def sound(hosts: tuple[Host, ...]) -> bool:
    return len({host.name for host in hosts}) == len(hosts)


@examples(500)
@given(HOSTS.filter(sound), HOSTS.filter(sound), st.sets(BOARDS))
def test_no_two_plans_cost_each_other_a_machine_or_give_a_name_twice(
    now: tuple[Host, ...], wanted: tuple[Host, ...], boards: set[int]
) -> None:
    ready = {f"id{board}" for board in boards}
    try:
        after = merged(Inventory(MASTER, now), Inventory(MASTER, wanted), ready)
    except InventoryError:
        return
    assert sound(after.others)
    kept = {host.id for host in after.others}
    assert {host.id for host in now} <= kept
    assert kept == {host.id for host in now} | ({host.id for host in wanted} & ready)
    for host in after.others:
        assert host in wanted if host.id in ready & {h.id for h in wanted} else host in now
