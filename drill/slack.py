"""A Slack of the drill's own, which can be made to hang: python -m lab.slack."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from drill.ground import DrillError

_LAB = Path(__file__).parent.parent / "lab"
_CHANNEL = "#squarm"
_START_SECONDS = 30.0
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_POST = "--- "
"""How the first line of a post begins, as lab.slack shows it."""


class DrillSlack:
    """A Slack; what it is told by whoever has its `settings` is seen."""

    def __init__(self, process: asyncio.subprocess.Process, told: Path) -> None:
        self._process = process
        self._told = told

    @classmethod
    async def start(cls, settings: Path) -> "DrillSlack":
        """Start one, and write settings by which alerts are posted there; raises DrillError."""
        if not _LAB.is_dir():
            raise DrillError("There is no Slack to try in an installed squarm: use a source tree.")
        told = settings.with_suffix(".told")
        with told.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-u", "-m", "lab.slack", str(settings)),
                cwd=_LAB.parent,
                stdin=asyncio.subprocess.PIPE,
                stdout=file,
            )
        slack = cls(process, told)
        end = time.monotonic() + _START_SECONDS
        # It says that the settings are written once they are.
        while not told.stat().st_size:
            if time.monotonic() > end:
                await slack.end()
                raise DrillError("The Slack of the drill does not start: python -m lab.slack.")
            await asyncio.sleep(_LOOK_SECONDS)
        with settings.open("a") as file_of_settings:
            file_of_settings.write(f'alerts = "{_CHANNEL}"\n')
        return slack

    def hang(self) -> None:
        """Take connections, and say nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Be as before."""
        os.kill(self._process.pid, signal.SIGCONT)

    @property
    def posts(self) -> list[str]:
        """What it was told."""
        posts = self._told.read_text(errors="replace").split(f"\n{_POST}")[1:]
        return [post.partition("\n")[2].strip() for post in posts]

    async def flaw(self, least: int) -> str:
        """What is wrong with what it was told, once that are so many; '' for nothing."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while len(posts := self.posts) < least:
            if time.monotonic() > end:
                return f"Slack was told {len(posts)} of {least} alerts"
            await asyncio.sleep(_LOOK_SECONDS)
        return "Slack was told twice" if len(posts) != len(set(posts)) else ""

    async def end(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
