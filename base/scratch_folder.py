"""Folders for the time of a piece of work, which a killed process leaves to the next one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(place: Path, kind: str) -> Iterator[Path]:
    """A folder in `place` that only we can enter, gone when the block ends; raises OSError.

    Those of this `kind` that processes which were killed have left there go first.
    """
    for left in place.glob(f"{kind}-*-*"):
        owner = left.name.removeprefix(f"{kind}-").partition("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix=f"{kind}-{os.getpid()}-", dir=place))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
