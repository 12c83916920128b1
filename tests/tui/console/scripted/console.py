"""An engine and a watch that do as they are told, so that screens can be compared to the pixel."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path

from base.errors import EngineError
from results.reports import Event, FoundBatch, JobRow, LogBatch, Snapshot, UnitState, UnitView
from results.result import Result
from results.store import Store
from solver.question import Question
from solver.records import ProgressRecord, Rows, encode
from swarm.engine import JobState, JobView, KeptUnits, LogLine, NodeView, TaskState, TaskView
from swarm.job import MIB, JobSpec
from tui.console.app import ConsoleApp
from tui.console.pis import MakeFleet

NOW = 1_763_812_800.0
"""2025-11-22 12:00 UTC, for ever."""

_PARKER = """00 47 18 76 29 93 85 34 61 52
86 11 57 28 70 39 94 45 02 63
95 80 22 67 38 71 49 56 13 04
59 96 81 33 07 48 72 60 24 15
73 69 90 82 44 17 58 01 35 26
68 74 09 91 83 55 27 12 46 30
37 08 75 19 92 84 66 23 50 41
14 25 36 40 51 62 03 77 88 99
21 32 43 54 65 06 10 89 97 78
42 53 64 05 16 20 31 98 79 87"""


@cache
def pair(seed: int) -> tuple[Rows, Rows]:
    """Parker's orthogonal squares of 1959, relabelled in a way that `seed` decides."""
    dice = random.Random(seed)  # noqa: S311 - a picture, not a secret
    rows, columns, first, second = (dice.sample(range(10), 10) for _ in range(4))
    cells = [line.split() for line in _PARKER.splitlines()]
    return (
        tuple(tuple(first[int(cells[r][c][0])] for c in columns) for r in rows),
        tuple(tuple(second[int(cells[r][c][1])] for c in columns) for r in rows),
    )


def small_pair() -> tuple[Rows, Rows]:
    """Orthogonal squares of order 3."""
    rows = range(3)
    return (
        tuple(tuple((r + c) % 3 for c in rows) for r in rows),
        tuple(tuple((2 * r + c) % 3 for c in rows) for r in rows),
    )


def result(number: int, job: str = "mols10-3fa2c1", node: str = "pi-02") -> Result:
    """A kept square of order 10."""
    return Result(
        number, 10, pair(number), "search", job, number % 8, number // 8, node, NOW - 900 + number
    )


def node(name: str, **changes: object) -> NodeView:
    """A healthy worker, but for the changes."""
    values: dict[str, object] = {
        "id": f"id-{name}",
        "name": name,
        "address": "10.0.0.12",
        "role": "worker",
        "availability": "active",
        "state": "ready",
        "platform": "linux/arm64",
        "cpus": 4,
        "memory": 4096 * MIB,
    }
    return NodeView(**(values | changes))  # type: ignore[arg-type]  # test data by name


def job(name: str, state: JobState, **changes: object) -> JobView:
    """A job of order 10, but for the changes."""
    values: dict[str, object] = {
        "id": name,
        "spec": JobSpec(Question(10), count=40, replicas=4, seed=42),
        "state": state,
        "created": NOW - 300,
        "units_done": 0,
    }
    return JobView(**(values | changes))  # type: ignore[arg-type]  # test data by name


def running_row(name: str = "mols10-3fa2c1") -> JobRow:
    """A job in full swing, with one gap."""
    states = [UnitState.COMPLETE] * 5 + [UnitState.GAP] + [UnitState.RUNNING] * 4
    states += [UnitState.WAITING] * 6
    units = tuple(
        UnitView(
            number, state, found=3 if number < 5 else number % 2, tried=40 + number, node="pi-02"
        )
        for number, state in enumerate(states)
    )
    tasks = tuple(
        TaskView(f"t{number}", number, f"pi-0{number % 3 + 1}", TaskState.RUNNING)
        for number in range(6, 10)
    )
    view = job(name, JobState.RUNNING, units_done=5, tasks=tasks)
    return JobRow(view, found=17, rate=37.2, units=units)


def swarm_snapshot(*rows: JobRow, **changes: object) -> Snapshot:
    """A swarm of three Pis and a manager, with these jobs."""
    nodes = (
        node("pi-master", role="manager", cpu_used=0.38, memory_used=611 * MIB, here=True),
        node("pi-02", cpu_used=0.97, memory_used=402 * MIB),
        node("pi-03", availability="drain"),
        node("pi-04", state="down"),
    )
    values: dict[str, object] = {
        "engine": "swarm",
        "place": "pi-master",
        "nodes": nodes,
        "jobs": rows,
        "kept": 1284,
        "taken": NOW,
    }
    return Snapshot(**(values | changes))  # type: ignore[arg-type]  # test data by name


