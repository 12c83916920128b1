"""What a machine may have fetched for it: files of archives, from nowhere on this machine."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.packages.archive import RefusedError, archive_file, refuse_inward

MIRROR = "http://deb.debian.org/debian"
FINAL = [
    f"{MIRROR}/pool/main/d/docker.io/docker.io_26.1.5%2bdfsg1-9_arm64.deb",
    f"{MIRROR}/dists/trixie/main/binary-arm64/by-hash/SHA256/{'a' * 64}",
    "http://archive.raspberrypi.com/debian/pool/main/r/raspi-config/raspi-config_1.deb",
]
LISTS = [
    f"{MIRROR}/dists/trixie/InRelease",
    f"{MIRROR}/dists/trixie/main/i18n/Translation-en.xz",
    "http://mirror.example/flat/./Packages.gz",
    "http://10.0.0.9/debian/dists/trixie/Release.gpg",
]
REFUSED = [
    ("GET", "http://router.lan/admin"),
    ("GET", "http://router.lan/reboot?now=/x.deb"),
    ("GET", "http://localhost.localdomain/dists/../secret"),
    ("GET", "http://127.0.0.1/dists/trixie/InRelease"),
    ("GET", "http://[::1]/dists/trixie/InRelease"),
    ("GET", "http://[::ffff:127.0.0.1]/dists/trixie/InRelease"),
    ("GET", "http://169.254.169.254/dists/trixie/InRelease"),
    ("GET", "http://0.0.0.0/a.deb"),
    ("GET", "http://deb.debian.org:2375/a.deb"),
    ("GET", "http://me:secret@deb.debian.org/a.deb"),
    ("GET", "https://deb.debian.org/a.deb"),
    ("GET", "file:///etc/shadow.deb"),
    ("GET", "/dists/trixie/InRelease"),
    ("GET", "http://[/a.deb"),
    ("GET", "http://deb.debian.org:99999/a.deb"),
    ("POST", f"{MIRROR}/dists/trixie/InRelease"),
    ("CONNECT", "deb.debian.org:443"),
]


@pytest.mark.parametrize("address", FINAL)
def test_what_has_a_version_or_a_digest_in_its_name_never_changes(address: str) -> None:
    assert archive_file("GET", address).final


@pytest.mark.parametrize("address", LISTS)
def test_lists_are_fetched_and_may_change(address: str) -> None:
    assert not archive_file("GET", address).final


@pytest.mark.parametrize(("method", "target"), REFUSED)
def test_nothing_else_is_reached_through_it(method: str, target: str) -> None:
    with pytest.raises(RefusedError):
        archive_file(method, target)


@given(st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="fe80::/10"))
def test_no_address_of_this_machine_alone_is_reached(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    with pytest.raises(RefusedError):
        refuse_inward(str(address))


@given(st.text())
def test_whatever_is_asked_for_is_a_file_of_an_archive_or_refused(target: str) -> None:
    try:
        found = archive_file("GET", target)
    except RefusedError:
        return
    assert found.url.scheme == "http"
    assert found.url.port == 80
