"""`squarm serve` and its relatives as processes of their own, against a Slack of our own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from lab.slack.server import Slack
from serve.health import Health
from tests.waiting import until


class Home:
    """A user's folders, with settings for a Slack in it."""

    def __init__(self, folder: Path, slack: Slack, **settings: object) -> None:
        self.folder = folder
        self.file = folder / "slack.toml"
        self.file.write_text(slack.settings(**settings))
        self.file.chmod(0o600)
        self.environment = {
            **os.environ,
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
        }
        (folder / "run").mkdir(exist_ok=True)

    @property
    def outbox(self) -> Path:
        return self.folder / "data" / "squarm" / "slack.sqlite3"

    @property
    def results(self) -> Path:
        return self.folder / "data" / "squarm" / "results.sqlite3"

    @property
    def jobs(self) -> list[Path]:
        """The folders of local jobs."""
        return sorted((self.folder / "data" / "squarm" / "jobs").glob("mols*"))

    def health(self) -> Health | None:
        """What the daemon last wrote."""
        with suppress(OSError, ValueError):
            return Health(**json.loads((self.folder / "run/squarm/health.json").read_text()))
        return None

    async def squarm(self, *arguments: str, code: int | None = 0) -> tuple[str, str]:
        """Run a verb to its end: standard output, standard error."""
        process = await self.start(*arguments)
        out, err = await asyncio.wait_for(process.communicate(), 180)
        said = out.decode(), err.decode()
        assert code is None or process.returncode == code, said
        assert "Traceback" not in said[1]
        return said

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Begin a verb."""
        about_slack = arguments[0] in ("serve", "share", "slack", "outbox")
        # What a daemon is not told of it looks for in the usual place, where it may be made later.
        given = about_slack and (arguments[0] != "serve" or self.file.exists())
        options = ("--slack", str(self.file)) if given else ()
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", *arguments, *options),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


class Serving:
    """A daemon that runs."""

    def __init__(self, home: Home, process: asyncio.subprocess.Process) -> None:
        self.home = home
        self.process = process

    def hold_workers(self) -> list[psutil.Process]:
        """Stop the solvers that run now; those that are held."""
        # Not one that is only being started: until it runs its program, the daemon waits for it.
        children = psutil.Process(self.process.pid).children()
        held = []
        for child in children:
            # It may have ended by itself meanwhile.
            with suppress(psutil.Error):
                if "solver" in child.cmdline():
                    child.suspend()
                    held.append(child)
        return held

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it; what it wrote to standard error."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        _, err = await asyncio.wait_for(self.process.communicate(), 60)
        return err.decode()


@asynccontextmanager
async def serving(home: Home, slack: Slack | None = None, *options: str) -> AsyncIterator[Serving]:
    """A daemon on the local engine; once it hears Slack, where there is one."""
    before = slack.connections if slack else 0
    running = Serving(home, await home.start("serve", "--engine", "local", *options))
    try:
        if slack is not None:
            await until(lambda: slack.connections > before or running.process.returncode)
            # Channels are found, and the first look at the engine is taken.
            await until(lambda: (told := home.health()) is not None and told.engine)
        yield running
    finally:
        err = await running.stop()
        assert "Traceback" not in err, err


@asynccontextmanager
async def slack_for(rate: float = 0.0) -> AsyncIterator[Slack]:
    """A Slack that listens."""
    slack = Slack(rate)
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()
