"""Which files are fetched for apt, by their addresses alone, and from where none is."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from yarl import URL

_LISTS = re.compile(
    r"InRelease|Release(\.gpg)?|(Packages|Sources|Contents|Translation|Components|Commands|icons|"
    r"dep11)[-\w.]*"
)
_PACKAGE = (".deb", ".udeb", ".ddeb")
_BY_HASH = "by-hash"
_PLACES = {("http", 80), ("https", 443)}


class RefusedError(Exception):
    """Not a file of an archive, or one on this machine: one sentence."""


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file of an archive; `final`: its contents never change under this address.

    Of packages a version is part of the name, of lists by hash their digest
    (https://wiki.debian.org/DebianRepository/Format).
    """

    url: URL
    final: bool


def archive_file(method: str, target: str) -> ArchiveFile:
    """What a proxy is asked for (RFC 9112, 3.2.2); raises RefusedError.

    Only what looks like a file of an archive, at each step of the way there: whoever asks is a
    machine of somebody's, and is to reach nothing else through this one.
    """
    try:
        url = URL(target)
        plain = url.scheme == "http"
    except ValueError:
        raise RefusedError("That is no address.") from None
    if method != "GET" or not plain:
        raise RefusedError("Only files of archives, over http, are fetched here.")
    return led_to(url)


def led_to(url: URL) -> ArchiveFile:
    """What an address stands for, also one that an archive leads to; raises RefusedError."""
    if not url.host or (url.scheme, url.port) not in _PLACES or url.user:
        raise RefusedError("Only files of archives, at a web server's own port, are fetched here.")
    parts = PurePosixPath(url.path).parts
    name = parts[-1] if parts else ""
    listed = bool(_LISTS.fullmatch(name)) or "dists" in parts or _BY_HASH in parts
    if ".." in parts or not (listed or name.endswith(_PACKAGE)):
        raise RefusedError("That is no file of an archive.")
    refuse_inward(url.host)
    return ArchiveFile(url.with_fragment(None), name.endswith(_PACKAGE) or _BY_HASH in parts)


def refuse_inward(host: str) -> None:
    """Raises RefusedError where an address is one of this machine's own, unseen from without."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    ):
        raise RefusedError(f"{host} is this machine, or only its neighbour.")
