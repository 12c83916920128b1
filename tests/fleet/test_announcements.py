"""mDNS records as sightings: joined in any order, bounded and cleaned."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.discovery.announcements import WORKSTATION, Announcements, Sighting
from fleet.discovery.interface import (
    Interface,
    NoInterface,
    find_interface,
    most_likely,
    parse_neighbours,
)
from fleet.discovery.sweep import BadSweep, sweep_range
from fleet.endpoint import BadAddress, Endpoint, is_pi_mac, is_pi_name, parse_mac, parse_place
from tests.fleet.watching import harmless

NETWORK = ipaddress.IPv4Network("10.0.0.0/24")
INTERFACE = Interface("eth9", "10.0.0.1", NETWORK, frozenset({"10.0.0.1", "172.17.0.1"}))
BOTH = Interface(
    *("eth9", "10.0.0.1", NETWORK, frozenset({"10.0.0.1", "fe80::1", "fd00::1"})),
    networks6=frozenset(map(ipaddress.IPv6Network, ("fe80::/64", "fd00::/64"))),
)
INSTANCE = f"raspberrypi [b8:27:eb:01:02:03].{WORKSTATION}"
SEEN = Sighting(Endpoint("10.0.0.7"), "raspberrypi", "b8:27:eb:01:02:03", whole=True)


def heard() -> Announcements:
    """Nothing heard yet."""
    return Announcements(INTERFACE.covers)


def test_a_workstation_is_seen_in_whatever_order_its_records_come() -> None:
    first = heard()
    first.pointer(INSTANCE)
    assert first.questions() == [("SRV", INSTANCE.lower())]
    assert first.service(INSTANCE, "raspberrypi.local.", 9, 1) == []
    assert first.questions() == [("A", "raspberrypi.local."), ("AAAA", "raspberrypi.local.")]
    assert first.address("raspberrypi.local.", "10.0.0.7", 2) == [SEEN]
    assert first.questions() == []
    second = heard()
    plain = second.address("RaspberryPi.local.", "10.0.0.7", 10)
    assert plain == [Sighting(Endpoint("10.0.0.7"), "raspberrypi")]
    assert second.service(INSTANCE, "raspberrypi.local.", 9, 16) == [SEEN]


def test_a_repeated_sighting_is_told_at_most_every_five_seconds() -> None:
    known = heard()
    assert known.address("raspberrypi.local.", "10.0.0.7", 100)
    assert not known.address("raspberrypi.local.", "10.0.0.7", 104)
    assert known.address("raspberrypi.local.", "10.0.0.7", 105)
    assert known.address("raspberrypi.local.", "10.0.0.8", 105)


@pytest.mark.parametrize(
    ("service", "whole"),
    [
        ("kitchen [02:11:22:33:44:55]._workstation._tcp.local.", True),
        ("kitchen._udisks-ssh._tcp.local.", True),
        ("nas._ssh._tcp.local.", False),
        ("nas._sftp-ssh._tcp.local.", False),
    ],
)
def test_what_announces_itself_as_a_machine_is_told_from_what_only_takes_ssh(
    service: str, whole: bool
) -> None:
    known = heard()
    known.service(service, "kitchen.local.", 22, 1)
    (seen,) = known.address("kitchen.local.", "10.0.0.7", 1)
    assert seen.whole is whole


def test_the_port_of_ssh_is_taken_from_its_service_only() -> None:
    known = heard()
    known.service(INSTANCE, "pi.local.", 9, 1)
    known.service("pi._ssh._tcp.local.", "pi.local.", 2222, 1)
    (seen,) = known.address("pi.local.", "10.0.0.7", 1)
    assert seen.endpoint == Endpoint("10.0.0.7", 2222)


def test_a_host_without_a_service_is_seen_only_where_it_was_asked_for() -> None:
    known = heard()
    assert known.address("printer.local.", "10.0.0.9", 1) == []
    known.want("printer")
    assert known.address("Printer.local.", "10.0.0.9", 2)
    known.unwant("printer")
    assert known.address("printer.local.", "10.0.0.9", 20) == []


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "172.17.0.1", "169.254.3.4", "10.0.1.7", "10.0.0.255", "8.8.8.8", "x"]
)
def test_own_link_local_and_foreign_addresses_are_dropped(address: str) -> None:
    assert heard().address("raspberrypi.local.", address, 1) == []


@pytest.mark.parametrize(
    "address",
    [
        *("fe80::1%eth9", "fe80::7", "fe80::7%eth0", "fe80:0:0:1::7%eth9", "fd00::1", "fd00::"),
        *("fd00::7%eth9", "fd00:0:0:1::7", "2001:db8::7", "::1", "::", "ff02::fb", "ff02::fb%eth9"),
        *("::ffff:10.0.0.7", "fe80::7%eth9%eth9", "fe80::7%", "10.0.0.7%eth9"),
    ],
)
def test_ipv6_addresses_that_are_own_foreign_or_of_another_interface_are_dropped(
    address: str,
) -> None:
    known = Announcements(BOTH.covers)
    assert known.address("raspberrypi.local.", address, 1) == []
    assert known.late(9) == []


def test_an_ipv6_address_is_waited_with_for_one_of_ipv4() -> None:
    known = Announcements(BOTH.covers)
    assert known.address("raspberrypi.local.", "fe80::7%eth9", 1) == []
    assert known.late(1.5) == []
    (seen,) = known.address("raspberrypi.local.", "10.0.0.7", 2)
    assert seen.endpoint == Endpoint("10.0.0.7")
    assert known.late(9) == []
    # Started anew it announces both, in whatever order.
    known.address("raspberrypi.local.", "fe80::7%eth9", 60)
    known.address("raspberrypi.local.", "10.0.0.7", 60)
    assert known.late(69) == []
    # It has lost the one.
    assert known.address("raspberrypi.local.", "fe80::7%eth9", 90) == []
    (seen,) = known.late(92)
    assert seen.endpoint == Endpoint("fe80::7%eth9")


def test_a_host_without_ipv4_is_told_of_once_the_address_that_others_can_use_first() -> None:
    known = Announcements(BOTH.covers)
    known.service(INSTANCE, "raspberrypi.local.", 9, 1)
    for address in ("fe80::7%eth9", "fd00::7"):
        assert known.address("raspberrypi.local.", address, 1) == []
    assert known.address("printer.local.", "fd00::9", 1) == []
    late = known.late(4)
    assert [sighting.endpoint.address for sighting in late] == ["fd00::7", "fe80::7%eth9"]
    assert {sighting.mac for sighting in late} == {SEEN.mac}
    assert known.late(30) == []
    assert known.address("raspberrypi.local.", "fd00::7", 30) == []
    assert known.late(32) == [late[0]]


NAMES = st.one_of(
    st.text(max_size=5000),
    st.sampled_from(
        [
            "raspberrypi\x1b[31m.local.",
            "[/bold]\u202e.local.",
            "raspberrypi.local.",
            INSTANCE,
            f"\ufffd\ufffd [b8:27:eb:01:02:03].{WORKSTATION}",
        ]
    ),
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pointer", "service", "address", "address6", "late", "questions"]),
            NAMES,
            NAMES,
            st.integers(-5, 70000),
            st.integers(1, 254),
        ),
        max_size=30,
    )
)
def test_no_record_breaks_it_and_no_foul_text_leaves(
    records: list[tuple[str, str, str, int, int]],
) -> None:
    known = Announcements(BOTH.covers)
    for at, (kind, instance, host, port, number) in enumerate(records):
        seen: list[Sighting] = []
        match kind:
            case "pointer":
                known.pointer(instance)
            case "service":
                seen = known.service(instance, host, port, at * 10)
            case "address":
                seen = known.address(host, f"10.0.0.{number}", at * 10)
            case "address6":
                seen = known.address(host, f"fe80::{number + 1:x}%eth9", at * 10)
            case "late":
                seen = known.late(at * 10)
            case _:
                for _, name in known.questions():
                    assert all(len(label.encode()) < 64 for label in name.split("."))
        for sighting in seen:
            assert len(sighting.name) <= 64
            assert harmless(sighting.name)
            assert 0 < sighting.endpoint.port < 65536


def test_a_flood_of_records_is_forgotten_again() -> None:
    known = heard()
    for number in range(20_000):
        known.pointer(f"x{number}.{WORKSTATION}")
        known.service(f"x{number}.{WORKSTATION}", f"x{number}.local.", 9, number)
        known.address(f"x{number}.local.", f"10.0.0.{number % 253 + 2}", number)
    assert len(known.names()) <= 2048
    assert len(known.questions()) <= 48


def test_addresses_and_names_a_user_may_give() -> None:
    assert parse_place("10.0.0.7") == Endpoint("10.0.0.7", 22)
    assert parse_place(" 10.0.0.7:2222 ") == Endpoint("10.0.0.7", 2222)
    assert parse_place("[fd00::7]:23") == Endpoint("fd00::7", 23)
    assert str(Endpoint("fd00::7", 23)) == "[fd00::7]:23"
    assert parse_place("FE80:0::7%eth0") == Endpoint("fe80::7%eth0")
    assert parse_place("[fe80::7%br0.5]:2222") == Endpoint("fe80::7%br0.5", 2222)
    assert parse_place(str(Endpoint("fe80::7%eth0", 2222))) == Endpoint("fe80::7%eth0", 2222)
    assert parse_place("::ffff:10.0.0.7") == Endpoint("10.0.0.7")
    assert parse_place("Kitchen.local.") == "kitchen"
    for bad in (
        "",
        "a b",
        "-x",
        "10.0.0",
        "0.0.0.0",  # noqa: S104 - refused
        "224.0.0.1",
        "10.0.0.7:99999",
        "::",
        "ff02::1%eth0",
        "fe80::7",
        "fe80::7%",
        "fe80::7%eth0 -oProxyCommand=x",
        "fe80::7%eth0;reboot",
        "fe80::7%\x1b[2J",
        "fe80::7%-eth0",
        "fd00::7%eth0",
        "[fe80::7%eth0",
        "\x1b[2J",
        "x" * 300,
    ):
        with pytest.raises(BadAddress):
            parse_place(bad)


@given(st.text(max_size=300))
def test_any_text_is_a_place_or_a_sentence(text: str) -> None:
    said = ""
    try:
        parse_place(text)
    except BadAddress as error:
        said = str(error)
    assert said.isprintable()


def test_pis_by_mac_and_by_name() -> None:
    assert parse_mac("B8:27:EB:01:02:03") == "b8:27:eb:01:02:03"
    assert parse_mac("00:00:00:00:00:00") == parse_mac("nonsense") == ""
    assert is_pi_mac("2c:cf:67:00:00:01")
    assert is_pi_mac("98:fe:54:00:00:01")
    assert not is_pi_mac("02:42:ac:11:00:02")
    assert is_pi_name("RaspberryPi-12")
    assert not is_pi_name("raspberrypi-foo")


ROUTES = """Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
tailscale0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0
wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""


