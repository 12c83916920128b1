"""Reading what is to be a regular file: a pipe in its place would be waited for, for ever.

What a person may well hand over as a pipe, such as a file of squares, is read without this.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_NULL = Path(os.devnull).stat().st_rdev


def opened(path: Path) -> BinaryIO:
    """The file, to be read; raises OSError, also for a folder, a pipe, a device, a socket.

    The null device is one, too: an old way to have none of a file, and never waited for.
    """
    # Not waiting for who writes into a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    mode = found.st_mode
    if stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and found.st_rdev == _NULL):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "Not a regular file", str(path))


def read_bytes(path: Path, limit: int = -1) -> bytes:
    """What is in the file, up to `limit` bytes where one is given; raises OSError."""
    with opened(path) as file:
        return file.read(limit)


def read_text(path: Path, errors: str = "strict") -> str:
    """The file's text in UTF-8; raises OSError, UnicodeDecodeError."""
    return read_bytes(path).decode("utf-8", errors)
