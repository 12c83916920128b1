"""What the command line says besides its output: sentences and progress on standard error."""

import sys
from types import TracebackType
from typing import Self

from base.errors import UsageError
from base.text import clean_text


def say(sentence: str) -> None:
    """One sentence for the user, marked as ours."""
    print(f"squarm: {clean_text(str(sentence))}", file=sys.stderr)


def confirm(question: str, consequence: str = "", *, yes: bool) -> bool:
    """Whether the user wants it, knowing the consequence; `yes` when that was said already.

    Raises UsageError where nobody can be asked.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to confirm this: say --yes to do it without being asked.")
    for line in consequence.splitlines():
        print(clean_text(line), file=sys.stderr)
    print(f"{clean_text(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class Progress:
    """One line on a terminal's standard error, rewritten in place; nothing where it is none."""

    def __init__(self) -> None:
        self._shown = False
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._live:
            print(f"\r\x1b[K{clean_text(text)}", end="", file=sys.stderr, flush=True)
            self._shown = True

    def clear(self) -> None:
        """Take the line away, so that other output can follow."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = False
