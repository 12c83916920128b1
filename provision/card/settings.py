"""What a card is to say of its Pi: name, user, key, Wi-Fi, country, time zone. Pure."""

import hashlib
import re
import secrets
import zoneinfo
from dataclasses import dataclass, field

from base.errors import ProvisionError
from base.text import clean_text
from provision.inventory import is_name

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [\x20-\x7e]*)?")
_PSK = re.compile(r"[0-9a-f]{64}")
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
        if not is_name(self.hostname):
            raise CardError(
                f"{clean_text(self.hostname, 64)!r} cannot be a host name: use lower-case letters, "
                "digits and hyphens.",
                "name",
            )
        if not _USER.fullmatch(self.user) or self.user == "root":
            shown = clean_text(self.user, 40)
            raise CardError(f"{shown!r} is no name for a user: give another, such as pi.", "user")
        if not _KEY.fullmatch(self.key):
            raise CardError("That is no public key of SSH: give a key that can be used.", "key")
        if self.country and not _COUNTRY.fullmatch(self.country):
            shown = clean_text(self.country, 20)
            raise CardError(f"{shown!r} is no country: give two letters, as in DE.", "country")
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
    if not _COUNTRY.fullmatch(country):
        raise CardError(
            "Wi-Fi stays off until it knows its country: give that, too, in two letters as in DE.",
            "country",
        )
    if _PSK.fullmatch(password):
        return WiFi(name, password, country)
    if not password.isascii() or not password.isprintable() or not 8 <= len(password) <= 63:
        raise CardError(
            "A Wi-Fi's password has 8 to 63 characters that ASCII can print.", "wifi_password"
        )
    psk = hashlib.pbkdf2_hmac("sha1", password.encode(), name.encode(), _ROUNDS, 32)
    return WiFi(name, psk.hex(), country)
