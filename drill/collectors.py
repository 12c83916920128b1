"""Who collects the job of a drill: processes that can be killed, and what they show."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from drill.daemon import ServeProcess
from drill.faults import FaultStep
from drill.plain_logs import PlainLogs
from drill.score import Reading
from drill.slack import DrillSlack

More = Callable[[FaultStep], Awaitable[None]]
"""Starts the jobs of a step beside the one that the fault comes into."""


@dataclass(slots=True)
class Collectors:
    """Processes that collect a job into the results file of `home`, and what they show.

    `plain` follows the same job, and is killed and doubled with them. On the `interface` they
    watch the machines, too. The `daemon` is `squarm serve`, once it has taken their place.
    """

    job: str
    home: Path
    more: More
    plain: PlainLogs
    interface: str = ""
    running: list[asyncio.subprocess.Process] = field(default_factory=list)
    readers: list["asyncio.Task[None]"] = field(default_factory=list)
    seen: list[Reading] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    daemon: ServeProcess | None = None
    slack: DrillSlack | None = None

    @property
    def results(self) -> Path:
        """The results file: where a squarm whose home this is would have it."""
        return self.home / "squarm" / "results.sqlite3"

    def shows_all(self, since: float) -> bool:
        """Whether all that was ever shown as found has been shown since then, too."""
        most = max(look.found for look in self.seen)
        return any(look.at >= since and look.found >= most for look in self.seen)

    @property
    def found(self) -> int:
        """Squares that were shown as found."""
        return self.seen[-1].found if self.seen else 0

    async def start(self, job: str = "") -> None:
        """One more; of another job than the one that the fault comes into where that is given."""
        command = ["-m", "drill.collector", job or self.job, "--results", str(self.results)]
        command += ["--interface", self.interface] if self.interface and not job else []
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE
        )
        self.running.append(process)
        self.readers.append(asyncio.create_task(self._read(process, shown=not job)))
        if not job:
            await self.plain.start()

    async def kill(self) -> None:
        """Kill all of them."""
        await self.plain.kill()
        for process in self.running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()
        self.running.clear()

    async def begin_slack(self) -> None:
        """Have a Slack that a daemon which is started from now on tells of alerts."""
        self.slack = await DrillSlack.start(self.home / "squarm" / "slack.toml")

    async def hand_over(self) -> None:
        """Kill all of them, and have `squarm serve` collect in their place."""
        await self.kill()
        self.daemon = ServeProcess(self.home, self.seen.append)
        await self.daemon.start()

    async def over(self) -> None:
        """Until each has seen the job to its end."""
        while self.running:
            process = self.running[0]
            await process.wait()
            if process in self.running:
                self.running.remove(process)
        await asyncio.gather(*self.readers)

    async def end(self) -> None:
        """End all that runs."""
        await self.kill()
        if self.daemon is not None:
            await self.daemon.end()
        if self.slack is not None:
            await self.slack.end()
        await asyncio.gather(*self.readers)

    async def _read(self, process: asyncio.subprocess.Process, *, shown: bool) -> None:
        while line := await process.stdout.readline() if process.stdout else b"":
            with suppress(ValueError):
                body = json.loads(line)
                if "new" in body:
                    self.new += body["new"]
                elif shown:
                    wrong, running = tuple(body["wrong"]), frozenset(map(tuple, body["running"]))
                    look = Reading(body["at"], body["found"], body["state"], wrong, running)
                    self.seen.append(look)


@asynccontextmanager
async def collecting(job: str, home: Path, interface: str, more: More) -> AsyncIterator[Collectors]:
    """One process that collects the job; whatever there is in the end is ended."""
    (home / "squarm").mkdir(mode=0o700)
    plain = PlainLogs(job, home / "docker-service-logs")
    collectors = Collectors(job, home, more, plain, interface)
    await collectors.start()
    try:
        yield collectors
    finally:
        await collectors.end()
