"""The machines' loops, each in a task of its own while the fleet runs."""

import asyncio
from collections.abc import Callable, Iterator

from fleet.machine_loop import MachineLoop


class MachineLoops:
    """A loop a machine, by id. `make` makes one; `failed` is told of one that broke, and why."""

    def __init__(
        self, make: Callable[[str], MachineLoop], failed: Callable[[str, BaseException], None]
    ) -> None:
        self._make = make
        self._failed = failed
        self._loops: dict[str, MachineLoop] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._running = False

    def __getitem__(self, pi: str) -> MachineLoop:
        return self._loops[pi]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loops)

    def get(self, pi: str) -> MachineLoop | None:
        """The loop of a machine, None where it has none."""
        return self._loops.get(pi)

    def run_from_now_on(self) -> None:
        """Let each loop run that is started from now on."""
        self._running = True

    def start(self, pi: str) -> None:
        """Tend a machine, once."""
        loop = self._loops.get(pi) or self._make(pi)
        self._loops[pi] = loop
        if self._running and pi not in self._tasks:
            task = self._tasks[pi] = asyncio.create_task(loop.run())
            task.add_done_callback(lambda done: self._ended(pi, done))

    def stop(self, pi: str) -> None:
        """Tend it no more: also when it is its own loop that found out."""
        if loop := self._loops.pop(pi, None):
            loop.hang_up()
        if (task := self._tasks.pop(pi, None)) and task is not asyncio.current_task():
            task.cancel()

    async def close(self) -> None:
        """Stop all that run, and wait for them."""
        self._running = False
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, pi: str, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(pi) is task:
            del self._tasks[pi]
        if not task.cancelled() and (error := task.exception()):
            self._failed(pi, error)