def full_snapshot() -> Snapshot:
    """One job in each state."""
    waiting = job(
        "mols10-77b0d2",
        JobState.PENDING,
        why="No node has 2G of free memory: ask for less memory, or free some on a node.",
    )
    proof = JobRow(
        job("mols6-0c41aa", JobState.COMPLETE, units_done=1, spec=JobSpec(Question(6), count=1)),
        found=0,
        rate=0.0,
        units=(UnitView(0, UnitState.COMPLETE, tried=9408),),
        verdict="Order 6 has no pair: all 9,408 reduced squares were tried.",
    )
    return swarm_snapshot(
        running_row(),
        JobRow(waiting, 0, 0.0, ()),
        proof,
        JobRow(job("mols10-e20f11", JobState.INTERRUPTED, units_done=3), 12, 0.0, ()),
        JobRow(job("mols10-b6d3f0", JobState.CANCELLED, units_done=1), 2, 0.0, ()),
        JobRow(job("mols10-91ac5e", JobState.FAILED, why="The image is missing."), 0, 0.0, ()),
    )


def log_line(number: int, text: str | None = None, **changes: object) -> LogLine:
    """A line of a running job."""
    progress = ProgressRecord(number % 4, number, 3 * number, 2, 1.5)
    shown = encode(progress) if text is None else text
    values: dict[str, object] = {
        "job": "mols10-3fa2c1",
        "unit": number % 4,
        "task": "t1",
        "node": f"pi-0{number % 3 + 1}",
        "time": f"2025-11-22T11:5{number // 60 % 10}:{number % 60:02}.000000Z",
        "text": shown,
    }
    return LogLine(**(values | changes))  # type: ignore[arg-type]  # test data by name


class ScriptedEngine:
    """Remembers what it was asked; says what it is told to say."""

    def __init__(self, name: str = "swarm", place: str = "pi-master") -> None:
        self.name = name
        self.place = place
        self.own_jobs: tuple[str, ...] = ()
        self.asked: list[tuple[str, object]] = []
        self.refusal = ""
        self.lines: list[LogLine] = []
        self.closed = False

    def _note(self, change: str, what: object) -> None:
        if self.refusal:
            raise EngineError(self.refusal)
        self.asked.append((change, what))

    async def nodes(self) -> tuple[NodeView, ...]:
        return ()

    async def jobs(self) -> tuple[JobView, ...]:
        return ()

    async def tend(self, kept: KeptUnits) -> None:
        """Nothing is lost here."""

    async def submit(self, spec: JobSpec) -> str:
        self._note("submit", spec)
        job = f"mols{spec.order}-new"
        if self.name == "local":
            self.own_jobs = (job, *self.own_jobs)
        return job

    async def cancel(self, job: str) -> None:
        self._note("cancel", job)

    async def resume(self, job: str) -> None:
        self._note("resume", job)

    async def remove(self, job: str) -> None:
        self._note("remove", job)

    async def rerun(self, job: str, unit: int) -> None:
        self._note("rerun", (job, unit))

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        for line in self.lines:
            if line.job == job:
                yield line

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        for line in self.lines:
            if (line.job, line.unit) == (job, unit):
                yield line

    async def close(self) -> None:
        self.closed = True


class SilentWatch:
    """Reports nothing by itself: the test puts events into the inbox."""

    def __init__(self, engine: object, store: object, notify: Callable[[Event], None]) -> None:
        del engine, store, notify

    async def run(self) -> None:
        await asyncio.Event().wait()

    def nudge(self) -> None:
        return


def scripted_app(
    folder: Path,
    engine: ScriptedEngine | None = None,
    *events: Event,
    make_fleet: MakeFleet | None = None,
    **options: bool | str,
) -> ConsoleApp:
    """The real console on a scripted engine, with these events already waiting."""
    chosen = engine or ScriptedEngine()

    async def open_engine() -> ScriptedEngine:
        return chosen

    app = ConsoleApp(
        open_engine,
        lambda: Store.open(folder / "results.sqlite"),
        read_only=bool(options.get("read_only")),
        solver_note=str(options.get("solver_note", "")),
        now=lambda: NOW,
        make_reporter=SilentWatch,
        make_fleet=make_fleet,
        interface=str(options.get("interface", "lo")),
        runs=folder / "runs",
        slack=folder / "slack.toml",
    )
    for event in events:
        app.inbox.put(event)
    return app


@cache
def busy_events() -> tuple[Event, ...]:
    """A swarm at work: jobs, squares, lines."""
    lines = [log_line(number) for number in range(60)]
    lines += [
        log_line(
            61, '{"type":"square","unit":1,"seq":2,"order":10,"squares":[[[0,4,1,7,2,9,8,3,6,5]'
        ),
        log_line(62, "Killed", stderr=True),
        log_line(63, '{"type":"done","unit":3,"count":3,"digest":"0123456789abcdef"}'),
    ]
    return (
        full_snapshot(),
        FoundBatch(tuple(result(number) for number in range(1270, 1285))),
        LogBatch(tuple(lines)),
    )
