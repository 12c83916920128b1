"""An engine whose tasks write what they are told to, lies included."""

from collections.abc import AsyncIterator, Mapping, Sequence

from base.errors import EngineError
from solver.records import encode
from swarm.engine import JobState, JobView, LogLine, NodeView, TaskState, TaskView
from swarm.job import JobSpec
from tests.swarm.samples import unit_records

Logs = dict[int, list[str]]
"""What the task of each unit wrote."""


def honest_logs(spec: JobSpec) -> Logs:
    """What the real solver writes for each unit of a job."""
    return {unit: [encode(r) for r in unit_records(spec, unit)] for unit in range(spec.units)}


class Scripted:
    """Jobs that have ended, and whose logs stay as they are, whatever is run again."""

    name, place, own_jobs = "swarm", "here", ()

    def __init__(
        self,
        spec: JobSpec,
        logs: Mapping[str, Logs],
        state: JobState = JobState.COMPLETE,
        unreadable: Sequence[int] = (),
    ) -> None:
        self._logs = logs
        self._unreadable = unreadable
        ended = TaskState.COMPLETE if state is JobState.COMPLETE else TaskState.RUNNING
        tasks = tuple(
            TaskView(f"t{unit}", unit, f"pi{unit}", ended, started=1.0)
            for unit in range(spec.units)
        )
        self.views = tuple(JobView(job, spec, state, 1.0, spec.units, tasks) for job in logs)
        self.gone: list[str] = []

    async def jobs(self) -> tuple[JobView, ...]:
        return tuple(view for view in self.views if view.id not in self.gone)

    async def nodes(self) -> tuple[NodeView, ...]:
        return ()

    async def follow(self, job: str) -> AsyncIterator[LogLine]:
        for unit in self._logs[job]:
            if unit not in self._unreadable:
                async for line in self.reread(job, unit):
                    yield line

    async def reread(self, job: str, unit: int) -> AsyncIterator[LogLine]:
        if unit in self._unreadable:
            raise EngineError(f"pi{unit} is off.")
        for text in self._logs[job][unit]:
            yield LogLine(job, unit, f"t{unit}", f"pi{unit}", "", text)

    async def remove(self, job: str) -> None:
        self.gone.append(job)

    cancel = remove

    async def no(self, *_: object) -> None:
        raise EngineError("not here.")

    async def submit(self, spec: JobSpec) -> str:
        raise EngineError(f"not here: {spec}.")

    resume = no

    async def rerun(self, job: str, unit: int) -> None:
        """A task that lies does so again."""

    async def tend(self, _kept: object) -> None:
        """Nothing is lost here."""

    async def close(self) -> None:
        return
