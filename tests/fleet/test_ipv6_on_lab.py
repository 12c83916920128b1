"""Pis that have no IPv4 address, or lose it, beside one that has: found, shown, logged in to."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.pi_state import PiState
from fleet.snapshot import PiView
from fleet.ssh.connection import Login
from fleet.ssh.host_keys import HostKey
from lab.lab import Lab
from lab.pi import Pi
from lab.plan import PASSWORD, PiPlan, Variant
from tests.fleet.watching import Watching, watching
from tests.lab.fixtures import MakeLab
from tests.provision.console import Console

pytestmark = pytest.mark.lab

KINDS: tuple[tuple[Variant, ...], ...] = (
    (),
    (Variant.IPV6_ONLY,),
    (Variant.LINK_LOCAL,),
    (Variant.LINK_LOCAL, Variant.NO_MDNS),
)


@pytest.fixture(scope="module")
def lab(make_lab: MakeLab) -> Iterator[Lab]:
    with make_lab([PiPlan(variants=frozenset(kind)) for kind in KINDS]) as made:
        yield made


def shown(seen: Watching, pi: Pi, address: str) -> PiView | None:
    """The machine that is this Pi, once it is logged in to at this address, and measured."""
    for view in seen.pis:
        known = view.state is PiState.KNOWN and view.sample
        if known and (view.address, view.identity.serial) == (address, pi.board.serial):
            return view
    return None


def test_what_the_swarm_would_not_reach_is_said_before_anything_is_done(
    lab: Lab, tmp_path: Path
) -> None:
    usual, routed, direct, mute = lab.pis
    console = Console(lab, tmp_path)
    added = console("pi", "add", mute.address, "--interface", lab.site.bridge)
    key = HostKey.parse(mute.host_key())
    assert key is not None
    assert mute.address in added
    assert key.fingerprint in added
    # It stops at the question, which nobody is there to answer.
    said = console.provision("--all", "--master-pi", usual.address, code=2)
    why = {pi: next(line for line in said.splitlines() if pi.address in line) for pi in lab.pis}
    assert f"no way leads from it to the master at {usual.address}: let the r" in why[routed]
    for pi in (direct, mute):
        assert "Docker Swarm takes none of those: let the router give it" in why[pi]


async def test_they_are_found_by_multicast_and_one_is_followed_to_its_other_address(
    lab: Lab, tmp_path: Path
) -> None:
    login = Login(lab.pis[0].user, PASSWORD, keys=(), agent=False, offer_to_new=True)
    mute = lab.pis[-1]
    async with watching(lab.site.bridge, tmp_path / "data", login, [mute.address]) as seen:
        await seen.until(lambda: all(shown(seen, pi, pi.address) for pi in lab.pis))
        assert len(seen.pis) == len(lab.pis)
        usual = lab.pis[0]
        before = shown(seen, usual, usual.address)
        assert before is not None
        elsewhere = f"{usual.board.link_local}%{lab.site.bridge}"
        await asyncio.to_thread(usual.run, "ip", "-4", "address", "flush", "dev", "eth0")
        await seen.until(lambda: shown(seen, usual, elsewhere))
        assert seen.named(before.id).address == elsewhere
        assert len(seen.pis) == len(lab.pis)
        await asyncio.to_thread(usual.readdress, usual.address)
        await seen.until(lambda: shown(seen, usual, usual.address))
        await seen.until(lambda: len(seen.pis) == len(lab.pis))
        assert seen.named(before.id).address == usual.address
