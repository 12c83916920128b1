"""Pis without an announcement: neighbours, leases, and what is said where all is silent."""

import asyncio
import contextlib
import dataclasses
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from fleet.discovery import discovery as looking
from fleet.discovery import leases as module
from fleet.discovery.announcements import Sighting
from fleet.discovery.discovery import Discovery
from fleet.discovery.interface import Interface, find_interface
from fleet.discovery.leases import leases_in
from fleet.discovery.nearby import nearby, pis_among
from fleet.endpoint import Endpoint
from tests.fleet.watching import harmless
from tests.needs import need
from tests.waiting import until

LAN = ipaddress.IPv4Network("192.168.1.0/24")
INTERFACE = Interface("eth0", "192.168.1.2", LAN, frozenset({"192.168.1.2"}))
LEASES = """1795862400 2c:cf:67:00:00:05 192.168.1.50 kitchen 01:2c:cf:67:00:00:05
1795862401 02:11:22:33:44:55 192.168.1.51 raspberrypi *
1795862402 f0:18:98:00:00:01 192.168.1.52 laptop *
1795862403 dc:a6:32:00:00:06 10.9.9.9 attic *
1795862404 98:fe:54:00:00:07 192.168.1.53 * ff:00
duid 00:01:00:01
"""


class Elsewhere(ipaddress.IPv4Network):
    """On loopback itself nobody is expected, and nothing is offered."""

    is_loopback = False


