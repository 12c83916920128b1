"""Changes made from the console: through the door, each in a worker, and told on the screen."""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import App

from base.errors import SquarmError
from tui.console.context import Context

if TYPE_CHECKING:
    # Imported when a change is made, not for the first paint.
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
        self._tell(operation.target, str(step))


class Changes:
    """Makes changes; `context` shows how far they are and what came of them."""

    def __init__(self, app: App[int], context: Context) -> None:
        self._app = app
        self._context = context
        self._asking: set[ConsoleFrontEnd] = set()
        self.under_way: tuple[str, ...] = ()
        """What would be left half-way if the console ended now."""

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
        begun = self._context.start(
            lambda: self._perform(operation, then, doing, person, agreed=agreed), doing
        )
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
        operation: "Operation[T]",
        then: Callable[[T], None] | None,
        doing: str,
        person: ConsoleFrontEnd,
        *,
        agreed: bool,
    ) -> str:
        self.under_way = (*self.under_way, doing)
        try:
            done = await self._door(person).perform(operation, agreed=agreed)
        finally:
            self.under_way = tuple(other for other in self.under_way if other != doing)
            self._asking.discard(person)
            person.answerable.set()
            self._context.tell_progress(operation.target, "")
        if done is not None and then is not None:
            then(done.value)
        return done.sentence if done else ""
