"""What an operation is, and the door that each one passes.

A front end (a key, a verb of the command line, a command in Slack) builds an operation from what
the person meant and hands it to its door:

    done = await door.perform(jobs.cancel(engine, store, view))     # None: not wanted after all

The door refuses it under `--read-only`, asks where it destroys, keeps what would be lost, does the
work, and notes what came of it in the audit log. No part of an operation has a default: one that
lacks its caution, its keeping or its closing sentence does not construct.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from base.audit import Audit
from base.errors import AuditError, ReadOnlyError, SquarmError
from operations.kinds import Kind

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caution:
    """What is asked before something is destroyed; `agree` and `decline` are what one can say."""

    question: str
    consequence: str
    agree: str
    decline: str


@dataclass(frozen=True, slots=True)
class Step:
    """How far an operation is: `tasks` that are still in its way, `seconds` since it began.

    `nodes`: how far each node is, by its name, where that is known.
    """

    doing: str
    tasks: int = 0
    seconds: float = 0.0
    nodes: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        tasks = (
            f", {self.tasks} {'task' if self.tasks == 1 else 'tasks'} left" if self.tasks else ""
        )
        since = f", {self.seconds:.0f} s" if self.seconds >= 1 else ""
        nodes = ", ".join(f"{name} {far}" for name, far in self.nodes.items())
        return f"{self.doing}{tasks}{since}" + (f"; {nodes}" if nodes else "")


@dataclass(frozen=True, slots=True)
class Done(Generic[T_co]):
    """What came of an operation: the sentence to say, and what it gave.

    `result`: what the audit log notes; `begun` for what goes on by itself and notes its own end.
    """

    sentence: str
    value: T_co
    result: str = "done"


Tell = Callable[[Step], None]
"""Tells whoever waits how far it is."""
Keep = Callable[[Tell], Awaitable[None]]
"""Keeps what the work would throw away; raises SquarmError where it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T_co]):
    """One change, ready to be made.

    `target`: what it is done to, as the audit log names it. `caution`: None where nothing is
    destroyed. `keep`: None where nothing is thrown away. `work` may raise SquarmError.
    """

    kind: Kind
    target: str
    caution: Caution | None
    keep: Keep | None
    work: Callable[[Tell], Awaitable[Done[T_co]]]


class FrontEnd(Protocol):
    """What a person sits in front of."""

    @property
    def who(self) -> str:
        """Whom the audit log names; '' for the user whose process this is."""
        ...

    async def confirm(self, caution: Caution) -> bool:
        """Ask; False where the person does not want it. May raise SquarmError."""
        ...

    def show(self, operation: "Operation[object]", step: Step) -> None:
        """Show how far an operation is."""
        ...


class Door:
    """What every change passes, whichever front end it comes from."""

    def __init__(self, front: FrontEnd, *, read_only: bool, audit: Audit | None = None) -> None:
        self.read_only = read_only
        self._front = front
        self._audit = audit or Audit()

    def admit(self, kind: Kind) -> None:
        """Refuse early what would be refused in the end; raises ReadOnlyError."""
        if self.read_only:
            raise ReadOnlyError(f"--read-only refuses this: {kind.effect}.")

    async def perform(self, operation: Operation[T], *, agreed: bool = False) -> Done[T] | None:
        """Make the change; None where the person does not want it.

        `agreed`: the person has just said so, on a screen that showed all of it. Raises
        SquarmError; what was done by then is in the audit log.
        """
        self.admit(operation.kind)
        caution = None if agreed else operation.caution
        if caution is not None and not await self._front.confirm(caution):
            return None
        _LOG.info("%s %s: begins", operation.kind.audit, operation.target)

        def tell(step: Step) -> None:
            self._front.show(operation, step)

        try:
            if operation.keep is not None:
                await operation.keep(tell)
            done = await operation.work(tell)
        except SquarmError as error:
            await self._note(operation, "failed", str(error))
            raise
        except BaseException:
            await self._note(operation, "cancelled", "")
            raise
        await self._note(operation, done.result, done.sentence)
        return done

    async def _note(self, operation: Operation[T], result: str, said: str) -> None:
        """Note what came of it; raises AuditError, which says that it is done all the same."""
        name = operation.kind.audit
        _LOG.info("%s %s: %s %s", name, operation.target, result, said)
        try:
            # It waits for the disk.
            await asyncio.to_thread(
                self._audit.note, name, operation.target, result, said, who=self._front.who
            )
        except AuditError as error:
            wrong = said if result == "failed" else f"{operation.target}: {name} is {result}, but:"
            raise AuditError(f"{wrong} {error}") from None
