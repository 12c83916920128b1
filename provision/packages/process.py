"""The proxy's own process, for the length of a run."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from base import paths
from base.processes import environment


class PackageService:
    """A proxy that is running; at its end, what it was good for, in bytes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.fetched = 0
        self.served = 0
        self._process = process

    def __str__(self) -> str:
        fetched, served = self.fetched / 1e6, self.served / 1e6
        return f"Packages: {fetched:.1f} MB came from archives, {served:.1f} MB went to machines."

    @property
    def process(self) -> int:
        """The id of its process."""
        return self._process.pid

    @cached_property
    def port(self) -> int:
        """Where it answers on loopback, once it does; 0 where it cannot."""
        with suppress(ValueError):
            return int(self._process.stdout.readline()) if self._process.stdout else 0
        return 0

    def end(self) -> None:
        """Have it end, and say what it was good for."""
        said, _ = self._process.communicate()
        with suppress(ValueError, IndexError):
            counts = json.loads(said.splitlines()[-1])
            self.fetched, self.served = counts["fetched"], counts["served"]


@contextmanager
def serving(folder: Path | None = None) -> Iterator[PackageService]:
    """Have packages served as long as the block lasts; where that cannot be, apt goes its own way.

    `folder`: where they are kept, by default in the user's cache.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "provision.packages", folder or paths.cache() / "packages"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd="/",
        env=environment(),
    )
    service = PackageService(process)
    try:
        yield service
    finally:
        service.end()
