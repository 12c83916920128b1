"""The boot partition of a card: in a mounted folder, in an image, or on a device.

Nothing but that partition is ever written, and none of a disk that this system runs from. Inside an
image or a device mtools reads and writes it: nothing is mounted, and secrets go by standard input.
"""

import errno
import os
import shutil
import stat
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from base import regular_file
from base.text import clean_text
from provision.card.disks import (
    MOUNTS,
    SYSTEM_PLACES,
    disks_of,
    disks_of_mount,
    loop_devices,
    mounts,
    own_disks,
)
from provision.card.settings import CardError
from provision.card.systems import READ, system_of

_SECTOR = 512
_FAT_TYPES = (0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E, 0xEF)
_FAT_KINDS = ("vfat", "msdos")
_GPT = 0xEE
_LIMIT = 64 * 1024
_PATIENCE = 120.0
_PACKED = (b"\xfd7zXZ", b"\x1f\x8b", b"BZh", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")
"""How files of xz, gzip, bzip2, zip and zstd begin."""
_READERS = ("mdir", "mtype")
_DAMAGED = "is it locked, or damaged? (sudo fsck.vfat -a on its boot partition mends most.)"
_FURTHEST = 2**54
_FULL = ("disk full", "no directory slots", "no space left")


class BootPartition(Protocol):
    """Where a card's first boot reads from. Every method may raise CardError."""

    @property
    def place(self) -> Path:
        """Where it is found again."""
        ...

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
        for device in loop_devices(place):
            _refuse_in_use(device)
        return FatVolume(place)
    raise CardError(f"{place} is no folder, no image and no device.")


def mounted_cards(table: Path = MOUNTS) -> tuple[Path, ...]:
    """Where cards that can be written are mounted, as desktops do with one that is put in.

    `table`: what is mounted, as proc(5) has it.
    """
    found = []
    for mount in mounts(table):
        # Nothing else is read: a network that is gone would hold whoever asks for a file there.
        if mount.kind in _FAT_KINDS:
            with suppress(CardError):
                folder = MountedFolder(Path(mount.place))
                system_of(folder.names(), folder.texts())
                found.append(Path(mount.place))
    return tuple(found)


class MountedFolder:
    """A boot partition that is mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        places = (Path(place) for place in SYSTEM_PLACES)
        if self._folder in places or Path("/boot") in self._folder.parents:
            raise CardError(f"{self._folder} is this machine's own: put a card into a reader.")
        try:
            own = any(
                Path(mount.place) == self._folder and disks_of_mount(mount) & own_disks()
                for mount in mounts()
            )
        except OSError as error:
            raise CardError(f"{self._folder} cannot be read ({error.strerror}).") from None
        if own:
            raise CardError(
                f"{self._folder} is on the disk that this machine runs from: put a card into a "
                "reader."
            )

    @property
    def place(self) -> Path:
        """The folder."""
        return self._folder

    @property
    def what(self) -> str:
        """The folder."""
        return str(self._folder)

    def names(self) -> frozenset[str]:
        """The files and folders at its top."""
        try:
            return frozenset(entry.name.lower() for entry in self._folder.iterdir())
        except OSError as error:
            raise CardError(f"{self._folder} cannot be read ({error.strerror}).") from None

    def texts(self) -> dict[str, str]:
        """Those of READ that are there."""
        found = {}
        for name in READ:
            with suppress(OSError):
                found[name] = regular_file.read_bytes(self._folder / name, _LIMIT).decode(
                    "utf-8", "replace"
                )
        return found

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, readable for their owner alone where the file system knows owners."""
        new = {self._folder / name: self._folder / f"{name}.new" for name in files}
        try:
            # All of it beside it first: a card that is full, or is pulled out, has what it had.
            for path, text in zip(new.values(), files.values(), strict=True):
                path.unlink(missing_ok=True)
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            for place, path in new.items():
                path.replace(place)
            os.sync()
        except OSError as error:
            for path in new.values():
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            raise _unwritten(self._folder, error.strerror or "") from None


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
                self._offset = _fat_offset(file)
        except OSError as error:
            raise CardError(
                f"{path} cannot be read ({error.strerror}): as root, or name the folder where its "
                "boot partition is mounted."
            ) from None

    @property
    def place(self) -> Path:
        """The file or device."""
        return self._path

    @property
    def what(self) -> str:
        """The partition: which file or device, and where in it."""
        where = f", the partition at byte {self._offset:,}" if self._offset else ""
        return f"{self._path}{where}"

    def names(self) -> frozenset[str]:
        """The files and folders at its top."""
        listed = self._call("mdir", "-b", "::/")
        lines = listed.decode("utf-8", "replace").lower().splitlines()
        return frozenset(line.removeprefix("::/").rstrip("/") for line in lines if line)

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
        beside: list[str] = []
        try:
            # First to see that there is room: what is overwritten is gone before the new one is in.
            for name, text in files.items():
                beside.append(f"::/{name}.new")
                self._put(beside[-1], text.encode())
            for name, text in files.items():
                self._put(f"::/{name}", text.encode())
        finally:
            for place in beside:
                with suppress(CardError):
                    self._call("mdel", place)
            os.sync()

    def _put(self, place: str, content: bytes) -> None:
        self._call("mcopy", "-o", "-", place, entered=content)
        # Of what it takes from standard input mcopy says that all is well when nothing went in.
        if self._call("mtype", place) != content:
            raise _unwritten(self._path, os.strerror(errno.ENOSPC))

    def _call(self, program: str, *arguments: str, entered: bytes = b"") -> bytes:
        try:
            # Opened here, for mtools takes some characters of a path for its own.
            with self._path.open("rb" if program in _READERS else "r+b") as file:
                done = subprocess.run(
                    [program, "-i", f"/dev/fd/{file.fileno()}@@{self._offset}", *arguments],
                    input=entered,
                    capture_output=True,
                    check=False,
                    pass_fds=[file.fileno()],
                    timeout=_PATIENCE,
                    env={**os.environ, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"},
                )
        except OSError as error:
            raise _unwritten(self._path, error.strerror or "") from None
        except subprocess.TimeoutExpired:
            raise CardError(f"{self._path}: {program} comes to no end: {_DAMAGED}") from None
        if done.returncode != 0:
            said = clean_text(done.stderr.decode("utf-8", "replace").strip(), 160)
            if any(full in said.lower() for full in _FULL):
                raise _unwritten(self._path, os.strerror(errno.ENOSPC))
            raise CardError(f"{self._path}: {said or f'{program} failed'}.")
        return done.stdout


def _unwritten(place: Path, why: str) -> CardError:
    """Why nothing was written, with the way out."""
    out = _DAMAGED
    if any(full in why.lower() for full in _FULL):
        out = "make room on the boot partition; what was there is as it was."
    return CardError(f"{place} cannot be written ({why}): {out}")


def _fat_offset(file: BinaryIO) -> int:
    """Where the first FAT file system begins, in bytes; raises CardError, OSError."""
    first = file.read(_SECTOR)
    if _is_fat(first):
        return 0
    if first.startswith(_PACKED):
        raise CardError(
            "It is packed: unpack it first (xz -d, gunzip, unzip), or write it to a card with "
            "Raspberry Pi Imager, and name that."
        )
    if first[510:512] != b"\x55\xaa":
        raise CardError("There is no partition table in it: write a system to the card first.")
    for start in _partitions(first, file.read(128 * _SECTOR)):
        file.seek(start * _SECTOR)
        if _is_fat(file.read(_SECTOR)):
            return start * _SECTOR
    raise CardError("It has no FAT partition: a Raspberry Pi's boot partition is one.")


def _is_fat(sector: bytes) -> bool:
    return b"FAT" in sector[0x36:0x3B] or b"FAT" in sector[0x52:0x57]


def _partitions(first: bytes, rest: bytes) -> list[int]:
    """The sectors where partitions begin that may be the boot partition; raises CardError."""
    entries = [first[446 + 16 * place : 462 + 16 * place] for place in range(4)]
    if entries[0][4] != _GPT:
        return [struct.unpack_from("<I", one, 8)[0] for one in entries if one[4] in _FAT_TYPES]
    if rest[:8] != b"EFI PART":
        raise CardError("Its partition table is damaged: write the system to the card anew.")
    start, count, size = struct.unpack_from("<QII", rest, 72)
    places = ((start - 1) * _SECTOR + number * size for number in range(min(count, 128)))
    found = (rest[place : place + 48] for place in places)
    used = [one for one in found if len(one) == 48 and any(one[:16])]
    starts = [int(struct.unpack_from("<Q", one, 32)[0]) for one in used]
    return [one for one in starts if one < _FURTHEST]


def _refuse_in_use(device: Path) -> None:
    """Raises CardError where any of a disk is mounted, or it holds what this system runs from."""
    disks = disks_of(device.stat().st_rdev)
    if disks & own_disks():
        raise CardError(f"{device} is on the disk that this machine runs from: nothing is written.")
    for mount in mounts():
        if disks & disks_of_mount(mount):
            raise CardError(
                f"{device} is mounted at {mount.place}: name that folder, or unmount it first."
            )
