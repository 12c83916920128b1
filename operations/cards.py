"""Cards: the boot partition of one, filled for its Pi's first boot."""

import asyncio
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fleet.ssh.own_key import key_to_install, public_half
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from provision.card.partition import BootPartition, find_partition
from provision.card.settings import CardError, CardSettings, fresh_name, wifi
from provision.card.systems import CardSystem, files_for, system_of


@dataclass(frozen=True, slots=True)
class CardRequest:
    """What a person says of a card's Pi; '' where squarm is to choose.

    `name`: one of its own where none is given. `key`: the private key whose public half lets
    squarm in, None for the one that provisioning installs. `wifi`: '' for a cable. `time_zone`:
    this machine's.
    """

    user: str
    name: str = ""
    key: Path | None = None
    wifi: str = ""
    wifi_password: str = field(default="", repr=False)
    country: str = ""
    time_zone: str = ""


def settings_of(asked: CardRequest) -> CardSettings:
    """What is written for that; raises CardError, and OwnKeyError where there is no usable key."""
    if asked.wifi_password and not asked.wifi:
        raise CardError("Give the name of the Wi-Fi that the password is for.", "wifi")
    country = asked.country.upper()
    return CardSettings(
        hostname=asked.name or fresh_name(),
        user=asked.user,
        key=public_half(asked.key or key_to_install()),
        country=country,
        time_zone=asked.time_zone or own_time_zone(),
        wifi=wifi(asked.wifi, asked.wifi_password, country) if asked.wifi else None,
    )


def write(partition: BootPartition, settings: CardSettings) -> Operation[str]:
    """Fill a boot partition; gives the host name. Raises CardError where it is none."""
    texts = partition.texts()
    system = system_of(partition.names(), texts)
    files = files_for(system, settings, texts)
    joining = f"join the Wi-Fi {settings.wifi.name!r}" if settings.wifi else "be on a cable"
    caution = Caution(
        f"Write {', '.join(files)} to {partition.what}?",
        f"It holds {system}. The Pi will be called {settings.hostname}, {joining}, and let "
        f"squarm's key in as {settings.user}, with sudo and without a password. What stands in "
        "those files now is replaced; nothing else is touched.",
        agree="Write",
        decline="Leave it",
    )

    async def work(tell: Tell) -> Done[str]:
        tell(Step("writing"))
        await asyncio.to_thread(_write, partition.place, files, (system, texts))
        return Done(f"{partition.what} is ready for {settings.hostname}.", settings.hostname)

    target = f"{settings.hostname} on {partition.what}"
    return Operation(kind=Kind.WRITE_CARD, target=target, caution=caution, keep=None, work=work)


def _write(
    place: Path, files: Mapping[str, str], shown: tuple[CardSystem, Mapping[str, str]]
) -> None:
    """Write to what was shown and agreed to, and to nothing that is there by now instead.

    While the question stood a card may have been changed for another, or a desktop have mounted it.
    """
    partition = find_partition(place)
    texts = partition.texts()
    if texts != shown[1] or system_of(partition.names(), texts) is not shown[0]:
        raise CardError(
            f"What is at {place} is not what it was when you were asked: nothing was written; look "
            "at it again."
        )
    partition.write(files)


def own_time_zone(etc: Path = Path("/etc")) -> str:
    """This machine's, where it says so in a way that others know; else UTC.

    From Debian 13 on, and on other systems, there is only the link.
    """
    said = []
    with suppress(OSError):
        _, found, zone = str((etc / "localtime").readlink()).rpartition("/zoneinfo/")
        said.append(zone if found else "")
    with suppress(OSError):
        said.append((etc / "timezone").read_text("ascii", "replace").strip())
    return next((zone for zone in said if zone in zoneinfo.available_timezones()), "Etc/UTC")
