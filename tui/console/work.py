"""What takes a while: shown at once, begun once, and told in a sentence when it is over."""

from collections.abc import Awaitable, Callable
from functools import partial

from textual.app import App

from base.errors import SquarmError
from base.text import clean_text
from tui.console.context import Context
from tui.console.terminal.workers import begin

_SHOWN = 60


def cannot_be_used(error: OSError) -> str:
    """What the system refused, as a sentence."""
    return f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."


class Work:
    """Runs work beside the keys; `changed` is called when other work is under way than before."""

    def __init__(
        self, app: App[int], context: Context, changed: Callable[[], None], done: Callable[[], None]
    ) -> None:
        self._app = app
        self._context = context
        self._changed = changed
        self._done = done
        self._under_way: list[str] = []

    @property
    def under_way(self) -> str:
        """What is being done, '' for nothing."""
        if not self._under_way:
            return ""
        more = f" +{len(self._under_way) - 1}" if len(self._under_way) > 1 else ""
        return f"{clean_text(self._under_way[0], _SHOWN)}{more}"

    def start(self, work: Callable[[], Awaitable[str | None]], doing: str) -> bool:
        """Do it, and say what it returns or why it cannot be done.

        False where it is under way already; `doing`: what it is; '' for what nobody waits for.
        """
        if doing and doing in self._under_way:
            self._context.say(f"It is under way: {doing}.", "warning")
            return False
        if doing:
            self._under_way.append(doing)
            # Not below a question that is about to be asked.
            self._app.call_later(self._changed)
        begin(self._app, partial(self._guarded, work, doing), "work")
        return True

    async def _guarded(self, work: Callable[[], Awaitable[str | None]], doing: str) -> None:
        try:
            sentence = await work()
        except SquarmError as error:
            self._context.say(str(error), "error")
        except OSError as error:
            self._context.say(cannot_be_used(error), "error")
        else:
            if sentence:
                self._context.say(sentence)
        finally:
            if doing:
                self._under_way.remove(doing)
                self._changed()
        self._done()