def test_of_several_interfaces_the_default_route_tells() -> None:
    assert most_likely(("eth0", "wlan0"), ROUTES) == "eth0"
    assert most_likely(("wlan0",), ROUTES) == "wlan0"
    assert most_likely(("eth1", "eth2"), ROUTES) == ""
    assert most_likely(("eth0",), "nonsense") == ""


def test_a_direct_cable_is_a_network_and_elsewhere_its_addresses_are_told_of() -> None:
    cable = ipaddress.IPv4Network("169.254.0.0/16")
    direct = Interface("usb0", "169.254.9.9", cable, frozenset({"169.254.9.9"}))
    assert Announcements(direct.covers).address("raspberrypi.local.", "169.254.3.4", 1)
    known = heard()
    assert known.address("raspberrypi.local.", "169.254.3.4", 1) == []
    assert known.address("printer.local.", "169.254.3.5", 1) == []
    assert known.strays == {"raspberrypi": "169.254.3.4"}
    known.address("raspberrypi.local.", "10.0.0.7", 2)
    assert known.strays == {}
    known = Announcements(BOTH.covers)
    known.address("raspberrypi.local.", "169.254.3.4", 1)
    known.address("raspberrypi.local.", "fe80::7%eth9", 1)
    assert known.strays == {}, "it can be reached by IPv6"


