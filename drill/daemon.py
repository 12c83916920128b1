"""`squarm serve` in a home of its own, which can be killed as a power cut would."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from drill.score import Reading

_LOOK_SECONDS = 0.5
_FOLDERS = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")


class ServeProcess:
    """`squarm serve`; `see` gets what it says of itself, as `squarm serve --check` shows it."""

    def __init__(self, home: Path, see: Callable[[Reading], None]) -> None:
        self._home = home
        self._see = see
        self._process: asyncio.subprocess.Process | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it, and look at it from then on."""
        environment = {**os.environ, **dict.fromkeys(_FOLDERS, str(self._home))}
        environment.pop("RUNTIME_DIRECTORY", None)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", "serve", "--engine", "swarm"),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
        )
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def kill(self) -> None:
        """Kill it, and start it anew, as systemd does."""
        await self._stop()
        await self.start()

    async def end(self) -> None:
        """Kill it, and look no more."""
        await self._stop()
        if self._looking is not None:
            self._looking.cancel()

    async def _stop(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _look(self) -> None:
        """Report what it has written of itself, each time that it has."""
        file, last = self._home / "squarm" / "health.json", 0.0
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            with suppress(OSError, ValueError):
                body = json.loads(file.read_text())
                if body["taken"] > last:
                    last = body["taken"]
                    # Of no job before it has looked for the first time.
                    over = body["kept"] and not body["jobs"]
                    state = "complete" if over else "running"
                    self._see(Reading(last, body["kept"], state, tuple(body["problems"])))
