"""A provisioning run as a screen shows it: machines down, steps across. Pure: events give views."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from provision.runs.events import AnsibleTaskState, RunEnd, RunEvent, RunState, TaskEvent

STEPS: Mapping[str, tuple[str, ...]] = {
    "site": (
        "common",
        "docker",
        "memory_cgroup",
        "ssh",
        "swarm_master",
        "swarm_host",
        "solver_image",
    ),
    "upgrade": ("drain", "os_upgrade", "activate"),
}
"""The steps of each playbook that squarm runs: its roles. Other tasks count as the step before."""


class CellState(StrEnum):
    """One step of one machine."""

    WAITING = "waiting"
    RUNNING = "running"
    OK = "ok"
    """Nothing had to be changed."""
    CHANGED = "changed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    """It is not for this machine, or was not come to."""
    STOPPED = "stopped"
    """It was under way when the run was stopped."""

    @property
    def over(self) -> bool:
        """Whether it will change no more."""
        return self not in (CellState.WAITING, CellState.RUNNING)

    @property
    def bad(self) -> bool:
        """Whether something went wrong."""
        return self in (CellState.FAILED, CellState.UNREACHABLE, CellState.STOPPED)


@dataclass(frozen=True, slots=True)
class Cell:
    """A step of a machine: times in seconds since the epoch, 0 for not yet.

    `task`: the one under way, or that failed; `message`: why; `changes`: the tasks that changed
    something (in check mode: that would); `ran`: whether any of its tasks was for this machine;
    `failure`: what went wrong in it last, also where tasks came after that.
    """

    step: str
    state: CellState = CellState.WAITING
    started: float = 0.0
    ended: float = 0.0
    task: str = ""
    message: str = ""
    changes: tuple[str, ...] = ()
    ran: bool = False
    failure: TaskEvent | None = None

    def seconds(self, at: float) -> float:
        """For how long it has been, or was, under way."""
        return max(0.0, (self.ended or at) - self.started) if self.started else 0.0


@dataclass(frozen=True, slots=True)
class RunRow:
    """A machine in a run: `host` is its alias in Ansible's inventory, `name` its name."""

    host: str
    name: str
    cells: tuple[Cell, ...]

    @property
    def current(self) -> int:
        """The place of the last step that has begun; 0 where none has."""
        begun = [place for place, cell in enumerate(self.cells) if cell.started]
        return begun[-1] if begun else 0

    @property
    def cell(self) -> Cell:
        """The step that it is at, or that went wrong."""
        return next((cell for cell in self.cells if cell.state.bad), self.cells[self.current])

    @property
    def state(self) -> CellState:
        """The machine's own state, from its steps'."""
        states = [cell.state for cell in self.cells]
        for grave in (CellState.UNREACHABLE, CellState.FAILED, CellState.STOPPED):
            if grave in states:
                return grave
        if CellState.WAITING in states or CellState.RUNNING in states:
            begun = any(cell.started for cell in self.cells)
            return CellState.RUNNING if begun else CellState.WAITING
        for good in (CellState.CHANGED, CellState.OK):
            if good in states:
                return good
        return CellState.SKIPPED

    @property
    def done(self) -> bool:
        """Whether the machine went through all of it."""
        return self.state in (CellState.CHANGED, CellState.OK)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment. `log`: the file with all that Ansible wrote.

    `share`: how much of it is done, 0 to 1; `remaining`: seconds it will still take, None where
    nobody knows.
    """

    id: str
    playbook: str
    check: bool
    started: float
    rows: tuple[RunRow, ...]
    log: Path
    state: RunState = RunState.STARTING
    ended: float = 0.0
    message: str = ""
    share: float = 0.0
    remaining: float | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps, in order."""
        return STEPS[self.playbook]

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state not in (RunState.STARTING, RunState.RUNNING)

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Aliases of the machines that a retry is for."""
        return tuple(row.host for row in self.rows if not row.done)

    def take(self, event: RunEvent) -> "RunView":
        """The view after one more event."""
        if self.over:
            return self
        if isinstance(event, RunEnd):
            failed = frozenset(event.failed)
            rows = tuple(_close(row, event, row.host in failed) for row in self.rows)
            return replace(
                self, rows=rows, state=event.state, ended=event.at, message=event.message
            )
        rows = tuple(_advance(row, event) if row.host == event.host else row for row in self.rows)
        return replace(self, rows=rows, state=RunState.RUNNING)

    def interrupted(self, at: float) -> "RunView":
        """The view once its process is known to be gone without a word."""
        end = RunEnd(at, RunState.INTERRUPTED, message="it was cut off: retry goes on with it.")
        return self.take(end)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a run before anything has happened: who is in it, and what it is."""

    id: str
    playbook: str
    check: bool
    started: float
    hosts: Mapping[str, str] = field(default_factory=dict)
    log: Path = Path()

    def view(self) -> RunView:
        """The first view: everything waits."""
        cells = tuple(Cell(step) for step in STEPS[self.playbook])
        rows = tuple(RunRow(host, name, cells) for host, name in self.hosts.items())
        return RunView(self.id, self.playbook, self.check, self.started, rows, self.log)


