"""What `docker service logs -f`, piped to a file, makes of the same fault."""

import asyncio
import shutil
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path

from drill.score import Found
from solver.record_reader import BadRecord, decode
from solver.records import SquareRecord

_ENDS_SECONDS = 3.0
"""How long lines that Docker still holds are waited for."""


class PlainLogs:
    """Follows a job's service as a shell script would, which is the way without squarm.

    Source: https://docs.docker.com/reference/cli/docker/service/logs/.
    """

    def __init__(self, job: str, file: Path) -> None:
        self._job = job
        self._file = file
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        """One more, into the same file; nothing where there is no `docker` to run."""
        docker = shutil.which("docker")
        if docker is None:
            return
        with self._file.open("ab") as file:
            command = (docker, "service", "logs", "--follow", "--raw", "--no-trunc", self._job)
            process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL
            )
        self._running.append(process)

    async def settle(self) -> None:
        """Give it the time to write what it has."""
        await asyncio.sleep(_ENDS_SECONDS)

    async def kill(self) -> None:
        """Kill all of them."""
        for process in self._running:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._running.clear()

    def costs(self, right: Found) -> tuple[int, int] | None:
        """How many squares are lost, and how many doubled; None where nothing was followed."""
        return None if not self._file.exists() else costs(self._file.read_bytes(), right)


def costs(text: bytes, right: Found) -> tuple[int, int]:
    """How many of the right squares a log does not have, and how many it has more than once."""
    seen: Counter[tuple[int, int]] = Counter()
    for line in text.decode(errors="replace").splitlines():
        with suppress(BadRecord):
            record = decode(line)
            if isinstance(record, SquareRecord):
                seen[record.unit, record.seq] += 1
    return sum(place not in seen for place in right), sum(times - 1 for times in seen.values())
