"""What the folders of local jobs say about them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import EngineError
from base.text import clean_text
from swarm.engine import JobState, JobView, TaskState, TaskView
from swarm.local.job_folder import JobFolder, UnitFile, has_ended
from swarm.local.job_folders import read, spoilt, stand_in

_SETTLED = 2.0
"""Seconds after which two changes of a folder surely have two times: its clock ticks coarsely."""


@dataclass(frozen=True, slots=True)
class Running:
    """A job this process runs: its units at work, each with its start (seconds since the epoch)."""

    units: Mapping[int, float]


@dataclass(slots=True)
class _Seen:
    """What is remembered of a job: which logs have ended, and its view while nothing changes.

    `unread`: the logs of which something could not be read, and what in one sentence.
    """

    unread: Mapping[UnitFile, str] = field(default_factory=dict)
    ended: dict[int, tuple[tuple[int, int, int], bool]] = field(default_factory=dict)
    version: tuple[int, int] | None = None
    view: JobView | None = None


class LocalViews:
    """Views of all jobs below `root`; remembers what files said while they are unchanged."""

    def __init__(self, root: Path, host: str) -> None:
        self._root = root
        self._host = host
        self._folders: dict[str, JobFolder] = {}
        self._seen: dict[str, _Seen] = {}
        self.failures: dict[str, tuple[int, str]] = {}
        """Units that could not be done, and why, where a full disk kept it from being written."""

    def all(self, ours: Mapping[str, Running]) -> tuple[JobView, ...]:
        """Newest first; what is no job is left out. Raises EngineError."""
        try:
            names = [path.name for path in self._root.iterdir()]
        except FileNotFoundError:
            names = []
        except OSError as error:
            raise EngineError(f"{self._root} cannot be read: {error.strerror}.") from error
        found = {name: self._folders.get(name) or read(self._root / name) for name in names}
        self._folders = {name: folder for name, folder in found.items() if folder}
        self._seen = {job: seen for job, seen in self._seen.items() if job in self._folders}
        views = [self.one(folder, ours.get(job)) for job, folder in self._folders.items()]
        views += (
            _spoilt_view(self._root / name, why)
            for name, folder in found.items()
            if folder is None and (why := spoilt(self._root / name))
        )
        return tuple(sorted(views, key=lambda view: (-view.created, view.id)))

    def reading(self, job: str, unread: Mapping[UnitFile, str]) -> None:
        """A job's logs are read; `unread`, which may grow, are those that cannot wholly be."""
        self._seen.setdefault(job, _Seen()).unread = unread

    def one(self, folder: JobFolder, ours: Running | None) -> JobView:
        """One job, `ours` where this process runs it."""
        seen = self._seen.setdefault(folder.job, _Seen())
        unread = {file.unit: why for file, why in list(seen.unread.items())}
        version = None if ours is not None or unread else folder.version
        if seen.view is not None and seen.version == version is not None:
            return seen.view
        held = ours is not None or folder.held()
        failure = folder.failure or self.failures.get(folder.job)
        view = _Job(folder, seen.ended, unread, ours, held, failure).view(self._host)
        settled = version is not None and max(version) / 1e9 < time.time() - _SETTLED
        seen.version, seen.view = version, view if settled and not held else None
        return view


def _spoilt_view(path: Path, why: str) -> JobView:
    job = stand_in(path)
    return JobView(job.job, job.spec, JobState.FAILED, job.created, 0, why=why, unknown=True)


@dataclass(frozen=True, slots=True)
class _Job:
    """All that tells how a job is; `ended` is brought up to date by looking at its logs.

    `unread`: the units of which something could not be read, and why.
    """

    folder: JobFolder
    ended: dict[int, tuple[tuple[int, int, int], bool]]
    unread: Mapping[int, str]
    ours: Running | None
    held: bool
    failure: tuple[int, str] | None

    def view(self, host: str) -> JobView:
        """The job, its tasks on `host`."""
        folder = self.folder
        why = ""
        tasks: list[TaskView] = []
        try:
            for unit, file in folder.logs().items():
                tasks.append(self._task(f"{folder.job}.{unit}", file, host))
        except OSError as error:
            why = f"{folder.path} cannot be read ({error.strerror}): make it readable."
        done = sum(task.state is TaskState.COMPLETE for task in tasks)
        state = self._state(done, begun=bool(tasks))
        if state is JobState.FAILED:
            why = self._failure
        why = why or next((task.error for task in tasks if task.error), "")
        return JobView(folder.job, folder.spec, state, folder.created, done, tuple(tasks), why)

    @property
    def _failure(self) -> str:
        return "" if self.failure is None else clean_text(self.failure[1], 500)

    def _task(self, name: str, file: UnitFile, host: str) -> TaskView:
        passed = self.unread.get(file.unit, "")
        try:
            state, why, started = self._said(file)
            if passed and state is TaskState.STOPPED:
                why = clean_text(f"{passed} squarm resume {self.folder.job} finds that again.", 500)
            return TaskView(name, file.unit, host, state, why, started, unreadable=bool(passed))
        except OSError as error:
            why = self._unreadable(file, error)
            return TaskView(name, file.unit, host, TaskState.FAILED, why, unreadable=True)

    def _said(self, file: UnitFile) -> tuple[TaskState, str, float]:
        """A unit's state, what is wrong, and its start, by its log; raises OSError."""
        unit = file.unit
        if self.ours is not None and unit in self.ours.units:
            self.ended.pop(unit, None)
            return TaskState.RUNNING, "", self.ours.units[unit]
        known = self.ended.get(unit)
        if self.held and known is not None and known[1] and known[0][0] == file.generation:
            # Whoever holds the job runs it again only where its log is lost.
            return TaskState.COMPLETE, "", 0.0
        status = file.status()
        version = (file.generation, status.st_size, status.st_mtime_ns)
        if known is None or known[0] != version:
            known = self.ended[unit] = (version, has_ended(file.path, unit))
        if known[1]:
            return TaskState.COMPLETE, "", 0.0
        if self.held:
            # In another process's job a unit that waits to be tried again looks like a running one.
            return TaskState.PENDING if self.ours is not None else TaskState.RUNNING, "", 0.0
        if self.failure is not None and self.failure[0] == unit:
            return TaskState.FAILED, self._failure, 0.0
        return TaskState.STOPPED, "", 0.0

    def _unreadable(self, file: UnitFile, error: OSError) -> str:
        return clean_text(
            f"{file.path} cannot be read ({error.strerror}): make it readable, or move "
            f"it aside and run unit {file.unit} again with squarm resume {self.folder.job}.",
            500,
        )

    def _state(self, done: int, *, begun: bool) -> JobState:
        if not self.held and done == self.folder.spec.units:
            return JobState.COMPLETE
        if self.folder.is_cancelled:
            return JobState.CANCELLED
        if self.held:
            return JobState.RUNNING if begun else JobState.PENDING
        return JobState.INTERRUPTED if self.failure is None else JobState.FAILED
