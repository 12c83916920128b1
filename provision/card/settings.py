"""What a card is to say of its Pi: name, user, key, Wi-Fi, country, time zone.

Pure, but for the lists of countries and time zones, which are this machine's.
"""

import hashlib
import re
import secrets
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import ProvisionError
from base.text import clean_text
from provision.inventory import is_name

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [\x20-\x7e]*)?")
_PSK = re.compile(r"[0-9a-f]{64}")
_SYSTEMS_OWN = frozenset(
    {
        *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp"),
        *("proxy", "www-data", "backup", "list", "irc", "nobody", "nogroup", "adm", "tty", "disk"),
        *("kmem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "audio", "dip"),
        *("operator", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff", "users"),
        *("input", "kvm", "render", "sgx", "crontab", "netdev", "gpio", "i2c", "spi", "lpadmin"),
        *("avahi", "docker", "messagebus", "polkitd", "sshd", "ssh", "_ssh"),
    }
)
"""Users and groups that the systems have, or get: a user of such a name cannot be made.

Source: Debian's base-passwd, and what Raspberry Pi OS adds.
"""
_ROUNDS = 4096


class CardError(ProvisionError):
    """A card that cannot be written: one sentence, with the way out.

    `field`: what is wrong, as `operations.cards.CardRequest` calls it; `place`: the card itself.
    """

    def __init__(self, sentence: str, field: str = "place") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class WiFi:
    """A network to join. `psk`: its key in 64 hexadecimal digits, which is as good as a password.

    `country`: two letters, without which the law keeps Wi-Fi off.
    """

    name: str
    psk: str = field(repr=False)
    country: str


@dataclass(frozen=True, slots=True)
class CardSettings:
    """All that is written. `key`: the public key that lets squarm in. Raises CardError."""

    hostname: str
    user: str
    key: str
    country: str = ""
    time_zone: str = "Etc/UTC"
    wifi: WiFi | None = None

    def __post_init__(self) -> None:
        if not is_name(self.hostname) or self.hostname == "localhost":
            raise CardError(
                f"{clean_text(self.hostname, 64)!r} cannot be a host name: use lower-case letters, "
                "digits and hyphens.",
                "name",
            )
        if not _USER.fullmatch(self.user) or self.user in _SYSTEMS_OWN:
            shown = clean_text(self.user, 40)
            raise CardError(f"{shown!r} is no name for a user: give another, such as pi.", "user")
        if not _KEY.fullmatch(self.key):
            raise CardError("That is no public key of SSH: give a key that can be used.", "key")
        if self.country:
            _check_country(self.country)
        if self.time_zone not in zoneinfo.available_timezones():
            shown = clean_text(self.time_zone, 40)
            raise CardError(f"{shown!r} is no time zone: give one like Europe/Berlin.", "time_zone")


def fresh_name() -> str:
    """A host name that no other card has."""
    return f"pi-{secrets.token_hex(3)}"


def wifi(name: str, password: str, country: str) -> WiFi:
    """A network to join, by the password that people type; raises CardError.

    Only what WPA makes of the password goes to the card (IEEE 802.11i, annex H.4): the password
    itself, which may be used elsewhere too, does not.
    """
    if not name.isprintable() or not 0 < len(name.encode()) <= 32:
        raise CardError("The name of a Wi-Fi has 1 to 32 bytes that can be printed.", "wifi")
    if not country:
        raise CardError(
            "Wi-Fi stays off until it knows its country: give that, too, in two letters as in DE.",
            "country",
        )
    _check_country(country)
    if _PSK.fullmatch(password):
        return WiFi(name, password, country)
    if not password.isascii() or not password.isprintable() or not 8 <= len(password) <= 63:
        raise CardError(
            "A Wi-Fi's password has 8 to 63 characters that ASCII can print.", "wifi_password"
        )
    psk = hashlib.pbkdf2_hmac("sha1", password.encode(), name.encode(), _ROUNDS, 32)
    return WiFi(name, psk.hex(), country)


def _check_country(country: str) -> None:
    """Raises CardError for one that Raspberry Pi OS would refuse, and leave Wi-Fi off."""
    known = _countries()
    if country in known:
        return
    # People say it as they write it: UK, Germany.
    said = re.compile(rf"\b{re.escape(country)}\b", re.IGNORECASE)
    near = next((code for code, name in known.items() if said.search(name)), "")
    hint = f"did you mean {near}?" if near else "give its two letters, as in DE."
    raise CardError(f"{clean_text(country, 20)!r} is no country's code: {hint}", "country")


def _countries() -> Mapping[str, str]:
    """Names by code, in the very list that raspi-config looks into; raises CardError.

    Source: iso3166.tab of https://www.iana.org/time-zones.
    """
    for folder in zoneinfo.TZPATH:
        with suppress(OSError):
            lines = Path(folder, "iso3166.tab").read_text("utf-8").splitlines()
            rows = (line.partition("\t") for line in lines if not line.startswith("#"))
            return {code: name for code, _, name in rows}
    raise CardError(
        "This machine has no list of countries (iso3166.tab): install tzdata.", "country"
    )
