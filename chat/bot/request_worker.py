"""The bot's work: takes requests in, and has each answered, none waiting for another's sake.

Everything it decides is on the disk before it is done, and every answer has a key of its own: it
may be killed between any two steps, and goes on where it was.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from base.errors import ChatError, SquarmError
from chat.bot import limits, replies
from chat.bot.admission import Admission, Ruling
from chat.bot.answers import Answers
from chat.bot.commands import (
    AnalyseCommand,
    CancelCommand,
    ConstructCommand,
    CsvCommand,
    HuntCommand,
    Inquiry,
    Route,
    SearchCommand,
    Unclear,
    WhyCommand,
    parse,
)
from chat.bot.requests import IncomingText, Request, Requests, RequestState
from chat.bot.search_jobs import spec_of
from chat.bot.searches import Searches
from chat.bot.verbs import printed_by
from chat.errors import Later
from chat.message import Code, File, Message
from chat.render import amount
from results.reports import Event as Report
from results.reports import LogBatch, Snapshot
from results.store import Store

_LOOK = 1.0
_HELD = 5.0
"""Seconds after which whoever waits for Slack's word is told so."""
_IN_VAIN = 3600.0
"""Seconds after which a request that could not be admitted or refused is given up."""
_PATIENCE = 120.0
"""Seconds for which an attached file is fetched again."""
_FIRST_LOOK = 15.0
"""Seconds that the first look at the swarm is waited for by who asks how it stands."""
_AT_A_TIME = 2
"""Verbs that are run for somebody in Slack: each takes a core, and much memory."""
_QUEUE = 0
"""The task that chooses what begins; all others are named by their request's number."""
_LOG = logging.getLogger(__name__)


