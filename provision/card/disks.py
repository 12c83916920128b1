"""Which disks this machine itself runs from, and where what is on a disk is mounted.

A file system may lie on a disk through others: LVM, LUKS, RAID; and that of btrfs has a number of
its own, which is no device's. Both end at the disk here.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
SYSTEM_PLACES = ("/", "/boot", "/boot/firmware", "/boot/efi", "/efi", "/usr", "/var", "/home")
"""Where a system has itself mounted."""
_BLOCK = Path("/sys/dev/block")
_LOOPS = Path("/sys/block")
_SWAPS = Path("/proc/swaps")
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """What is mounted: its device's number, where, what kind of file system, and from what."""

    number: int
    place: str
    kind: str
    source: str


def mounts(table: Path = MOUNTS) -> list[Mount]:
    """All that is mounted, as proc(5) has it."""
    found = []
    for line in table.read_text("utf-8", "replace").splitlines():
        fields = line.split()
        major, _, minor = fields[2].partition(":")
        behind = fields.index("-", 6)
        place, source = (_plain(text) for text in (fields[4], fields[behind + 2]))
        number = os.makedev(int(major), int(minor))
        found.append(Mount(number, place, fields[behind + 1], source))
    return found


def disks_of_mount(mount: Mount, block: Path = _BLOCK) -> frozenset[str]:
    """The names of the whole disks that a mounted file system lies on; none for a network's."""
    if os.major(mount.number):
        return disks_of(mount.number, block)
    with suppress(OSError):
        return disks_of(Path(mount.source).stat().st_rdev, block)
    return frozenset()


def disks_of(number: int, block: Path = _BLOCK) -> frozenset[str]:
    """The names of the whole disks that a device is on; none where it is no block device.

    `block`: Linux's /sys/dev/block.
    """
    with suppress(OSError):
        return _disks_at((block / f"{os.major(number)}:{os.minor(number)}").resolve(strict=True))
    return frozenset()


def loop_devices(file: Path) -> list[Path]:
    """The devices that are this file, as where an image is mounted."""
    there = file.resolve()
    found = []
    for told in _LOOPS.glob("loop*/loop/backing_file"):
        with suppress(OSError):
            if Path(told.read_text().removesuffix("\n")) == there:
                found.append(Path("/dev", told.parts[-3]))
    return [device for device in found if device.exists()]


def own_disks() -> frozenset[str]:
    """The disks of this machine's own system, swap included."""
    found: set[str] = set()
    for mount in mounts():
        if mount.place in SYSTEM_PLACES:
            found |= disks_of_mount(mount)
    with suppress(OSError):
        for line in _SWAPS.read_text().splitlines()[1:]:
            with suppress(OSError):
                found |= disks_of(Path(_plain(line.split()[0])).stat().st_rdev)
    return frozenset(found)


def _disks_at(device: Path) -> frozenset[str]:
    whole = device.parent if (device / "partition").exists() else device
    below = whole / "slaves"
    under = [_disks_at(one.resolve()) for one in below.iterdir()] if below.is_dir() else []
    return frozenset().union(*under) or frozenset({whole.name})


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), text)
