"""Changes made from the console: through the door, each in a worker, and told on the screen."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import App

from base.errors import SquarmError
from tui.console.context import Context

if TYPE_CHECKING:
    # Imported when a change is made, not for the first paint.
    from operations.kinds import Kind
    from operations.operation import Caution, Door, Operation, Step

T = TypeVar("T")


class ConsoleFrontEnd:
    """The person at this terminal, as the door knows them. `tell` shows how far a target is.

    One a change: several may be under way, and each asks for itself.
    """

    who: ClassVar[str] = ""

    def __init__(self, app: App[int], tell: Callable[[str, str], None]) -> None:
        self.answerable = asyncio.Event()
        """Set once a question stands on the screen, or will not: keys wait for that."""
        self.asking = False
        """Whether a question is about to be asked, or stands there."""
        self.step: Step | None = None
        """How far the change is; None while it is not begun."""
        self._app = app
        self._tell = tell

    async def confirm(self, caution: "Caution") -> bool:
        """Ask in a dialog, the safe answer first."""
        from tui.console.screens.dialogs.confirm import Confirm

        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        await self._app.push_screen(Confirm(caution), answer.set_result)
        self.answerable.set()
        agreed = bool(await answer)
        self.asking = False
        return agreed

    def show(self, operation: "Operation[object]", step: "Step") -> None:
        """A sentence below its row."""
        self.step = step
        self._tell(operation.target, str(step))


@dataclass(slots=True, eq=False)
class LiveChange:
    """A change that is being made."""

    operation: "Operation[object]"
    person: ConsoleFrontEnd
    work: asyncio.Task[object] | None = None
    """None until its worker has its first turn."""
    cancelled: bool = False

    def __str__(self) -> str:
        return f"{self.operation.kind.audit} {self.operation.target}"

    @property
    def how_far(self) -> str:
        """What it is done to, and how far that is; what nodes have done is `nodes`."""
        step = self.person.step
        return f"{self.operation.target}: {replace(step, nodes={})}" if step else ""

    @property
    def nodes(self) -> Mapping[str, str]:
        """How far each node is, by its name, where that is known."""
        return self.person.step.nodes if self.person.step else {}

    def cancel(self) -> None:
        """Break it off, as the console's end would; what it then has to do is not broken off."""
        if self.work is not None and not self.cancelled:
            self.cancelled = True
            self.work.cancel()


class Changes:
    """Makes changes; `context` shows how far they are and what came of them."""

    def __init__(self, app: App[int], context: Context) -> None:
        self._app = app
        self._context = context
        self._asking: set[ConsoleFrontEnd] = set()
        self._live: list[LiveChange] = []
        self._expected: list[str] = []

    @property
    def under_way(self) -> tuple[str, ...]:
        """What would be left half-way if the console ended now."""
        return (*self._expected, *map(str, self._live))

    @contextmanager
    def expected(self, what: str) -> Iterator[None]:
        """While something is awaited that a change needs, which was asked for already."""
        self._expected.append(what)
        try:
            yield
        finally:
            self._expected.remove(what)

    def live(self, kind: "Kind") -> LiveChange | None:
        """The change of a kind that has begun, and is not over."""
        begun = (one for one in self._live if one.operation.kind is kind and one.person.step)
        return next(begun, None)

    @property
    def asking(self) -> bool:
        """Whether a question is about to be asked, or stands there."""
        return any(person.asking for person in self._asking)

    @cached_property
    def door(self) -> "Door":
        """What every change passes."""
        return self._door(self._front_end())

    def make(
        self,
        build: "Callable[[], Operation[T]]",
        then: Callable[[T], None] | None = None,
        *,
        agreed: bool = False,
    ) -> None:
        """Make a change, say what came of it, and do what follows with what it gave.

        `build` is called at once, for what is under the cursor now; `agreed`: the screen in front
        was the question. A SquarmError of any part is said.
        """
        try:
            operation = build()
        except SquarmError as error:
            self._context.say(str(error), "warning")
            return
        doing = f"{operation.kind.audit} {operation.target}"
        person = self._front_end()
        change = LiveChange(operation, person)
        begun = self._context.start(
            lambda: self._perform(change, operation, then, agreed=agreed), doing
        )
        if begun:
            # At once: the next key may be the one that leaves.
            self._live.append(change)
        if begun and operation.caution is not None and not agreed:
            person.asking = True
            self._asking.add(person)
            self._context.hold_keys(person.answerable.wait())

    def _front_end(self) -> ConsoleFrontEnd:
        return ConsoleFrontEnd(self._app, self._context.tell_progress)

    def _door(self, person: ConsoleFrontEnd) -> "Door":
        from operations.operation import Door

        return Door(person, read_only=self._context.read_only)

    async def _perform(
        self,
        change: LiveChange,
        operation: "Operation[T]",
        then: Callable[[T], None] | None,
        *,
        agreed: bool,
    ) -> str:
        person = change.person
        work = asyncio.create_task(self._door(person).perform(operation, agreed=agreed))
        change.work = work
        try:
            done = await work
        except asyncio.CancelledError:
            if not change.cancelled:
                raise
            return f"Cancelled: {change}."
        finally:
            self._live.remove(change)
            self._asking.discard(person)
            person.answerable.set()
            self._context.tell_progress(operation.target, "")
        if done is not None and then is not None:
            then(done.value)
        return done.sentence if done else ""
