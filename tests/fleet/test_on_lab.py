"""The fleet on the virtual Pi lab: whole systems, with systemd, Avahi, passwords and sensors."""

import asyncio
import re
from pathlib import Path

import pytest

from fleet.pi_state import PiState
from fleet.snapshot import PiView
from fleet.ssh.connection import Login
from fleet.ssh.host_keys import HostKey
from lab.pi import Pi
from lab.plan import PiPlan, Variant
from tests.fleet.watching import Watching, watching
from tests.lab.fixtures import MakeLab

pytestmark = pytest.mark.lab


def shown(seen: Watching, pi: Pi) -> PiView | None:
    """The machine at a Pi's address, once it is logged in to and measured."""
    for view in seen.pis:
        if view.address == pi.address and view.state is PiState.KNOWN and view.sample:
            return view
    return None


async def test_the_life_of_five_pis(make_lab: MakeLab, tmp_path: Path) -> None:
    plans = [PiPlan() for _ in range(4)] + [PiPlan(variants=frozenset({Variant.NO_SERVICES}))]
    with make_lab(plans) as lab:
        pis = [lab[f"pi{number}"] for number in range(1, 6)]
        login = Login(pis[0].user, pis[0].password, keys=(), agent=False, offer_to_new=True)
        async with watching(lab.site.bridge, tmp_path / "data", login) as seen:
            await seen.until(lambda: all(shown(seen, pi) for pi in pis))
            assert len(seen.pis) == 5
            ids = {}
            for pi in pis:
                view = shown(seen, pi)
                assert view is not None
                ids[pi.address] = view.id
                assert (view.mac, view.identity.serial) == (pi.board.mac, pi.board.serial)
                assert view.identity.machine_id == pi.machine_id()
                key = HostKey.parse(pi.host_key())
                assert key is not None
                assert view.fingerprint == key.fingerprint
            await agrees_with_avahi(seen, pis)
            await sensors(seen, pis[0])
            await power_cut_and_return(seen, pis[1])
            await reflash(seen, pis[2])
            await clone(seen, pis[0], pis[3])
            assert sorted(ids.values()) == sorted(view.id for view in seen.pis)


async def agrees_with_avahi(seen: Watching, pis: list[Pi]) -> None:
    """The same names on the same boards, but for the one that announces none."""
    boards = {pi.board.mac for pi in pis[:4]}
    theirs: set[tuple[str, str]] = set()
    ours: set[tuple[str, str]] = set()
    for _ in range(15):
        listing = (await asyncio.to_thread(pis[1].run, "avahi-browse", "-atp")).stdout
        theirs = {found for found in workstations(listing) if found[1] in boards}
        ours = {(view.name, view.mac) for view in seen.pis if view.mac in boards}
        if theirs == ours and len({name for name, _ in ours}) == 4:
            return
        await asyncio.sleep(1)
    raise AssertionError(f"we say {sorted(ours)}, Avahi says {sorted(theirs)}")


def workstations(listing: str) -> set[tuple[str, str]]:
    """Name and MAC address of each line `+;eth0;IPv4;name\\032\\091mac...;Workstation;local`."""
    found = set()
    for line in listing.splitlines():
        fields = line.split(";")
        if len(fields) > 4 and fields[4] == "Workstation":
            plain = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1])), fields[3])
            name, _, mac = plain.rstrip("]").partition(" [")
            found.add((name, mac))
    return found


async def sensors(seen: Watching, pi: Pi) -> None:
    """What the simulated sensors say arrives."""
    await asyncio.to_thread(pi.sense, temp="81000", throttled="0x50005", clock="600000")
    await seen.until(
        lambda: (view := shown(seen, pi)) and view.sample and view.sample.temperature == 81.0
    )
    await seen.until(lambda: (view := shown(seen, pi)) and "under-voltage" in view.problem)
    view = shown(seen, pi)
    assert view is not None
    assert view.sample is not None
    assert view.sample.throttle is not None
    assert view.sample.throttle.now == ("under-voltage", "throttled")
    assert view.sample.clock == 600_000_000
    assert view.recognised == "model"


async def power_cut_and_return(seen: Watching, pi: Pi) -> None:
    """Lost within ten seconds; back under the same id."""
    view = shown(seen, pi)
    assert view is not None
    await asyncio.to_thread(pi.power_cut)
    await seen.until(lambda: seen.named(view.id).state is PiState.LOST)
    lost = seen.named(view.id)
    assert lost.since - lost.sampled < 10
    await asyncio.to_thread(pi.power_on)
    await seen.until(lambda: shown(seen, pi))
    assert seen.named(view.id).reflash == ""


async def reflash(seen: Watching, pi: Pi) -> None:
    """Stopped, shown, and let in after a look."""
    view = shown(seen, pi)
    assert view is not None
    await asyncio.to_thread(pi.reflash)
    await seen.until(lambda: seen.named(view.id).key_changed)
    assert seen.named(view.id).reflash == "suspected"
    seen.fleet.accept_key(view.id)
    await seen.until(lambda: shown(seen, pi))
    assert seen.named(view.id).reflash == "confirmed"


async def clone(seen: Watching, pi: Pi, other: Pi) -> None:
    """Two boards with one card's identity are shown as such."""
    one, two = shown(seen, pi), shown(seen, other)
    assert one is not None
    assert two is not None
    await asyncio.to_thread(pi.clone_to, other)
    await seen.until(lambda: seen.named(two.id).key_changed)
    seen.fleet.accept_key(two.id)
    await seen.until(lambda: seen.named(two.id).twins == (one.id,))
    assert seen.named(one.id).twins == (two.id,)