class RequestWorker:
    """Works on requests; `file_text` fetches an attached file, `sent` nudges the delivery."""

    def __init__(
        self,
        answers: Answers,
        requests: Requests,
        searches: Searches,
        admission: Admission,
        file_text: Callable[[str], Awaitable[str]],
        store: Store,
        sent: Callable[[], None],
    ) -> None:
        self._answers = answers
        self._requests = requests
        self._searches = searches
        self._admission = admission
        self._file_text = file_text
        self._store = store
        self._sent = sent
        self._flood = limits.Floodgate()
        self._nudged = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._problems: dict[int, str] = {}
        self._held: dict[int, float] = {}
        self._own_problem = ""
        self._began = time.monotonic()
        self._printing = asyncio.Semaphore(_AT_A_TIME)

    @property
    def problem(self) -> str:
        """What keeps it from its work, '' where all is well."""
        return self._own_problem or next(iter(self._problems.values()), "")

    async def receive(self, event: IncomingText) -> None:
        """Take an event in; when this returns it is on the disk, and Slack may be told so."""
        if parse(event.text, event.route) is None:
            return
        if await asyncio.to_thread(self._requests.knows, event):
            # A mention comes as two events, and says more than the other that it was meant.
            if event.route is Route.MENTION:
                await asyncio.to_thread(self._requests.note, event)
            return
        over = self._flood.count(event.user, time.monotonic())
        if over > 1:
            return
        if over:
            event = replace(event, route=Route.FLOOD)
        if await asyncio.to_thread(self._requests.note, event):
            self._nudged.set()

    def see(self, event: Report) -> None:
        """Take note of how the jobs stand, and that there are new squares."""
        if isinstance(event, Snapshot):
            self._searches.snapshot = event
        if not isinstance(event, LogBatch):
            self._nudged.set()

    async def run(self) -> None:
        """Work until cancelled."""
        tidied = 0.0
        try:
            while True:
                self._nudged.clear()
                try:
                    if time.monotonic() - tidied > 3600:
                        await asyncio.to_thread(self._requests.tidy)
                        tidied = time.monotonic()
                    await self._turn()
                    self._own_problem = ""
                except SquarmError as error:
                    self._own_problem = str(error)
                    _LOG.warning("%s", error)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK):
                        await self._nudged.wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _turn(self) -> None:
        """Goes on with every request; what takes long, as a job's start may, holds up no other."""
        requests = await asyncio.to_thread(self._requests.open)
        # What is over, by whichever way, is no problem any more.
        known = {_QUEUE, *(request.id for request in requests)}
        self._problems = {key: why for key, why in self._problems.items() if key in known}
        for request in requests:
            match request.state:
                case RequestState.NEW:
                    self._work_on(request.id, partial(self._answer, request))
                case RequestState.STARTING:
                    self._work_on(request.id, partial(self._searches.begin, request))
                case RequestState.RUNNING:
                    self._work_on(request.id, partial(self._searches.follow, request))
        self._work_on(_QUEUE, self._searches.start)
        await asyncio.wait(self._tasks.values(), timeout=_LOOK)
        self._sent()

    def _work_on(self, key: int, work: Callable[[], Awaitable[None]]) -> None:
        """Starts a task, unless its like is at work still."""
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._guarded(key, work))

    async def _guarded(self, key: int, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
            self._problems.pop(key, None)
        except SquarmError as error:
            if self._problems.get(key) != str(error):
                _LOG.warning("%s", error)
            self._problems[key] = str(error)
        except Exception:  # noqa: BLE001 - whatever it is, it is this request alone that ends
            # One request that is too much for it is not the end of all others.
            if key not in self._problems:
                _LOG.exception("request %d", key)
            self._problems[key] = f"request {key} cannot be worked on: the log file has why"
        finally:
            del self._tasks[key]

    async def _answer(self, request: Request) -> None:
        """The first answer to a command."""
        if request.route is Route.FLOOD:
            await self._answers.reply(request, replies.sentence(replies.SLOW_DOWN))
            return
        verdict = self._admission.verdict(request)
        if verdict.ruling is not Ruling.OPEN:
            self._held.pop(request.id, None)
        match verdict.ruling:
            case Ruling.TAKEN:
                await self._obey(request)
            case Ruling.REFUSED:
                await self._answers.refuse(request, replies.sentence(verdict.why))
            case Ruling.IGNORED:
                await asyncio.to_thread(self._requests.move, request, RequestState.DONE)
            case Ruling.OPEN:
                await self._hold(request, verdict.why)

    async def _hold(self, request: Request, why: str) -> None:
        """Keeps what can be neither admitted nor refused yet, and says so after a while."""
        since = self._held.setdefault(request.id, time.monotonic())
        if time.time() - request.made > _IN_VAIN:
            await self._answers.refuse(request, replies.sentence(replies.in_vain(why)))
        elif time.monotonic() - since > _HELD and not await self._answers.said(request, "held"):
            await self._answers.whisper(request, replies.sentence(replies.held(why)), "held")

    async def _obey(self, request: Request) -> None:
        command = parse(request.text, request.route)
        snapshot = self._searches.snapshot
        if (snapshot is None or not snapshot.taken) and (
            isinstance(command, WhyCommand) or command in (Inquiry.JOBS, Inquiry.NODES)
        ):
            # No jobs were seen yet: that is not to have seen that there are none.
            if time.monotonic() - self._began > _FIRST_LOOK:
                await self._answers.reply(request, replies.sentence(replies.NOT_SEEN))
            return
        match command:
            case SearchCommand() | HuntCommand():
                await self._searches.take(request, command)
            case CancelCommand(what):
                done = await self._searches.cancel(request, what)
                await self._answers.reply(request, replies.sentence(done))
            case ConstructCommand(order, mols):
                await self._answers.reply(request, await self._constructed(order, mols))
            case AnalyseCommand(squares):
                await self._answers.reply(request, await self._analysis(request, squares))
            case CsvCommand(what):
                await self._answers.reply(request, await self._csv(what))
            case WhyCommand(what):
                requests = await asyncio.to_thread(self._requests.open)
                reasons = replies.reasons(what, snapshot.jobs if snapshot else (), requests)
                await self._answers.reply(request, reasons)
            case Unclear(why):
                await self._answers.reply(request, replies.sentence(why))
            case Inquiry():
                await self._answers.reply(request, await self._tell(command))
            case None:
                await asyncio.to_thread(self._requests.move, request, RequestState.DONE)

    async def _printed_by(self, *arguments: str, stdin: str = "", failing: bool = False) -> str:
        async with self._printing:
            return await printed_by(*arguments, stdin=stdin, failing=failing)

    async def _analysis(self, request: Request, squares: str) -> Message:
        """What there is to say of the squares in a message and its files."""
        try:
            files = [await self._file_text(file) for file in request.files.split(",") if file]
            text = "\n\n".join(part for part in (squares, *files) if part.strip())
            if not text:
                return replies.sentence(replies.PASTE)
            return (Code(await self._printed_by("analyse", "-", stdin=text, failing=True)),)
        except ChatError as error:
            if isinstance(error, Later) and time.time() - request.made < _PATIENCE:
                raise
            return replies.sentence(str(error).replace(" in -", ""))

    async def _constructed(self, order: int, mols: int) -> Message:
        """Squares of an order that no job carries; of a greater one what is known of them."""
        try:
            if order > replies.IN_A_FILE or mols * order**2 > 2 * replies.IN_A_FILE**2:
                known = Code(await self._printed_by("mols", str(order)))
                return (known, *replies.sentence(replies.too_long(order, mols)))
            text = await self._printed_by("solve", str(order), "--mols", str(mols))
        except ChatError as error:
            return replies.sentence(str(error))
        words = f"{amount(mols)} of order {order}, constructed."
        return (File(text, f"order-{order}.txt", words),)

    async def _csv(self, what: str) -> Message:
        """All that a job found, as a file."""
        arguments = ("--job", what, "--format", "csv", "--limit", str(replies.CSV_SETS))
        try:
            text = await self._printed_by("results", *arguments, "--results", str(self._store.path))
        except ChatError as error:
            return replies.sentence(str(error))
        return (File(text, f"{what}.csv", f"The squares of {what}."),)

    async def _tell(self, question: Inquiry) -> Message:
        """The answer to a question."""
        snapshot = self._searches.snapshot
        requests = await asyncio.to_thread(self._requests.open)
        match question:
            case Inquiry.HELP:
                return replies.help_text()
            case Inquiry.NODES:
                return replies.nodes(snapshot.nodes if snapshot else ())
            case Inquiry.JOBS:
                queue = [(one, spec_of(one)) for one in limits.order_of_turns(requests)]
                return replies.jobs(snapshot.jobs if snapshot else (), queue)
            case Inquiry.STATUS:
                age = time.time() - snapshot.taken if snapshot else 0.0
                problem = self.problem or self._admission.problem
                return replies.status(snapshot, requests, age, problem)
