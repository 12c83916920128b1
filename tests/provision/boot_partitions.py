"""Boot partitions as images of Raspberry Pi OS and Ubuntu have them, in folders and images."""

import os
import shutil
import subprocess
from pathlib import Path

from provision.card.settings import CardSettings, wifi
from provision.card.systems import CardSystem
from tests.needs import need

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHn8 squarm"
NASTY = 'a\'b: $(reboot) "{{c}}" #'
COMMAND_LINE = "console=serial0,115200 root=PARTUUID=1-02 rootwait cgroup_disable=memory"
TRIXIE = {
    "config.txt": "[all]\n",
    "cmdline.txt": f"{COMMAND_LINE}\n",
    "issue.txt": "Raspberry Pi reference 2025-11-24\nGenerated using pi-gen, stage2\n",
    "user-data": "#cloud-config\n",
    "meta-data": "instance_id: rpios-image\n",
    "network-config": "",
    "initramfs8": "",
}
BOOKWORM = {
    "config.txt": "[all]\n",
    "cmdline.txt": f"{COMMAND_LINE} systemd.run=/boot/firmware/firstrun.sh\n",
    "issue.txt": "Raspberry Pi reference 2024-11-19\nGenerated using pi-gen, stage2\n",
    "initramfs8": "",
}
BULLSEYE = {
    "config.txt": "[all]\n",
    "cmdline.txt": f"{COMMAND_LINE}\n",
    "issue.txt": "Raspberry Pi reference 2024-07-05\nGenerated using pi-gen, stage2\n",
}
UBUNTU = {
    "config.txt": "[all]\nos_prefix=current/\n",
    "current/cmdline.txt": "console=serial0,115200 root=LABEL=writable\n",
    "user-data": "#cloud-config\n",
}
CARDS = {
    CardSystem.TRIXIE: TRIXIE,
    CardSystem.BOOKWORM: BOOKWORM,
    CardSystem.UBUNTU: UBUNTU,
}
HOME = wifi(NASTY, "s3cret pw", "DE")
SETTINGS = CardSettings("pi-a1b2c3", "pi", KEY, "DE", "Europe/Berlin", HOME)
FIRST_SECTOR = 8192


def names(card: dict[str, str]) -> frozenset[str]:
    return frozenset(name.partition("/")[0] for name in card)


def folder(path: Path, card: dict[str, str]) -> Path:
    for name, text in card.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def image(path: Path, card: dict[str, str], tmp: Path) -> Path:
    """A whole card's image: a partition table, a boot partition, and a system behind it."""
    make = shutil.which("mkfs.vfat", path="/usr/sbin:/sbin:/usr/bin")
    if make is None or shutil.which("mcopy") is None:
        need("not installed: dosfstools, mtools")
    assert make
    boot = tmp / "boot.fat"
    made = [make, "-n", "bootfs", "-C", str(boot), "16384"]
    subprocess.run(made, check=True, capture_output=True)
    source = folder(tmp / "source", card)
    for entry in source.iterdir():
        subprocess.run(["mcopy", "-s", "-i", boot, entry, "::/"], check=True)
    sectors = boot.stat().st_size // 512
    table = bytearray(os.urandom(446)) + bytearray(66)
    table[446 + 4] = 0x0C
    table[446 + 8 : 446 + 16] = FIRST_SECTOR.to_bytes(4, "little") + sectors.to_bytes(4, "little")
    table[510:] = b"\x55\xaa"
    gap = os.urandom((FIRST_SECTOR - 1) * 512)
    path.write_bytes(bytes(table) + gap + boot.read_bytes() + os.urandom(1 << 20))
    return path
