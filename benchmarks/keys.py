"""How long each key holds the console's event loop, with 300 machines and 30 kept runs.

Told in processor time of the loop's thread, for the longest single callback after the key: waiting
for a processor does not count. One that is shared is slower all the same: by how much is told, too.
The goal is 50 ms.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot
from provision.runs.events import AnsibleTaskState, RunEnd, RunState, TaskEvent, encode
from provision.runs.folder import RunFolder, RunRequest
from provision.runs.view import STEPS
from results.reports import Snapshot
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import busy_events, node, swarm_snapshot
from tests.tui.console.scripted.pis import fleet_snapshot, pi
from tui.console.actions import ACTIONS

MACHINES = 300
RUNS = 30
PIS_A_RUN = 20
TASKS_A_STEP = 12
GOAL = 0.05
_LEFT_OUT = {"quit", "suspend", "shell", "provision"}
"""They leave, or ask real machines."""
_SETTLE = 0.3
_QUIET = 0.03
"""Processor seconds that a console at rest takes in a while of `_SETTLE`."""
_GET_READY = 3.0
"""Seconds in which the console imports what keys on machines need."""


def main() -> None:
    """Print the slowest keys."""
    held, slower = asyncio.run(_measure())
    worst = sorted(held.items(), key=lambda each: -each[1])
    over = sum(seconds > GOAL for seconds in held.values())
    print(
        f"{len(held)} keys on the nodes, {MACHINES} machines, {RUNS} kept runs: "
        f"{over} hold the loop for more than {GOAL * 1000:.0f} ms; the slowest: "
        + ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in worst[:6])
        + f"; meanwhile the processor was {slower:.1f} times slower than at its best"
    )


async def _measure() -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(RUNS):
            _kept_run(folder / "runs", number)
        async with console(folder, (160, 48), *busy_events(), _swarm()) as running:
            running.fleet.notify(_fleet())
            await asyncio.sleep(_GET_READY)
            await running.put()
            await running.press("1")
            held: dict[str, float] = {}
            same_work: list[float] = []
            for each, keys in _keys():
                held[each] = await _pressed(running, *keys)
                same_work.append(_same_work())
            return held, median(same_work) / min(same_work)


def _same_work() -> float:
    """Seconds of the processor for what should always take the same."""
    began = time.thread_time()
    for number in range(20_000):
        str(number)
    return time.thread_time() - began


def _keys() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each action with a key that means something on the nodes; letters of a filter."""
    for action in ACTIONS:
        if action.keys and action.id not in _LEFT_OUT and action.applies({"main", "nodes"}):
            yield action.id, (action.keys[0],)
    yield "a letter of a filter", ("slash", "7")
    yield "Enter on a run", ("P", "l")


async def _pressed(running: RunningConsole, *keys: str) -> float:
    with _held() as longest:
        for key in keys:
            await running.pilot.press(key)
            await _at_rest()
    for _ in range(4):
        await running.press("escape")
    await running.press("1")
    return longest()


async def _at_rest() -> None:
    """Wait until what a key began is done, however busy the machine is."""
    began = time.thread_time()
    await asyncio.sleep(_SETTLE)
    while time.thread_time() - began > _QUIET:
        began = time.thread_time()
        await asyncio.sleep(_SETTLE)


@contextmanager
def _held() -> Iterator["_Longest"]:
    """Measures each callback of the loop while it is open."""
    longest = _Longest()
    # The loop has no hook for this.
    run: Callable[[asyncio.Handle], None] = vars(asyncio.Handle)["_run"]

    def measured(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        longest.seconds = max(longest.seconds, time.thread_time() - began)

    with patch.object(asyncio.Handle, "_run", measured):
        yield longest


class _Longest:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _swarm() -> Snapshot:
    nodes = [node(f"pi-{number:03}", id=f"id-{number}") for number in range(MACHINES)]
    return swarm_snapshot(nodes=tuple(nodes))


def _fleet() -> FleetSnapshot:
    return fleet_snapshot(
        *(
            pi(
                f"pi-{number:03}",
                PiState.IN_SWARM,
                id=f"{number:08x}",
                node=f"id-{number}",
                address=f"10.0.{number // 250}.{number % 250}",
            )
            for number in range(MACHINES)
        )
    )


def _kept_run(parent: Path, number: int) -> None:
    """A run as Ansible leaves it behind: each task begins and ends on each machine."""
    hosts = {f"pi{pi}": f"swarmost{pi}" for pi in range(PIS_A_RUN)}
    playbook = next(iter(STEPS))
    folder = RunFolder.make(parent, RunRequest(playbook, parent / "inventory.yml", hosts))
    at = time.time() - 3600 * (RUNS - number)
    with folder.events.open("w") as file:
        for role in STEPS[playbook]:
            for task in range(TASKS_A_STEP):
                for host in hosts:
                    for state in (AnsibleTaskState.STARTED, AnsibleTaskState.OK):
                        file.write(encode(TaskEvent(at, host, role, f"Task {task}", state)))
        file.write(encode(RunEnd(at + 600, RunState.DONE)))
    folder.log.write_text("ok: [pi1]\n" * 20_000)


if __name__ == "__main__":
    main()