def test_neighbours_of_one_interface_that_answered() -> None:
    table = """IP address       HW type     Flags       HW address            Mask     Device
10.0.0.7         0x1         0x2         b8:27:eb:01:02:03     *        eth9
10.0.0.8         0x1         0x0         00:00:00:00:00:00     *        eth9
10.0.0.9         0x1         0x2         b8:27:eb:01:02:04     *        eth0
nonsense
10.0.0.6         0x1         zzz         b8:27:eb:01:02:05     *        eth9
"""
    assert parse_neighbours(table, "eth9") == {"10.0.0.7": "b8:27:eb:01:02:03"}


def test_only_small_local_ranges_are_swept() -> None:
    hosts = sweep_range("10.0.0.0/24", INTERFACE)
    assert len(hosts) == 253
    assert "10.0.0.1" not in hosts
    wide = Interface("eth9", "10.0.0.1", ipaddress.IPv4Network("10.0.0.0/8"), frozenset())
    assert len(sweep_range("10.0.0.0/22", wide)) == 1022
    for bad in ("10.0.0.0/21", "0.0.0.0/0", "10.0.1.0/24", "fe80::/64", "\x1b", ""):
        with pytest.raises(BadSweep):
            sweep_range(bad, INTERFACE)


def test_no_network_of_ipv6_is_swept() -> None:
    network = ipaddress.IPv6Network("fd00::/64")
    alone = Interface("eth9", "fd00::1", network, frozenset(), frozenset({network}))
    for wanted in ("fd00::/64", "10.0.0.0/24"):
        with pytest.raises(BadSweep, match="too many"):
            sweep_range(wanted, alone)


def test_an_interface_is_named_or_refused() -> None:
    assert find_interface("lo").network == ipaddress.IPv4Network("127.0.0.0/8")
    with pytest.raises(NoInterface):
        find_interface("no-such-if")
