"""Logging in to Pis from the console: which keys are trusted, what the form takes and refuses."""

import asyncio
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from fleet.pi_state import PiState
from fleet.ssh.connection import Login
from provision import inventory_file
from provision.inventory import Host, Inventory
from provision.prepare import Choice
from tests.fleet.pis import make_key, quietly, run
from tests.needs import need_program
from tests.tui.console.running import console
from tests.tui.console.scripted.console import busy_events, node, swarm_snapshot
from tests.tui.console.scripted.pis import (
    FINGERPRINT,
    OTHER,
    PICK_KITCHEN,
    ScriptedFleet,
    fleet_snapshot,
    pi,
    some_pis,
)
from tests.waiting import until
from tui.console.logins import Logins
from tui.console.pis import Pis, make_fleet
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.sessions.provisioning import ProvisioningSession


async def test_logging_in_trusts_just_the_keys_that_were_shown(tmp_path: Path) -> None:
    fresh = pi("fresh", PiState.REACHABLE, trusted="")
    async with console(tmp_path, (80, 24), swarm_snapshot(nodes=()), fleet_snapshot(fresh)) as on:
        await on.press("1", "L")
        # Another key comes while the user reads: what was read is what is accepted, or nothing is.
        await on.put(fleet_snapshot(replace(fresh, fingerprint=OTHER)))
        await on.press("x", "enter")
        assert ("accept", fresh.id, FINGERPRINT) in on.fleet.asked


async def test_with_all_marked_those_are_logged_in_to_that_are_pis(tmp_path: Path) -> None:
    """This machine is among the marked, and is none."""
    fresh = [pi(name, PiState.REACHABLE) for name in ("one", "two")]
    events = (swarm_snapshot(nodes=(node("master"),)), fleet_snapshot(*fresh))
    async with console(tmp_path, (80, 24), *events) as on:
        await on.press("1", "ctrl+a")
        await on.until(lambda: on.screen().count("✚") == 3)
        await on.press("L")
        await on.type("raspberry")
        await on.press("enter")
        logged_in = [asked[-1] for asked in on.fleet.asked if asked[0] == "login"]
        assert logged_in == [each.id for each in fresh]


async def test_a_login_form_refuses_what_cannot_be(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "L", "tab")
        await running.type("/nowhere/id")
        await running.press("enter")
        await running.until(lambda: "There is no key file /nowhere/id." in running.screen())
        await running.press("ctrl+u")
        await running.type("~nobody-of-this-name/id")
        await running.press("enter")
        await running.until(lambda: "There is no key file ~nobody-of" in running.screen())
        await running.press("up", "up", "ctrl+u", "enter")
        assert "Give the user's name" in running.screen()
        await running.press("escape")
        assert running.at_main()
        assert not [asked for asked in running.fleet.asked if asked[0] == "login"]


async def test_keys_typed_at_once_go_to_the_field_that_they_were_meant_for(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "L")
        typed = [
            "up",
            "ctrl+u",
            *"evva",
            "backspace",
            "backspace",
            "a",
            "tab",
            *"correct-horse-battery",
            "tab",
            "tab",
            "tab",
            "x",
            "enter",
        ]
        running.at_once(*typed)
        await running.until(running.at_main)
        ((_, login, _),) = [asked for asked in running.fleet.asked if asked[0] == "login"]
        assert isinstance(login, Login)
        assert (login.user, login.password) == ("eva", "correct-horse-battery")
        assert login.keys is None


async def test_a_locked_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    file = make_key(tmp_path / "id", "of my key")
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "L", "tab")
        await running.type(str(file))
        await running.press("enter")
        await running.until(lambda: "locked: give its passphrase" in running.screen())
        await running.type("wrong")
        await running.press("enter")
        await running.until(lambda: "That is not the passphrase of" in running.screen())
        assert "wrong" not in running.screen()
        await running.press("ctrl+u")
        await running.type("of my key")
        await running.press("enter")
        await running.until(running.at_main)
        ((_, login, _),) = [asked for asked in running.fleet.asked if asked[0] == "login"]
        assert isinstance(login, Login)
        assert (login.keys, login.passphrase, login.password) == ((file,), "of my key", None)


