"""A program in a tmux session of its own server: keys in, screen out."""

import asyncio
import secrets
import shlex
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.needs import need_program
from tests.waiting import until


class Tmux:
    """A running session."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def call(self, *words: str) -> str:
        """What tmux answers."""
        return await asyncio.to_thread(self._call, words)

    def _call(self, words: Sequence[str]) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise AssertionError(f"tmux {' '.join(words)}: {done.stderr}")
        return done.stdout

    async def press(self, *keys: str) -> None:
        """Press keys by tmux's names."""
        await self.call("send-keys", *keys)

    async def type(self, text: str) -> None:
        """Type a text as it is."""
        await self.call("send-keys", "-l", text)

    async def screen(self) -> str:
        """What is on the screen."""
        return await self.call("capture-pane", "-p")

    async def until(self, holds: Callable[[str], object], seconds: float = 60) -> str:
        """The screen as soon as it is so."""
        shown = ""

        async def it_holds() -> object:
            nonlocal shown
            shown = await self.screen()
            return holds(shown)

        await until(it_holds, seconds, lambda: shown)
        return shown

    async def resize(self, width: int, height: int) -> None:
        """Another size of the terminal."""
        await self.call("resize-window", "-x", str(width), "-y", str(height))


@asynccontextmanager
async def tmux(folder: Path, command: Sequence[str], size: tuple[int, int]) -> AsyncIterator[Tmux]:
    """The program in a terminal of this size, until the block is left."""
    need_program("tmux")
    # Not where the server of an earlier session may be dying still.
    session = Tmux(folder / f"tmux-{secrets.token_hex(3)}")
    shell = f"env LANG=C.UTF-8 TERM=xterm-256color {shlex.join(command)}; sleep 600"
    width, height = map(str, size)
    await session.call("new-session", "-d", "-x", width, "-y", height, shell)
    try:
        yield session
    finally:
        await session.call("kill-server")