def _advance(row: RunRow, event: TaskEvent) -> RunRow:
    """One machine after one of its events."""
    if event.handler and any(cell.failure for cell in row.cells):
        # Services are restarted also where a step failed: that is not what is to be told.
        return row
    steps = [cell.step for cell in row.cells]
    now = row.current
    place = steps.index(event.role) if event.role in steps else now
    cells = list(row.cells)
    for earlier in range(place):
        cells[earlier] = _passed(cells[earlier], event.at)
    cells[place] = _cell(cells[place], event)
    return replace(row, cells=tuple(cells))


def _passed(cell: Cell, at: float) -> Cell:
    """A step once the machine is at a later one."""
    if cell.state is CellState.RUNNING:
        return replace(cell, state=_good(cell), ended=at, task="")
    return cell if cell.started else replace(cell, state=CellState.SKIPPED)


def _good(cell: Cell) -> CellState:
    if cell.changes:
        return CellState.CHANGED
    return CellState.OK if cell.ran else CellState.SKIPPED


def _cell(cell: Cell, event: TaskEvent) -> Cell:
    cell = replace(cell, started=cell.started or event.at)
    match event.state:
        case AnsibleTaskState.STARTED:
            # What goes on after a failure is a rescue, or tidies up; a handler comes when other
            # steps have begun, whose time is not this one's.
            begun = event.at - cell.seconds(event.at) if cell.ended else cell.started
            return replace(
                cell,
                state=CellState.RUNNING,
                started=begun,
                ended=0.0,
                task=event.task,
                message="",
            )
        case AnsibleTaskState.OK:
            return replace(cell, ran=True)
        case AnsibleTaskState.CHANGED:
            return replace(cell, ran=True, changes=(*cell.changes, event.task))
        case AnsibleTaskState.FAILED | AnsibleTaskState.UNREACHABLE:
            return _went_wrong(cell, event)
    return cell


def _went_wrong(cell: Cell, event: TaskEvent) -> Cell:
    state = CellState(event.state.value)
    return replace(
        cell, state=state, ended=event.at, task=event.task, message=event.message, failure=event
    )


def _close(row: RunRow, end: RunEnd, failed: bool) -> RunRow:
    """One machine when the run has ended."""
    whole = end.state in (RunState.DONE, RunState.FAILED)
    cells = [_settled(cell, end, failed, whole) for cell in row.cells]
    if failed and not any(cell.state.bad for cell in cells):
        # Not made good after all: what came after it only tidied up.
        causes = [(place, cell.failure) for place, cell in enumerate(cells) if cell.failure]
        for place, cause in causes[-1:]:
            cells[place] = _went_wrong(cells[place], cause)
        if not causes:
            cells[row.current] = replace(cells[row.current], state=CellState.FAILED, ended=end.at)
    return replace(row, cells=tuple(cells))


def _settled(cell: Cell, end: RunEnd, failed: bool, whole: bool) -> Cell:
    match cell.state:
        case CellState.RUNNING if not whole:
            return replace(cell, state=CellState.STOPPED, ended=end.at)
        case CellState.RUNNING:
            return _passed(cell, end.at)
        case CellState.FAILED | CellState.UNREACHABLE if whole and not failed:
            # A rescue made good what had failed.
            return replace(cell, state=_good(cell), message="")
        case CellState.WAITING:
            return replace(cell, state=CellState.SKIPPED)
    return cell
