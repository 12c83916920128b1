"""The command line as a front end: what it asks and shows when it makes a change.

Every verb that changes something first says which kind of change it is (`admit`), so that
`--read-only` refuses it before anything is asked or looked for, and makes it by `perform`.
"""

import argparse
from typing import TypeVar

from operations.kinds import Kind
from operations.operation import Caution, Done, Door, Operation, Step
from tui.command.messages import Progress, confirm

T = TypeVar("T")


class CommandFrontEnd:
    """Asks at the terminal, unless `yes` was said already; shows steps on the progress line."""

    who = ""
    """Whose process it is."""

    def __init__(self, progress: Progress, *, yes: bool) -> None:
        self._progress = progress
        self._yes = yes

    async def confirm(self, caution: Caution) -> bool:
        """What is at stake, then the question; raises UsageError where nobody can be asked."""
        self._progress.clear()
        return confirm(caution.question, caution.consequence, yes=self._yes)

    def show(self, operation: Operation[object], step: Step) -> None:
        """What is changed, and how far that is."""
        self._progress.show(f"{operation.target}: {step}")


def open_door(arguments: argparse.Namespace, progress: Progress) -> Door:
    """The door that a change asked for on the command line passes."""
    front = CommandFrontEnd(progress, yes=vars(arguments).get("yes", False))
    return Door(front, read_only=arguments.read_only)


def admit(arguments: argparse.Namespace, kind: Kind) -> None:
    """Raises ReadOnlyError where a change of this kind would be refused in the end."""
    open_door(arguments, Progress()).admit(kind)


async def perform(arguments: argparse.Namespace, operation: Operation[T]) -> Done[T] | None:
    """Make a change; None where the user does not want it. Raises SquarmError."""
    with Progress() as progress:
        return await open_door(arguments, progress).perform(operation)


async def perform_and_say(arguments: argparse.Namespace, operation: Operation[object]) -> int:
    """Make a change and print what came of it: 1 where the user does not want it."""
    done = await perform(arguments, operation)
    if done is None:
        return 1
    print(done.sentence)
    return 0