async def test_a_refused_password_is_one_line_below_the_pi(tmp_path: Path) -> None:
    shut = "it lets pi in with no key or password that squarm has: give another."
    refused = fleet_snapshot(
        pi("one", PiState.REACHABLE, refused="password", problem=shut),
        pi("two", PiState.REACHABLE, refused="key", problem="it lets pi in with no key."),
    )
    async with console(tmp_path, (160, 48), swarm_snapshot(), refused) as running:
        shown = running.text(running.app.main.nodes)
        assert shown.count("it lets pi in") == 1
        assert shut in shown


async def test_a_changed_key_is_shown_beside_the_old_one_and_asked_about(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press("1", *["down"] * 6)
        await running.press("L")
        assert "has changed: a shows it, and trusts it." in running.toasts[0]
        # Marks are for what can be done to many; a key is looked at one by one.
        await running.press("ctrl+a", "a")
        assert "This takes one machine" in running.toasts[-1]
        await running.press("ctrl+a", "a")
        asking = running.app.screen
        assert isinstance(asking, Confirm)
        assert OTHER in running.screen()
        assert FINGERPRINT in running.screen()
        await running.press("enter")
        assert not [asked for asked in running.fleet.asked if asked[0] == "accept"]
        await running.press("a", "right", "enter")
        assert ("accept", pi("raspberrypi-2").id, OTHER) in running.fleet.asked


async def test_what_was_typed_holds_on_another_network_and_is_forgotten_with_its_pi(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis(), interface="lo") as running:
        kitchen = pi("kitchen").id
        await running.press(*PICK_KITCHEN, "L", "x", "enter")
        await running.until(lambda: kitchen in running.app.logins.by_pi())
        login = running.app.logins.by_pi()[kitchen]
        running.app.pis.change_interface("none")
        await running.until(lambda: not running.fleet.running)
        running.app.pis.change_interface("lo")
        await running.until(lambda: ("logins", {kitchen: login}) in running.fleet.asked)
        await running.press("c", "left", "enter")
        await running.until(lambda: ("forget", kitchen) in running.fleet.asked)
        await running.until(lambda: not running.app.logins.by_pi())


@pytest.mark.parametrize("named", [None, "eth0"])
async def test_of_several_networks_it_is_said_which_is_looked_at_unless_it_was_named(
    named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.console.pis.choose_interface", lambda name: name or "eth0")
    monkeypatch.setattr("tui.console.pis.other_interfaces", lambda _: ("wlan0",))
    fleet, said = ScriptedFleet(), list[str]()
    pis = Pis(fleet.make, lambda _: None, named, say=said.append)
    running = asyncio.create_task(pis.run())
    await until(lambda: fleet.running)
    running.cancel()
    told = "Looking for Pis on eth0, where the default route leads; :interface wlan0 looks there."
    assert said == ([] if named else [told])


async def test_a_mistyped_name_is_looked_for_until_it_is_forgotten(tmp_path: Path) -> None:
    wrong = replace(some_pis(), missing=("kitchne",))
    async with console(tmp_path, (80, 24), *busy_events(), wrong) as running:
        await running.type(":forget kitchne")
        await running.press("enter")
        await running.until(lambda: ("drop", "kitchne") in running.fleet.asked)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a network comes up")
async def test_a_network_that_comes_later_is_watched() -> None:
    need_program("ip")
    fleet = ScriptedFleet()
    pis = Pis(fleet.make, lambda _: None, "sqlate0")
    running = asyncio.create_task(pis.run())
    try:
        await until(lambda: "no network interface 'sqlate0'" in pis.problem)
        run("ip", "link", "add", "sqlate0", "type", "bridge")
        run("ip", "address", "add", "10.213.89.1/24", "dev", "sqlate0")
        await until(lambda: fleet.running)
        assert pis.problem == ""
    finally:
        quietly("ip", "link", "del", "sqlate0")
        running.cancel()


async def test_the_master_of_an_inventory_may_be_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    master = Host("aaaa", "swarmaster", "10.0.0.1", role="manager")
    inventory_file.write(inventory_file.default_path(), Inventory(master), tmp_path / "known")
    pis = Pis(partial(make_fleet, user="pi", key=None), lambda _: None, "lo")
    running = asyncio.create_task(pis.run())
    try:
        await until(lambda: pis._fleet is not None)
        session = ProvisioningSession(pis, Logins("pi", None))
        foreseen = await session.foresee(Choice(here=True))
        (check,) = foreseen.flight.checks
        assert check.host == master
        assert "does not show itself" in check.findings[0].sentence
    finally:
        running.cancel()
