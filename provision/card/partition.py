"""The boot partition of a card: in a mounted folder, in an image, or on a device.

Nothing but that partition is ever written, and none of a disk that this system runs from. Inside an
image or a device mtools reads and writes it: nothing is mounted, and secrets go by standard input.
"""

import os
import re
import shutil
import stat
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from base.text import clean_text
from provision.card.settings import CardError
from provision.card.systems import READ, system_of

_SECTOR = 512
_FAT_TYPES = (0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E, 0xEF)
_MOUNTS = Path("/proc/self/mountinfo")
_FAT_KINDS = ("vfat", "msdos")
_GPT = 0xEE
_LIMIT = 64 * 1024
_ESCAPED = re.compile(r"\\([0-7]{3})")
_SYSTEM_PLACES = ("/", "/boot", "/boot/firmware", "/boot/efi", "/usr", "/var", "/home")


class BootPartition(Protocol):
    """Where a card's first boot reads from. Every method may raise CardError."""

    @property
    def what(self) -> str:
        """What to call it before a person."""
        ...

    def names(self) -> frozenset[str]:
        """The files and folders at its top."""
        ...

    def texts(self) -> dict[str, str]:
        """Those of READ that are there."""
        ...

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, and have them on the card."""
        ...


def find_partition(place: Path) -> BootPartition:
    """The boot partition at a place: a folder, an image, a device; raises CardError."""
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise CardError(f"{place} cannot be used ({error.strerror}).") from None
    if stat.S_ISDIR(mode):
        return MountedFolder(place)
    if stat.S_ISBLK(mode):
        _refuse_in_use(place)
        return FatVolume(place)
    if stat.S_ISREG(mode):
        return FatVolume(place)
    raise CardError(f"{place} is no folder, no image and no device.")


def mounted_cards(table: Path = _MOUNTS) -> tuple[Path, ...]:
    """Where cards that can be written are mounted, as desktops do with one that is put in.

    `table`: what is mounted, as proc(5) has it.
    """
    found = []
    for _, place, kind in _mounts(table):
        # Nothing else is read: a network that is gone would hold whoever asks for a file there.
        if kind in _FAT_KINDS:
            with suppress(CardError):
                folder = MountedFolder(Path(place))
                system_of(folder.names(), folder.texts())
                found.append(Path(place))
    return tuple(found)


class MountedFolder:
    """A boot partition that is mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        places = (Path(place) for place in _SYSTEM_PLACES)
        if self._folder in places or Path("/boot") in self._folder.parents:
            raise CardError(f"{self._folder} is this machine's own: put a card into a reader.")
        try:
            own = self._folder.is_mount() and _disk_of(self._folder.stat().st_dev) in _own_disks()
        except OSError as error:
            raise CardError(f"{self._folder} cannot be read ({error.strerror}).") from None
        if own:
            raise CardError(
                f"{self._folder} is on the disk that this machine runs from: put a card into a "
                "reader."
            )

    @property
    def what(self) -> str:
        """The folder."""
        return str(self._folder)

    def names(self) -> frozenset[str]:
        """The files and folders at its top."""
        try:
            return frozenset(entry.name for entry in self._folder.iterdir())
        except OSError as error:
            raise CardError(f"{self._folder} cannot be read ({error.strerror}).") from None

    def texts(self) -> dict[str, str]:
        """Those of READ that are there."""
        found = {}
        for name in READ:
            with suppress(OSError):
                found[name] = (self._folder / name).read_bytes()[:_LIMIT].decode("utf-8", "replace")
        return found

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, readable for their owner alone where the file system knows owners."""
        try:
            for name, text in files.items():
                path = self._folder / name
                # Beside it first: a card that is pulled out half-way has the old one, or the new.
                new = path.with_name(f"{path.name}.new")
                with suppress(FileNotFoundError):
                    new.unlink()
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(path)
            os.sync()
        except OSError as error:
            raise CardError(
                f"{self._folder} cannot be written ({error.strerror}): is the card locked?"
            ) from None


class FatVolume:
    """The first FAT partition of an image or a device, or one that is nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if shutil.which("mcopy") is None:
            raise CardError(
                "Images and devices are written with mtools (sudo apt install mtools); or mount "
                "the boot partition and name its folder."
            )
        try:
            with path.open("rb") as file:
                self._offset = _fat_offset(file.read(_SECTOR), file.read(128 * _SECTOR))
        except OSError as error:
            raise CardError(
                f"{path} cannot be read ({error.strerror}): as root, or name the folder where its "
                "boot partition is mounted."
            ) from None

    @property
    def what(self) -> str:
        """The partition: which file or device, and where in it."""
        where = f", the partition at byte {self._offset:,}" if self._offset else ""
        return f"{self._path}{where}"

    def names(self) -> frozenset[str]:
        """The files and folders at its top."""
        listed = self._call("mdir", "-b", "::/")
        return frozenset(
            line.removeprefix("::/").rstrip("/") for line in listed.decode().splitlines() if line
        )

    def texts(self) -> dict[str, str]:
        """Those of READ that are there."""
        found = {}
        for name in READ:
            with suppress(CardError):
                text = self._call("mtype", f"::/{name}")
                found[name] = text[:_LIMIT].decode("utf-8", "replace")
        return found

    def write(self, files: Mapping[str, str]) -> None:
        """Write files."""
        if not os.access(self._path, os.W_OK):
            raise CardError(f"{self._path} cannot be written by you: do it as root.")
        for name, text in files.items():
            self._call("mcopy", "-o", "-", f"::/{name}", entered=text.encode())
        os.sync()

    def _call(self, program: str, *arguments: str, entered: bytes = b"") -> bytes:
        target = f"{self._path}@@{self._offset}"
        done = subprocess.run(
            [program, "-i", target, *arguments],
            input=entered,
            capture_output=True,
            check=False,
            env={**os.environ, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"},
        )
        if done.returncode != 0:
            said = clean_text(done.stderr.decode("utf-8", "replace").strip(), 160)
            raise CardError(f"{self._path}: {said or f'{program} failed'}.")
        return done.stdout


def _fat_offset(first: bytes, rest: bytes) -> int:
    """Where the first FAT file system begins, in bytes; raises CardError."""
    if b"FAT" in first[0x36:0x3B] or b"FAT" in first[0x52:0x57]:
        return 0
    if first[510:512] != b"\x55\xaa":
        raise CardError("There is no partition table in it: write a system to the card first.")
    entries = [first[446 + 16 * place : 462 + 16 * place] for place in range(4)]
    if entries[0][4] == _GPT:
        return _gpt_offset(rest)
    for entry in entries:
        if entry[4] in _FAT_TYPES:
            return int(struct.unpack_from("<I", entry, 8)[0]) * _SECTOR
    raise CardError("It has no FAT partition: a Raspberry Pi's boot partition is one.")


def _gpt_offset(table: bytes) -> int:
    """Of the first partition of a GUID partition table: a Pi's is the boot partition."""
    if table[:8] != b"EFI PART":
        raise CardError("Its partition table is damaged: write the system to the card anew.")
    start, count, size = struct.unpack_from("<QII", table, 72)
    for number in range(min(count, 128)):
        place = (start - 1) * _SECTOR + number * size
        entry = table[place : place + 48]
        if len(entry) == 48 and any(entry[:16]):
            return int(struct.unpack_from("<Q", entry, 32)[0]) * _SECTOR
    raise CardError("It has no partition: write a system to the card first.")


def _refuse_in_use(device: Path) -> None:
    """Raises CardError where any of a disk is mounted, or it holds what this system runs from."""
    disk = _disk_of(device.stat().st_rdev)
    if disk in _own_disks():
        raise CardError(f"{device} is on the disk that this machine runs from: nothing is written.")
    for number, place, _ in _mounts():
        if _disk_of(number) == disk:
            raise CardError(
                f"{device} is mounted at {place}: name that folder, or unmount it first."
            )


def _own_disks() -> frozenset[str]:
    """The disks of this machine's own system, swap included."""
    found = {_disk_of(number) for number, place, _ in _mounts() if place in _SYSTEM_PLACES}
    with suppress(OSError):
        for line in Path("/proc/swaps").read_text().splitlines()[1:]:
            with suppress(OSError):
                found.add(_disk_of(Path(line.split()[0]).stat().st_rdev))
    return frozenset(found - {""})


def _mounts(table: Path = _MOUNTS) -> list[tuple[int, str, str]]:
    """Device number, place and file system of all that is mounted (proc(5))."""
    found = []
    for line in table.read_text("utf-8", "replace").splitlines():
        fields = line.split()
        major, _, minor = fields[2].partition(":")
        place = _ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), fields[4])
        kind = fields[fields.index("-", 6) + 1]
        found.append((os.makedev(int(major), int(minor)), place, kind))
    return found


def _disk_of(number: int) -> str:
    """The whole disk that a block device is on; '' where it is none."""
    place = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    with suppress(OSError):
        real = place.resolve(strict=True)
        return real.parent.name if (real / "partition").exists() else real.name
    return ""
