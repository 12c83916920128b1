"""Which system is on a card, and what its first boot reads. Pure: names and texts go in and out.

Raspberry Pi OS trixie and Ubuntu run cloud-init, which reads `user-data`, `meta-data` and
`network-config`. Raspberry Pi OS bookworm, and the first trixie (2025-10-01), run `firstrun.sh`
once, from the kernel's command line, as Raspberry Pi Imager has it
(https://github.com/raspberrypi/rpi-imager: src/customization_generator.cpp, and which image wants
what in doc/os_customisation_formats.md).

No date tells them apart: an older system's images go on coming out beside the next one's. What
https://github.com/RPi-Distro/pi-gen puts on the boot partition does: `user-data` where cloud-init
is to read it, and an initramfs since bookworm, which mounts that partition at /boot/firmware.
"""

import hashlib
import re
import shlex
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

import yaml

from provision.card.settings import CardError, CardSettings, WiFi

COMMAND_LINES = ("current/cmdline.txt", "cmdline.txt")
"""Where the kernel's command line may stand: Ubuntu's newer place first."""
READ = (*COMMAND_LINES, "issue.txt")
"""The files that are looked into."""
_CGROUP = ("cgroup_enable=memory", "cgroup_memory=1")
_FIRST_RUN = (
    "systemd.run=/boot/firmware/firstrun.sh",
    "systemd.run_success_action=reboot",
    "systemd.unit=kernel-command-line.target",
)
_GROUPS = (
    *("users", "adm", "dialout", "audio", "netdev", "video", "plugdev", "cdrom", "games"),
    *("input", "sudo"),
)
_UBUNTU_GROUPS = ("users", "adm", "dialout", "audio", "netdev", "video", "plugdev", "cdrom", "sudo")
_SINCE_BOOKWORM = "initramfs"
"""How the names of files begin that are there from bookworm on."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class CardSystem(StrEnum):
    """What is on a card."""

    TRIXIE = "Raspberry Pi OS with cloud-init (trixie)"
    BOOKWORM = "Raspberry Pi OS with firstrun (bookworm)"
    UBUNTU = "Ubuntu"


def system_of(names: Collection[str], texts: Mapping[str, str]) -> CardSystem:
    """The system of a boot partition with these files at its top; raises CardError."""
    if "config.txt" not in names or not any(place in texts for place in COMMAND_LINES):
        raise CardError(
            "That is no boot partition of a Raspberry Pi (it has no config.txt and cmdline.txt): "
            "write a system to the card first, with Raspberry Pi Imager, and name its partition."
        )
    if "user-data" in names:
        return CardSystem.TRIXIE if "issue.txt" in names else CardSystem.UBUNTU
    if "issue.txt" in names:
        if any(name.startswith(_SINCE_BOOKWORM) for name in names):
            return CardSystem.BOOKWORM
        date = _DATE.search(texts.get("issue.txt", ""))
        made = f" (its date is {date[0]})" if date else ""
        raise CardError(
            f"Its Raspberry Pi OS is from before bookworm{made}, which is too old for a node: "
            "write bookworm or later to the card first."
        )
    raise CardError(
        "Its system is none that squarm knows (Raspberry Pi OS, Ubuntu): set up SSH and a key "
        "there, as its own pages say."
    )


def files_for(
    system: CardSystem, settings: CardSettings, texts: Mapping[str, str]
) -> dict[str, str]:
    """The files to write, by name; `texts`: those of READ that are there."""
    line = next(place for place in COMMAND_LINES if place in texts)
    command_line = _command_line(texts[line], settings, first_run=system is CardSystem.BOOKWORM)
    if system is CardSystem.BOOKWORM:
        return {"firstrun.sh": _first_run(settings), "ssh": "", line: command_line}
    files = {"user-data": _user_data(settings, ubuntu=system is CardSystem.UBUNTU)}
    if settings.wifi:
        files["network-config"] = _yaml(_network(settings.wifi))
    files["meta-data"] = _meta_data(settings, "".join(files.values()))
    if system is CardSystem.TRIXIE:
        files["ssh"] = ""
    return files | {line: command_line}


def _command_line(text: str, settings: CardSettings, *, first_run: bool) -> str:
    """The kernel's command line with what is needed, each thing once."""
    # The firmware reads one line: others are what somebody kept there.
    first = next((line for line in text.splitlines() if line.strip()), "")
    words = [word for word in first.split() if word != "cgroup_disable=memory"]
    words = [word for word in words if not word.startswith("systemd.run") or not first_run]
    # Where Raspberry Pi Imager has put its own mark of this card: cloud-init would believe that,
    # not what `meta-data` says, and do nothing on a Pi that has started before.
    words = [word for word in words if not word.startswith("ds=nocloud")]
    wanted = [*_CGROUP]
    if settings.country:
        words = [word for word in words if not word.startswith("cfg80211.ieee80211_regdom=")]
        wanted.append(f"cfg80211.ieee80211_regdom={settings.country}")
    # What firstrun.sh takes out again is all from its own words to the end.
    wanted += _FIRST_RUN if first_run else ()
    words = [word for word in words if word not in wanted]
    return " ".join([*words, *wanted]) + "\n"


