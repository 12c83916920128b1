"""A file with bad sectors: `python -m tests.bad_sector FILE FIRST END` until it is killed.

Lies over FILE as a file system of its own (FUSE), and gives what is in it, but for the bytes from
FIRST on, up to END: who reads these gets the error that a dying SD card gives. Takes root.

Source: linux/fuse.h.
"""

import ctypes
import errno
import os
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.needs import need, need_mounts
from tests.waiting import wait_until

_HEAD = struct.Struct("=IIQQIIII")
_ANSWER = struct.Struct("=IiQ")
_ATTRIBUTES = struct.Struct("=QII6Q10I")
_READ = struct.Struct("=QQI")
_INIT = struct.Struct("=4I2HI36x")
_GETATTR, _SETATTR, _OPEN, _READING, _WRITING, _INITIAL = 3, 4, 14, 15, 16, 26
_UNANSWERED = (2, 36)
"""FORGET, INTERRUPT."""
_HARMLESS = (18, 20, 25, 38)
"""RELEASE, FSYNC, FLUSH, DESTROY."""
_WRITE_HEAD = 40
_LARGEST = 1024 * 1024


@contextmanager
def bad_sector(file: Path, first: int, end: int) -> Iterator[None]:
    """These bytes of the file cannot be read until the block is left; see `tests.needs`."""
    need_mounts()
    need("" if os.access("/dev/fuse", os.R_OK | os.W_OK) else "there is no /dev/fuse here")
    command = [sys.executable, "-m", "tests.bad_sector", str(file), str(first), str(end)]
    serving = subprocess.Popen(command)
    try:
        wait_until(lambda: os.path.ismount(file) or serving.poll() is not None)
        assert serving.poll() is None
        yield
    finally:
        # It may have been moved with its folder.
        for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
            source, place, *_ = line.split()
            if source == _source(serving.pid):
                subprocess.run(["umount", "--lazy", place], check=False)
        serving.kill()
        serving.wait()


class _File:
    """What lies over the file; `below` is open for reading and writing."""

    def __init__(self, below: int, first: int, end: int) -> None:
        self._below = below
        self._first = first
        self._end = end

    def answer(self, kind: int, body: bytes) -> bytes:
        """What is said to a request; raises OSError."""
        if kind == _INITIAL:
            return _INIT.pack(7, 31, _LARGEST, 0, 0, 0, _LARGEST)
        if kind in (_GETATTR, _SETATTR):
            return self._attributes()
        if kind == _OPEN:
            return bytes(16)
        if kind == _READING:
            _, offset, size = _READ.unpack_from(body)
            if offset < self._end and offset + size > self._first:
                raise OSError(errno.EIO, "Bad sector")
            return os.pread(self._below, size, offset)
        if kind == _WRITING:
            _, offset, size = _READ.unpack_from(body)
            written = os.pwrite(self._below, body[_WRITE_HEAD : _WRITE_HEAD + size], offset)
            return struct.pack("=II", written, 0)
        if kind in _HARMLESS:
            return b""
        raise OSError(errno.ENOSYS, "Not a file's")

    def _attributes(self) -> bytes:
        told = os.fstat(self._below)
        times = (told.st_atime_ns, told.st_mtime_ns, told.st_ctime_ns)
        numbers = (1, told.st_size, told.st_blocks, *(time // 10**9 for time in times))
        parts = (*(time % 10**9 for time in times), told.st_mode, 1, told.st_uid, told.st_gid)
        return _ATTRIBUTES.pack(0, 0, 0, *numbers, *parts, 0, 4096, 0)


def _source(process: int) -> str:
    """What is mounted, by the process that gives it."""
    return f"bad-sector-{process}"


def _mount(device: int, file: Path) -> None:
    options = f"fd={device},rootmode={stat.S_IFREG:o},user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(_source(os.getpid()).encode(), bytes(file), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "cannot be mounted", str(file))


def main(file: Path, first: int, end: int) -> None:
    """Serve until killed, or unmounted."""
    below = os.open(file, os.O_RDWR)
    device = os.open("/dev/fuse", os.O_RDWR)
    _mount(device, file)
    served = _File(below, first, end)
    # It reads no more once it is unmounted.
    with suppress(OSError):
        while True:
            request = os.read(device, 2 * _LARGEST)
            _, kind, number, *_ = _HEAD.unpack_from(request)
            if kind in _UNANSWERED:
                continue
            try:
                said, wrong = served.answer(kind, request[_HEAD.size :]), 0
            except OSError as error:
                said, wrong = b"", -(error.errno or errno.EIO)
            os.write(device, _ANSWER.pack(_ANSWER.size + len(said), wrong, number) + said)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
