"""A file system of its own, small enough to be filled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import need


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """One of this size (mount's words, as `400k`) at a folder that is made, until the block ends.

    Skips the calling test where nothing can be mounted.
    """
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        need("nothing can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