def _user_data(settings: CardSettings, *, ubuntu: bool) -> str:
    body: dict[str, Any] = {
        "hostname": settings.hostname,
        "manage_etc_hosts": True,
        "timezone": settings.time_zone,
        "ssh_pwauth": False,
        "users": [
            {
                "name": settings.user,
                "groups": list(_UBUNTU_GROUPS if ubuntu else _GROUPS),
                "shell": "/bin/bash",
                "lock_passwd": True,
                "sudo": "ALL=(ALL) NOPASSWD:ALL",
                "ssh_authorized_keys": [settings.key],
            }
        ],
        # A board without a clock says it is another year, and apt would believe no list.
        # Where anything is said of apt, cloud-init would put Debian's sources in the place of
        # the system's own, and those of 32-bit Raspberry Pi OS are others.
        "apt": {
            "preserve_sources_list": True,
            "conf": 'Acquire { Check-Date "false"; };\n',
        },
        "runcmd": [["systemctl", "enable", "--now", "ssh"]],
    }
    if ubuntu:
        # It has none, and nothing would find it.
        body["packages"] = ["avahi-daemon"]
    return "#cloud-config\n# Written by squarm (squarm card write).\n" + _yaml(body)


def _meta_data(settings: CardSettings, rest: str) -> str:
    # What is new to cloud-init has another id: it does all of it anew then, and only then.
    mark = hashlib.sha256(rest.encode()).hexdigest()[:8]
    return _yaml({"instance-id": f"squarm-{settings.hostname}-{mark}", "dsmode": "local"})


def _network(wifi: WiFi) -> dict[str, Any]:
    return {
        "network": {
            "version": 2,
            "ethernets": {"eth0": {"dhcp4": True, "optional": True}},
            "wifis": {
                "wlan0": {
                    "dhcp4": True,
                    "optional": True,
                    "regulatory-domain": wifi.country,
                    "access-points": {wifi.name: {"password": wifi.psk}},
                }
            },
        }
    }


def _first_run(settings: CardSettings) -> str:
    name, user, key, zone = map(
        shlex.quote, (settings.hostname, settings.user, settings.key, settings.time_zone)
    )
    wlan = ""
    if settings.wifi:
        said = (settings.wifi.name, settings.wifi.psk, settings.wifi.country)
        wlan = f"$imager set_wlan {' '.join(map(shlex.quote, said))}\n"
    # Its own programs first set the name and the key, then rename the user, whose home moves.
    return f"""#!/bin/sh
# Written by squarm (squarm card write), run once at the first boot.
set +e
imager=/usr/lib/raspberrypi-sys-mods/imager_custom
$imager set_hostname {name}
$imager enable_ssh -k {key}
/usr/lib/userconf-pi/userconf {user} '*'
printf '%s ALL=(ALL) NOPASSWD: ALL\\n' {user} >/etc/sudoers.d/010_squarm
chmod 440 /etc/sudoers.d/010_squarm
{wlan}$imager set_timezone {zone}
rm -f /boot/firmware/firstrun.sh
sed -i 's| systemd\\.run=.*||' /boot/firmware/cmdline.txt
exit 0
"""


def _yaml(body: Mapping[str, Any]) -> str:
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=1000)
