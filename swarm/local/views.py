"""What the folders of local jobs say about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from base.errors import EngineError
from base.text import clean_text
from swarm.engine import JobState, JobView, TaskState, TaskView
from swarm.local.job_folder import JobFolder, read


@dataclass(frozen=True, slots=True)
class Running:
    """A job this process runs: its units at work, each with its start (seconds since the epoch)."""

    units: Mapping[int, float]


class LocalViews:
    """Views of all jobs below `root`; remembers what files said while they are unchanged."""

    def __init__(self, root: Path, host: str) -> None:
        self._root = root
        self._host = host
        self._folders: dict[Path, JobFolder] = {}
        self._ended: dict[Path, tuple[tuple[int, int], bool]] = {}
        self.failures: dict[str, tuple[int, str]] = {}
        """Units that could not be done, and why, where a full disk kept it from being written."""

    def all(self, ours: Mapping[str, Running]) -> tuple[JobView, ...]:
        """Newest first; what is no job, or was spoilt, is left out. Raises EngineError."""
        try:
            paths = list(self._root.iterdir())
        except FileNotFoundError:
            paths = []
        except OSError as error:
            raise EngineError(f"{self._root} cannot be read: {error.strerror}.") from error
        folders = {path: self._folders.get(path) or read(path) for path in paths}
        self._folders = {path: folder for path, folder in folders.items() if folder}
        self._ended = {path: seen for path, seen in self._ended.items() if path.parent in folders}
        views = [self.one(folder, ours.get(folder.job)) for folder in self._folders.values()]
        return tuple(sorted(views, key=lambda view: (-view.created, view.id)))

    def one(self, folder: JobFolder, ours: Running | None) -> JobView:
        """One job, `ours` where this process runs it."""
        held = ours is not None or folder.held()
        failure = folder.failure or self.failures.get(folder.job)
        tasks: list[TaskView] = []
        done = 0
        for unit in range(folder.spec.units):
            task = self._task(folder, unit, ours, held=held, failure=failure)
            if task is not None:
                tasks.append(task)
                done += task.state is TaskState.COMPLETE
        state = _state(folder, tasks, done, held=held, failed=failure is not None)
        why = ""
        if state is JobState.FAILED and failure is not None:
            why = clean_text(failure[1], 500)
        elif state is JobState.INTERRUPTED:
            why = f"the squarm that ran it has gone: squarm resume {folder.job} goes on with it."
        return JobView(folder.job, folder.spec, state, folder.created, done, tuple(tasks), why)

    def _task(
        self,
        folder: JobFolder,
        unit: int,
        ours: Running | None,
        *,
        held: bool,
        failure: tuple[int, str] | None,
    ) -> TaskView | None:
        path = folder.log(unit)
        try:
            status = path.stat()
        except OSError:
            return None
        error = ""
        started = 0.0
        if ours is not None and unit in ours.units:
            state = TaskState.RUNNING
            started = ours.units[unit]
        elif self._has_ended(folder, unit, (status.st_size, status.st_mtime_ns)):
            state = TaskState.COMPLETE
        elif held:
            # In another process's job a unit that waits to be tried again looks like a running one.
            state = TaskState.PENDING if ours is not None else TaskState.RUNNING
        elif failure is not None and failure[0] == unit:
            state, error = TaskState.FAILED, clean_text(failure[1], 500)
        else:
            state = TaskState.STOPPED
        return TaskView(f"{folder.job}.{unit}", unit, self._host, state, error, started)

    def _has_ended(self, folder: JobFolder, unit: int, version: tuple[int, int]) -> bool:
        path = folder.log(unit)
        seen = self._ended.get(path)
        if seen is None or seen[0] != version:
            seen = self._ended[path] = (version, folder.ended(unit))
        return seen[1]


def _state(
    folder: JobFolder, tasks: list[TaskView], done: int, *, held: bool, failed: bool
) -> JobState:
    if not held and done == folder.spec.units:
        return JobState.COMPLETE
    if folder.cancelled.exists():
        return JobState.CANCELLED
    if held:
        return JobState.RUNNING if tasks else JobState.PENDING
    return JobState.FAILED if failed else JobState.INTERRUPTED