def names(leases: str, macs: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """What the Pis are called that are seen, by address."""
    found = pis_among(macs, leases_in(leases), INTERFACE)
    return {str(each.endpoint): each.name for each in found}


def test_pis_among_neighbours_and_leases_are_seen_and_nobody_else() -> None:
    macs = {"192.168.1.40": "b8:27:eb:00:00:01", "192.168.1.41": "f0:18:98:00:00:02"}
    assert names(LEASES, macs) == {
        "192.168.1.40": "",
        "192.168.1.50": "kitchen",
        "192.168.1.51": "raspberrypi",
        "192.168.1.53": "",
    }


def test_leases_of_iscs_server_are_read() -> None:
    """With comments and blocks as dhcpd writes them; the last of an address counts."""
    said = """# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;
lease 192.168.1.60 {
  starts 1 2026/11/30 07:00:00;
  binding state active;
  hardware ethernet f0:18:98:00:00:03;
  client-hostname "laptop";
}
lease 192.168.1.61 {
  hardware ethernet dc:a6:32:00:00:08;
  uid "\\001\\334\\246";
  client-hostname "attic";
}
lease 192.168.1.60 {
  hardware ethernet 02:00:00:00:00:01;
  client-hostname "raspberrypi-2";
}
lease 10.9.9.9 {
  hardware ethernet dc:a6:32:00:00:09;
}
server-duid "\\000\\001";
"""
    assert names(said) == {"192.168.1.61": "attic", "192.168.1.60": "raspberrypi-2"}


def test_leases_of_kea_are_read() -> None:
    """The last row of an address counts; one that lasts no time, or has a state, is over."""
    said = (
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"
        """state,user_context,pool_id
192.168.1.60,f0:18:98:00:00:03,,3600,1795862400,1,0,0,laptop,0,,0
192.168.1.60,02:00:00:00:00:01,01:02:00:00:00:00:01,3600,1795862500,1,0,0,raspberrypi-2,0,,0
192.168.1.61,dc:a6:32:00:00:08,,691200,1795862400,1,0,0,attic,0,,0
192.168.1.62,dc:a6:32:00:00:09,,691200,1795862400,1,0,0,gone,0,,0
192.168.1.62,dc:a6:32:00:00:09,,0,1795862400,1,0,0,gone,0,,0
192.168.1.63,dc:a6:32:00:00:0a,,691200,1795862400,1,0,0,declined,1,,0
192.168.1.64,dc:a6:32
"""
    )
    assert names(said) == {"192.168.1.60": "raspberrypi-2", "192.168.1.61": "attic"}


def test_leases_of_networkd_are_read() -> None:
    said = """{"BootID":"c3b2","Address":[192,168,1,2],"PrefixLength":24,"Leases":[
{"ClientId":[1,220,166,50,0,0,8],"Address":[192,168,1,61],"Hostname":"attic",
 "HardwareAddressType":1,"HardwareAddressLength":6,"HardwareAddress":[220,166,50,0,0,8],
 "ExpirationUSec":96391109}, {"ClientId":[1,2],"Address":[192,168,1,62],
 "HardwareAddressType":1,"HardwareAddressLength":6,"HardwareAddress":[184,39,235,0,0,1]}]}
"""
    assert names(said) == {"192.168.1.61": "attic", "192.168.1.62": ""}


def test_the_leases_of_a_shared_connection_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NetworkManager has a file for each interface that it shares."""
    for card, line in zip(("eth0", "wlan0"), LEASES.splitlines(), strict=False):
        (tmp_path / f"dnsmasq-{card}.leases").write_text(f"{line}\n")
    monkeypatch.setattr(module, "_PLACES", (f"{tmp_path}/dnsmasq-*.leases", "/no/such.leases"))
    assert {seen.name for seen in nearby(INTERFACE)} == {"kitchen", "raspberrypi"}


def test_a_lease_may_say_anything() -> None:
    for start in ("lease 192.168.1.9 {", "{", '{"Leases":[', "[", "address,\n\0,", '"'):
        assert names(start * 50_000) == {}
    nasty = "1 b8:27:eb:00:00:01 192.168.1.9 a\x1b[31m\u202eb *\n1 2 3\n\0\n"
    (seen,) = pis_among({}, leases_in(nasty), INTERFACE)
    assert harmless(seen.name)


async def test_discovery_tells_once_of_a_lease_that_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        need("to listen where SSH does needs root")
    leases = tmp_path / "dnsmasq.leases"
    gone = "1795862400 b8:27:eb:00:00:02 127.0.0.8 attic *\n"
    leases.write_text(f"{gone}1795862400 b8:27:eb:00:00:01 127.0.0.7 kitchen *\n")
    monkeypatch.setattr(module, "_PLACES", (str(leases),))
    seen: asyncio.Queue[Sighting] = asyncio.Queue()

    def sighted(each: Sighting) -> bool:
        seen.put_nowait(each)
        return True

    discovery = Discovery("lo", sighted, lambda _: None)
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.7", 22):
        running = asyncio.create_task(discovery.run())
        first = await asyncio.wait_for(seen.get(), 20)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert first == Sighting(Endpoint("127.0.0.7"), "kitchen", "b8:27:eb:00:00:01")
    assert seen.empty()


@pytest.mark.parametrize("is_a_pi", [False, True])
async def test_a_sweep_is_offered_until_a_pi_has_shown_itself_whoever_else_has(
    is_a_pi: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        need("to listen where SSH does needs root")
    leases = tmp_path / "dnsmasq.leases"
    leases.write_text("1795862400 b8:27:eb:00:00:01 127.0.0.7 kitchen *\n")
    monkeypatch.setattr(module, "_PLACES", (str(leases),))
    monkeypatch.setattr(looking, "_SILENT_SECONDS", 0.0)
    monkeypatch.setattr(looking, "_LOOK_SECONDS", 0.1)
    loopback = find_interface("lo")
    elsewhere = dataclasses.replace(loopback, network=Elsewhere("127.0.0.0/24"))
    monkeypatch.setattr(looking, "find_interface", lambda _: elsewhere)
    monkeypatch.setattr(looking, "other_interfaces", lambda _: ("wlan9",))
    seen, said = asyncio.Event(), [""]

    def sighted(_: Sighting) -> bool:
        seen.set()
        return is_a_pi

    discovery = Discovery("lo", sighted, said.append)
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.7", 22):
        running = asyncio.create_task(discovery.run())
        await asyncio.wait_for(seen.wait(), 20)
        seen_then = len(said)
        await until(lambda: len(said) > seen_then + 1)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    offer = said[-1]
    assert ("No Pi shows itself on lo" in offer) is not is_a_pi
    assert (":sweep 127.0.0.0/24" in offer) is not is_a_pi
    assert (":interface wlan9" in offer) is not is_a_pi
