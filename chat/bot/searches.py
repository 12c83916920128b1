"""The bot's searches: their jobs are started, reported on, cancelled, and cleared up after.

Everything it decides is on the disk before it is done: it may be killed between any two steps, and
goes on where it was.
"""

import asyncio
import time
from collections.abc import Callable

from base.errors import EngineError, ReadOnlyError, SquarmError
from chat.bot import limits, replies
from chat.bot.answers import Answers
from chat.bot.commands import HuntCommand, SearchCommand
from chat.bot.requests import Request, Requests, RequestState
from chat.bot.search_jobs import best_of, end_of, found_by, job_of, spec_of
from chat.message import Message
from chat.render import square
from chat.settings import Settings
from operations import jobs
from operations.kinds import Kind
from operations.operation import Caution, Door, Operation, Step
from results.reports import JobRow, Snapshot
from results.store import Store
from swarm.engine import Engine, JobState
from swarm.job import new_seed
from swarm.job_names import find_job

_PATIENCE = 120.0
"""Seconds for which a job that cannot be started, or not be read to its end, is tried again."""
_SETTLING = 5.0
"""Seconds in which what a failed or cancelled job has written is still read."""
_HINT = "jobs lists them"


class _Asker:
    """Who asked for something in Slack, as a front end: their words are all there is."""

    def __init__(self, request: Request) -> None:
        self.who = f"{request.user} (Slack)"

    async def confirm(self, _caution: Caution) -> bool:
        """Nobody is there to say yes a second time."""
        return False

    def show(self, _operation: Operation[object], _step: Step) -> None:
        """The progress message tells it."""


