"""The fleet against real sshd's and Avahis in namespaces: everything that happens to Pis."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psutil
import pytest

from base.errors import UsageError
from fleet.discovery.announcements import Sighting
from fleet.discovery.sweep import BadSweep
from fleet.endpoint import Endpoint
from fleet.fleet import Fleet, UnknownPi
from fleet.pi_state import PiState
from fleet.snapshot import PiView
from fleet.watch_list import load
from swarm.engine import NodeView
from tests.fleet.pis import Network, network, run
from tests.fleet.watching import harmless, power_on, watching
from tests.waiting import until
from tui.command.machines.nodes import nodes
from tui.command.parser import build


@pytest.fixture
def pis(tmp_path: Path) -> Iterator[Network]:
    """A bridge for Pis."""
    with network(tmp_path) as net:
        yield net


def known(view: PiView | None) -> bool:
    """Whether it is logged in to and measured."""
    return view is not None and view.state is PiState.KNOWN and view.sample is not None


async def listing(interface: str, *words: str) -> int:
    """`squarm nodes`; no swarm is asked: this machine's Docker, if any, is not the test's."""
    given = ["nodes", "--engine", "local", "--interface", interface, *words]
    return await nodes(build(given).parse_args(given))


async def test_five_of_one_name_are_told_apart(pis: Network, tmp_path: Path) -> None:
    boards = [pis.pi() for _ in range(5)]
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        *announced, silent = [(board, pis.card()) for board in boards]
        await asyncio.gather(power_on(*announced), power_on(silent, workstation=False))
        await seen.until(lambda: all(known(seen.at(board)) for board in boards))
        assert len(seen.pis) == 5
        assert len({view.id for view in seen.pis}) == 5
        assert {view.mac for view in seen.pis} == {board.mac for board in boards}
        assert {view.identity.serial for view in seen.pis} == {board.serial for board in boards}
        assert all(view.hostname == "raspberrypi" for view in seen.pis)
        assert all(view.fingerprint == view.trusted != "" for view in seen.pis)
        # Avahi settles the names in its own time.
        await seen.until(lambda: len({view.name for view in seen.pis}) == 5)
        assert not any(view.twins or view.problem for view in seen.pis)


@pytest.mark.slow
async def test_a_pi_is_followed_through_its_life(pis: Network, tmp_path: Path) -> None:
    board, card = pis.pi(), pis.card()
    await power_on((board, card))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(board)))
        pi = seen.pis[0].id

        board.rename("kitchen")
        await seen.until(lambda: seen.named(pi).name == "kitchen")

        board.change_address(77)
        await seen.until(lambda: known(seen.at(board)))
        assert [view.id for view in seen.pis] == [pi]

        board.cut_power()
        await seen.until(lambda: seen.named(pi).state is PiState.LOST)
        lost = seen.named(pi)
        # Between its last word and that moment: how long the test took to see it does not count.
        assert lost.since - lost.sampled < 10
        assert "said nothing" in lost.problem

        await power_on((board, card))
        await seen.until(lambda: known(seen.at(board)))
        assert [view.id for view in seen.pis] == [pi]
        assert seen.named(pi).since > lost.since
        assert seen.named(pi).reflash == ""


@pytest.mark.slow
async def test_a_reflashed_pi_is_let_in_only_after_a_look_at_its_key(
    pis: Network, tmp_path: Path
) -> None:
    board, card = pis.pi(), pis.card()
    await power_on((board, card))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(board)))
        pi = seen.pis[0].id
        board.cut_power()
        fresh = pis.card()
        await power_on((board, fresh))
        await seen.until(lambda: seen.named(pi).key_changed)
        view = seen.named(pi)
        assert (view.reflash, view.state) == ("suspected", PiState.REACHABLE)
        assert card.fingerprint in view.problem
        assert fresh.fingerprint in view.problem
        assert (view.trusted, view.fingerprint) == (card.fingerprint, fresh.fingerprint)
        assert seen.fleet.connection(pi) is None

        with pytest.raises(UnknownPi, match="another key"):
            seen.fleet.accept_key(pi, card.fingerprint)
        seen.fleet.accept_key(pi, fresh.fingerprint)
        await seen.until(lambda: known(seen.named(pi)))
        assert [each.id for each in seen.pis] == [pi]
        assert (seen.named(pi).reflash, seen.named(pi).trusted) == ("confirmed", fresh.fingerprint)
        assert seen.fleet.known_hosts.read()[pi].fingerprint == fresh.fingerprint


async def test_whom_a_pi_has_let_in_is_who_logs_in_from_then_on(
    pis: Network, tmp_path: Path
) -> None:
    """Whatever name was given to the user when its card was written is given to squarm once."""
    board = pis.pi()
    await power_on((board, pis.card()))
    assert pis.login.user == "root"
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(board)))
    unnamed = replace(pis.login, user="")
    async with watching(pis.bridge, tmp_path / "data", unnamed) as seen:
        await seen.until(lambda: known(seen.at(board)))
        assert seen.pis[0].user == "root"
        shell = seen.fleet.shell_command(seen.pis[0].id)
        assert shell[-3:-1] == ["-l", "root"]
    another = replace(pis.login, user="another")
    async with watching(pis.bridge, tmp_path / "data", another) as seen:
        await seen.until(lambda: any(view.refused for view in seen.pis))
        assert "it lets another in with no key" in seen.pis[0].problem
        assert seen.pis[0].user == "root"


async def test_a_cloned_card_is_shown_on_both(pis: Network, tmp_path: Path) -> None:
    first, second, card = pis.pi(), pis.pi(), pis.card()
    await power_on((first, card), (second, card))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(first)) and known(seen.at(second)))
        await seen.until(lambda: all(view.twins for view in seen.pis))
        one, two = seen.pis
        assert (one.twins, two.twins) == ((two.id,), (one.id,))
        assert "cloned" in one.problem


async def test_a_card_that_moved_is_no_clone(pis: Network, tmp_path: Path) -> None:
    first, second, card = pis.pi(), pis.pi(), pis.card()
    await power_on((first, card))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(first)))
        first.cut_power()
        await power_on((second, card))
        await seen.until(lambda: known(seen.at(second)))
        assert len(seen.pis) == 2
        assert not any(view.twins for view in seen.pis)


@pytest.mark.slow
async def test_a_pi_that_hangs_is_lost_and_comes_back(pis: Network, tmp_path: Path) -> None:
    board = pis.pi()
    await power_on((board, pis.card()))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(board)))
        board.freeze(frozen=True)
        # Long before it counts as lost.
        await seen.until(lambda: seen.pis[0].silent and seen.pis[0].stale)
        assert "it has said nothing for 3 seconds" in seen.pis[0].problem
        await seen.until(lambda: seen.pis[0].state is PiState.LOST)
        board.freeze(frozen=False)
        await seen.until(lambda: known(seen.at(board)))
        await seen.until(lambda: not seen.pis[0].silent and not seen.pis[0].problem)


@pytest.mark.slow
async def test_watched_pis_are_remembered(pis: Network, tmp_path: Path) -> None:
    there, gone = pis.pi(), pis.pi()
    await power_on((there, pis.card()), (gone, pis.card()))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(there)) and known(seen.at(gone)))
        ids = {pi.number: view.id for pi in (there, gone) if (view := seen.at(pi))}
    gone.cut_power()
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: len(seen.pis) == 2)
        assert seen.named(ids[gone.number]).state is PiState.LOST
        # Nobody has knocked yet: that it does not answer would be a guess.
        assert seen.named(ids[there.number]).problem == ""
        await seen.until(lambda: known(seen.named(ids[there.number])))
        seen.fleet.forget(ids[gone.number])
        assert [view.id for view in seen.fleet.snapshot().pis] == [ids[there.number]]
        # What is there and is forgotten comes back, as new, and is remembered anew. It may be seen
        # again before the fleet next reports, so whoever waits for a report without it may miss it.
        seen.fleet.forget(ids[there.number])
        assert not seen.fleet.snapshot().pis
        seen.snapshots.clear()
        await seen.until(lambda: known(seen.at(there)))
        (anew,) = [view.id for view in seen.pis]
    async with watching(pis.bridge, tmp_path / "data", None) as seen:
        await seen.until(lambda: seen.snapshots)
        assert [view.id for view in seen.pis] == [anew]


async def test_a_sweep_finds_what_announces_nothing(pis: Network, tmp_path: Path) -> None:
    board = pis.pi()
    await power_on((board, pis.card()), avahi=False)
    # That it was switched on by us is in the neighbour table, which is looked into, too: a last
    # word of its sshd's to us would bring it back.
    await until(lambda: not spoken_with(board.address), 120)
    run("ip", "neighbour", "flush", "dev", pis.bridge)
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await asyncio.sleep(2)
        assert not seen.pis
        assert await seen.fleet.sweep(str(pis.addresses)) == 1
        await seen.until(lambda: known(seen.at(board)))
        assert seen.pis[0].mac == board.mac
        for elsewhere in ("10.213.89.0/24", "10.0.0.0/8", "192.0.2.0/24", "::/64"):
            with pytest.raises(BadSweep):
                await seen.fleet.sweep(elsewhere)


async def test_added_by_address_or_by_name(pis: Network, tmp_path: Path) -> None:
    by_address, by_name = pis.pi(), pis.pi()
    await power_on((by_address, pis.card()), avahi=False)
    await power_on((by_name, pis.card("shelf")), workstation=False)
    places = [by_address.address, "shelf.local", "cellar"]
    async with watching(pis.bridge, tmp_path / "data", pis.login, add=places) as seen:
        await seen.until(lambda: known(seen.at(by_address)) and known(seen.at(by_name)))
        assert len(seen.pis) == 2
        # Its address may have been found before its name was heard.
        await seen.until(lambda: seen.snapshots[-1].missing == ("cellar",))


async def test_the_swarms_nodes_are_matched(pis: Network, tmp_path: Path) -> None:
    board = pis.pi()
    await power_on((board, pis.card()))
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        await seen.until(lambda: known(seen.at(board)))
        node = NodeView(
            "n1", "raspberrypi", board.address, "leader", "active", "ready", "linux/arm64", 4, 1
        )
        seen.fleet.set_nodes([node])
        await seen.until(lambda: seen.pis[0].state is PiState.IN_SWARM)
        assert (seen.pis[0].role, seen.pis[0].node) == ("leader", "n1")


async def test_without_a_login_a_pi_is_reachable_with_its_fingerprint(
    pis: Network, tmp_path: Path
) -> None:
    board, card = pis.pi(), pis.card()
    await power_on((board, card))
    async with watching(pis.bridge, tmp_path / "data") as seen:
        await seen.until(lambda: seen.pis and seen.pis[0].fingerprint)
        view = seen.pis[0]
        assert (view.fingerprint, view.trusted) == (card.fingerprint, "")
        assert view.state is PiState.REACHABLE
        assert card.fingerprint in view.problem
        seen.fleet.set_login(pis.login)
        await seen.until(lambda: known(seen.at(board)))


async def test_snapshots_come_also_without_an_interface(tmp_path: Path) -> None:
    async with watching("no-such-if", tmp_path) as seen:
        await seen.until(lambda: seen.snapshots and "no-such-if" in seen.snapshots[-1].problem)


@pytest.mark.slow
async def test_the_command_line_lists_them(
    pis: Network,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    board, card = pis.pi(), pis.card()
    await power_on((board, card))
    login = ("--user", "root", "--key", str(pis.user_key))

    async def told_of(state: str, *words: str) -> dict[str, Any]:
        # One look takes six seconds, in which a loaded machine does not get that far each time.
        for _ in range(10):
            assert await listing(pis.bridge, "--json", *login, *words) == 0
            told: dict[str, Any] = json.loads(capsys.readouterr().out or "{}")
            measured = (told.get("sample") or {}).get("cpu") is not None
            whole = told.get("fingerprint") if state == "reachable" else measured
            if told.get("state") == state and whole:
                return told
        raise AssertionError(f"it is never {state}")

    # Whoever only looks gives no machine his key that he does not trust yet, and leaves no trace.
    only_seen = await told_of("reachable", "--read-only")
    assert only_seen["sample"] is None
    assert only_seen["fingerprint"] == card.fingerprint
    assert not (tmp_path / "xdg").exists()
    told = await told_of("known")
    assert (told["address"], told["mac"]) == (board.address, board.mac)
    assert told["identity"]["serial"] == board.serial
    assert told["fingerprint"] == card.fingerprint
    assert 0 <= told["sample"]["cpu"] <= 1
    assert await told_of("known", "--read-only")
    # Ctrl-C is how watching ends.
    watching = asyncio.create_task(listing(pis.bridge, "--watch", *login))
    printed = ""

    def shows_it() -> bool:
        nonlocal printed
        printed += capsys.readouterr().out
        return "known" in printed

    await until(shows_it, 60)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    header, *rows = printed.splitlines()
    assert header.split()[:4] == ["ID", "NAME", "ADDRESS", "STATE"]
    assert any("known" in row for row in rows)
    assert (tmp_path / "xdg" / "squarm" / "known_hosts").read_text().count("\n") == 1
    with pytest.raises(UsageError, match="no-such-if"):
        await listing("no-such-if")


@pytest.mark.slow
async def test_a_flood_of_hostile_announcements(pis: Network, tmp_path: Path) -> None:
    attacker, board = pis.pi(), pis.pi()
    await power_on((attacker, pis.card("attacker")), avahi=False)
    async with watching(pis.bridge, tmp_path / "data", pis.login) as seen:
        stalls = asyncio.create_task(longest_stall())
        flood = attacker.run_inside(
            sys.executable, "-m", "tests.fleet.flood", attacker.address, "500", "9"
        )
        await asyncio.sleep(2)
        spent, began = time.process_time(), time.monotonic()
        await power_on((board, pis.card()))
        await seen.until(lambda: known(seen.at(board)))
        await asyncio.sleep(3)
        share = (time.process_time() - spent) / (time.monotonic() - began)
        assert share < 0.5, "the flood takes more than half a core"
        assert await asyncio.to_thread(flood.wait) == 0
        stalls.cancel()
        await asyncio.gather(stalls, return_exceptions=True)
        assert known(seen.at(board))
        assert 2 < len(seen.pis) <= 254
        for view in seen.pis:
            assert harmless(view.name)
            assert len(view.name) <= 64
            assert ip_address(view.address.partition(":")[0]) in pis.addresses
        assert stalls.cancelled() or stalls.exception() is None


async def longest_stall() -> None:
    """Ends with an AssertionError when the event loop has worked on one thing for half a second.

    Of its processor's time: what it waits for others on a loaded machine is not squarm's doing.
    """
    while True:
        start = time.thread_time()
        await asyncio.sleep(0.01)
        assert time.thread_time() - start < 0.5


def spoken_with(address: str) -> bool:
    """Whether a connection to a machine is still open, or not yet done with."""
    ended = {psutil.CONN_TIME_WAIT, psutil.CONN_NONE}
    return any(
        link.raddr and link.raddr.ip == address and link.status not in ended
        for link in psutil.net_connections("tcp")
    )


def test_what_was_added_by_name_and_has_another_now_is_looked_for_by_the_old_one_no_more(
    tmp_path: Path,
) -> None:
    fleet, place = Fleet("lo", lambda _: None, folder=tmp_path), Endpoint("10.0.0.7")
    for name in ("shelf", "cellar"):
        fleet.add(name)
    for name in ("shelf", "swarmost1"):
        fleet._seen(Sighting(place, name))
    fleet.keep()
    assert load(tmp_path / "pis.json").names == ("cellar",)
