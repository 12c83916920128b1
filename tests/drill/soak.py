"""Jobs on the virtual lab with faults at random, while `squarm serve` and a console watch.

python -m tests.drill.soak [MINUTES] [REPORT] [LAB]: the lab is made by tests.drill.prepare. Its
exit status is 1 where a square was lost or wrong, a job did not end, or memory grew.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from base.errors import EngineError, SquarmError
from drill.collectors import Collectors
from drill.drill import act
from drill.faults import Fault, FaultStep, Where, chosen
from drill.lab_ground import LabGround
from drill.plain_logs import PlainLogs
from drill.score import compare, expected
from operations.engines import open_engine
from results.store import Store
from solver.question import Question
from swarm.engine import Engine
from swarm.job import JobSpec
from tests.tui.console.terminal import Terminal
from tests.waiting import until

_COUNT = 1_500
_JOB_SECONDS = 420.0
_BACK_SECONDS = 120.0
"""Within which Docker takes a job again."""
_LOOK = 10.0
_WARM = 300.0
"""Seconds in which memory may still grow: caches fill, libraries are loaded."""
_GROWTH = 12.0
"""MB by which a process may be larger at the end than once it was warm."""
_SECONDS = (4.0, 20.0)


@dataclass
class Soak:
    """What has been seen so far; `memory`: seconds since the start and MB, by process."""

    jobs: dict[str, JobSpec] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unended: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def grown(self, name: str) -> float:
        """MB by which a process is larger at the end than once it was warm."""
        seen = self.memory[name]
        warm = next((size for at, size in seen if at >= _WARM), seen[-1][1])
        return seen[-1][1] - warm


async def soak(minutes: float, home: Path, lab: int) -> tuple[Soak, int, int]:
    """Run jobs on a lab for so long; what was seen, and how many squares are lost and wrong."""
    ground = await LabGround.open(lab)
    faults = [fault for fault in chosen(["all"], ground) if _wanted(fault)]
    engine = await open_engine("swarm")
    seen, end = Soak(), time.monotonic() + 60 * minutes
    squarm = (sys.executable, "-m", "tui", "--engine", "swarm", "--interface", "none")
    console = Terminal(squarm, home, (160, 48))
    names = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
    command = [sys.executable, "-m", "tui", "serve", "--engine", "swarm"]
    environment = {**os.environ, **dict.fromkeys(names, str(home))}
    daemon = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    processes = {"squarm serve": daemon.pid, "console": console.process.pid}
    weighing = asyncio.create_task(_weigh(seen, processes))
    try:
        dice = random.Random(int(minutes))  # noqa: S311 - faults, not secrets
        while time.monotonic() < end:
            await _round(seen, dice, faults, ground, engine, home)
    finally:
        weighing.cancel()
        daemon.terminate()
        console.process.kill()
        await daemon.wait()
        await engine.close()
    lost = wrong = 0
    with Store.open(_results(home), read_only=True) as store:
        for job, spec in seen.jobs.items():
            costs = compare(expected(spec), store.results(job=job, limit=spec.count + 1))
            lost, wrong = lost + costs[0], wrong + costs[1]
    return seen, lost, wrong


def _wanted(fault: Fault) -> bool:
    """Those that come from outside: who collects here are a daemon and a console."""
    return not fault.loses_job and all(step.where is not Where.COLLECTOR for step in fault.steps)


async def _round(
    seen: Soak,
    dice: random.Random,
    faults: list[Fault],
    ground: LabGround,
    engine: Engine,
    home: Path,
) -> None:
    """One job, and one fault in the middle of it."""
    spec = JobSpec(Question(10), _COUNT, replicas=6, seed=len(seen.jobs) + 1)
    job = await _submitted(seen, engine, spec)
    seen.jobs[job] = spec
    await asyncio.sleep(dice.uniform(*_SECONDS))
    fault = dice.choice(faults)
    seen.faults.append(fault.name)
    print(f"{time.strftime('%H:%M:%S')} {job}: {fault.name}", flush=True)
    plain = PlainLogs(job, home / "docker-service-logs")
    collectors = Collectors(job, home, _no_more, plain)
    try:
        await act(fault, ground, job, collectors)
    except SquarmError as error:
        seen.refused.append(f"{fault.name}: {error}")
    try:
        async with asyncio.timeout(_JOB_SECONDS):
            await until(lambda: _kept(home, job) == spec.units, _JOB_SECONDS)
    except (TimeoutError, AssertionError):
        seen.unended.append(f"{job} ({fault.name})")


async def _submitted(seen: Soak, engine: Engine, spec: JobSpec) -> str:
    """As by who presses the key again: Docker may be on its way back from the fault before."""
    end = time.monotonic() + _BACK_SECONDS
    while True:
        try:
            return await engine.submit(spec)
        except EngineError as error:
            if time.monotonic() > end:
                raise
            seen.refused.append(f"a job: {error}")
            await asyncio.sleep(_LOOK)


async def _no_more(_step: FaultStep) -> None:
    """No jobs beside it."""


def _results(home: Path) -> Path:
    return home / "squarm" / "results.sqlite3"


def _kept(home: Path, job: str) -> int:
    """Units that are in the results file whole."""
    if not _results(home).exists():
        return 0
    with Store.open(_results(home), read_only=True) as store:
        return len(store.finished_units(job))


async def _weigh(seen: Soak, processes: dict[str, int]) -> None:
    began = time.monotonic()
    while True:
        for name, pid in processes.items():
            with suppress(psutil.Error):
                size = psutil.Process(pid).memory_info().rss / 1e6
                seen.memory.setdefault(name, []).append((time.monotonic() - began, size))
        await asyncio.sleep(_LOOK)


def report(seen: Soak, lost: int, wrong: int, minutes: float) -> str:
    """The report in Markdown."""
    count = sum(spec.count for spec in seen.jobs.values())
    late = ": " + ", ".join(seen.unended) if seen.unended else ""
    said = (
        f"{minutes:.0f} minutes, {len(seen.jobs)} jobs, {count:,} squares, "
        f"{len(seen.faults)} faults: {lost} lost, {wrong} wrong, {len(seen.unended)} jobs not "
        f"whole in time{late}."
    )
    lines = [said, "", "| process | warm | most | at the end |", "|---|---:|---:|---:|"]
    for name, sizes in seen.memory.items():
        last, most = sizes[-1][1], max(size for _, size in sizes)
        warm = last - seen.grown(name)
        lines.append(f"| {name} | {warm:.0f} MB | {most:.0f} MB | {last:.0f} MB |")
    counted = {name: seen.faults.count(name) for name in sorted(set(seen.faults))}
    lines += ["", "Faults: " + ", ".join(f"{name} {n}" for name, n in counted.items()) + "."]
    lines += [f"Not done: {refused}" for refused in seen.refused]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the report, and write it where that is said."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    lab = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with tempfile.TemporaryDirectory(prefix="squarm-soak-") as folder:
        seen, lost, wrong = asyncio.run(soak(minutes, Path(folder), lab))
    told = report(seen, lost, wrong, minutes)
    print(told)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(told)
    grown = any(seen.grown(name) > _GROWTH for name in seen.memory)
    return int(bool(lost or wrong or seen.unended or grown))


if __name__ == "__main__":
    sys.exit(main())