class Searches:
    """Works on what was asked to be searched for.

    `engine` gives the engine once there is one; `changed` nudges whoever watches it. With
    `read_only` nothing is run or cancelled. `snapshot`: how the jobs stand.
    """

    def __init__(
        self,
        answers: Answers,
        requests: Requests,
        store: Store,
        settings: Settings,
        engine: Callable[[], Engine | None],
        changed: Callable[[], None],
        *,
        read_only: bool,
    ) -> None:
        self._answers = answers
        self._requests = requests
        self._store = store
        self._settings = settings
        self._engine = engine
        self._changed = changed
        self._read_only = read_only
        self._since: dict[int, float] = {}
        self._queue = asyncio.Lock()
        self.snapshot: Snapshot | None = None

    async def take(self, request: Request, search: SearchCommand | HuntCommand) -> None:
        """A search joins the queue, or is refused."""
        async with self._queue:
            await self._join(request, search)

    async def _join(self, request: Request, search: SearchCommand | HuntCommand) -> None:
        requests = await asyncio.to_thread(self._requests.open)
        if why := limits.refusal(
            request, [other for other in requests if other.id != request.id], self._settings
        ):
            await self._answers.reply(request, replies.sentence(why))
            return
        # The seed is on the disk before the job is begun: a job with it is this one's.
        try:
            self._door(request).admit(Kind.START_JOB)
            spec = job_of(search, new_seed())
        except SquarmError as error:
            await self._answers.reply(request, replies.sentence(str(error)))
            return
        ahead = limits.order_of_turns(requests)
        running = [
            one for one in requests if one.state in (RequestState.STARTING, RequestState.RUNNING)
        ]
        free = len(ahead) < self._settings.jobs - len(running)
        first = replies.begun(spec, request.user)
        if not free:
            first = replies.queued(request, spec, len(ahead) + 1, request.user)
        head = await self._answers.begin(request, first)
        move = self._requests.move
        await asyncio.to_thread(move, request, RequestState.QUEUED, spec=spec.to_json(), head=head)

    async def start(self) -> None:
        """Chooses which searches begin, while there is room for them."""
        if self._engine() is None:
            return
        async with self._queue:
            requests = await asyncio.to_thread(self._requests.open)
            states = [request.state for request in requests]
            running = states.count(RequestState.STARTING) + states.count(RequestState.RUNNING)
            turns = limits.order_of_turns(requests)
            free = max(0, self._settings.jobs - running)
            for request in turns[:free]:
                await asyncio.to_thread(self._requests.move, request, RequestState.STARTING)
        for place, request in enumerate(turns[free:], 1):
            message = replies.queued(request, spec_of(request), place, request.user)
            await self._answers.show(request, message)

    async def begin(self, request: Request) -> None:
        """Starts a search's job, unless it was before this process was killed."""
        spec, engine = spec_of(request), self._engine()
        if engine is None:
            return
        try:
            views = await engine.jobs()
            job = next((view.id for view in views if view.spec == spec), "")
            if not job and (done := await self._door(request).perform(jobs.start(engine, spec))):
                job = done.value
        except ReadOnlyError as error:
            await self._end(request, replies.sentence(str(error)))
            return
        except EngineError as error:
            if self._waited(request) <= _PATIENCE:
                raise
            await self._end(request, replies.sentence(f"It could not be started. {error}"))
            return
        self._since.pop(request.id, None)
        await asyncio.to_thread(self._requests.move, request, RequestState.RUNNING, job=job)
        self._changed()

    async def follow(self, request: Request) -> None:
        """Reports on a job: its squares, its progress, its end."""
        snapshot, engine = self.snapshot, self._engine()
        if snapshot is None or engine is None:
            return
        row = next((row for row in snapshot.jobs if row.job.id == request.job), None)
        spec = spec_of(request)
        if row is None:
            # Not to see an engine's jobs is not to have seen that one of them is gone.
            if snapshot.taken and not snapshot.problem and self._waited(request) > _PATIENCE:
                await self._end(
                    request, replies.sentence(f"Job {request.job} is gone: it was removed.")
                )
            return
        if not spec.question.triple:
            await self._post_squares(request)
        if row.job.state is JobState.INTERRUPTED:
            if not self._read_only:
                await self._door(request).perform(jobs.resume(engine, row.job))
        elif row.job.state.live:
            self._since.pop(request.id, None)
            await self._answers.show(request, replies.under_way(spec, row, request.user))
        else:
            await self._finish(engine, request, row)

    async def _finish(self, engine: Engine, request: Request, row: JobRow) -> None:
        """The end of a job: what came of it is said, and its service goes."""
        end = await asyncio.to_thread(end_of, self._store, row)
        complete = row.job.state is JobState.COMPLETE
        # What the row tells of the units, their nodes among it, may be older than the store.
        behind = sum(unit.found for unit in row.units) < end.found
        patience = _PATIENCE if complete else _SETTLING
        if (end.missing or behind) and self._waited(request) < patience:
            return
        await self._post_squares(request)
        spec, asked = spec_of(request), time.time() - request.made
        message = replies.over(spec, row, end, asked, request.user)
        if end.found < spec.count:
            # An edit alone would tell nobody.
            await self._answers.say(request, message, "end")
            message = replies.below(spec, request.user)
        if spec.question.triple:
            best = await asyncio.to_thread(self._store.triples, replies.PLACES)
            await self._answers.say(request, replies.leaderboard(best), "board")
        if not self._read_only and (not end.missing or not complete):
            # Of a job that was cancelled or failed what is missing has been waited for by now.
            removal = jobs.remove(engine, self._store, row.job, force=not complete)
            await self._door(request).perform(removal, agreed=True)
            self._changed()
        await self._end(request, message)

    async def _post_squares(self, request: Request) -> None:
        """Posts what the job has found and was not posted yet, oldest first; of a hunt the best."""
        results = await asyncio.to_thread(found_by, self._store, request.job)
        for result in best_of(results) if spec_of(request).question.triple else results:
            name = f"square:{result.id}"
            if await self._answers.said(request, name):
                continue
            message = await asyncio.to_thread(square, result)
            await self._answers.say(
                request, message, name, digest=f"squares of order {result.order}"
            )

    async def cancel(self, request: Request, what: str) -> str:
        """Cancels a job or a place in the queue; what came of it, in a sentence."""
        async with self._queue:
            requests = await asyncio.to_thread(self._requests.open)
            for other in requests:
                if what == str(other.id) and other.state is RequestState.QUEUED:
                    if not limits.may_cancel(request.user, other.user, self._settings):
                        return replies.NOT_YOURS
                    await self._end(other, replies.sentence("Taken back before it began."))
                    return f"Search {what} is taken back."
        engine = self._engine()
        if engine is None:
            return "The swarm is not there now, so nothing can be cancelled."
        try:
            views = await engine.jobs()
            by_number = [other.job for other in requests if what == str(other.id) and other.job]
            view = find_job(views, by_number[0] if by_number else what, _HINT)
            asker = await asyncio.to_thread(self._requests.asker, view.id)
            if not limits.may_cancel(request.user, asker, self._settings):
                return replies.NOT_YOURS
            cancelling = jobs.cancel(engine, self._store, view)
            # Whoever wrote this named the job: that is as good as a yes.
            done = await self._door(request).perform(cancelling, agreed=True)
            self._changed()
        except SquarmError as error:
            return str(error)
        return done.sentence if done else ""

    def _door(self, request: Request) -> Door:
        return Door(_Asker(request), read_only=self._read_only)

    def _waited(self, request: Request) -> float:
        """Seconds since this was first asked about a command."""
        return time.monotonic() - self._since.setdefault(request.id, time.monotonic())

    async def _end(self, request: Request, message: Message) -> None:
        await self._answers.end(request, message)
        self._since.pop(request.id, None)
