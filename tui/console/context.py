"""The console as its screens know it: what they show, and what they may have done.

Screens, palette and handlers depend on this, and the application on them: no import goes back up.
`handlers.registry` adds what only handlers need.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal, Protocol

from results.result import Result
from results.selection import Selection
from swarm.engine import LogLine
from tui.console.history import PromptHistory
from tui.console.model import Model

Severity = Literal["information", "warning", "error"]


class Context(Protocol):
    """What `ConsoleApp` is to a screen."""

    @property
    def model(self) -> Model:
        """Everything that is known by now."""
        ...

    @property
    def history(self) -> PromptHistory:
        """What was typed at prompts."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed."""
        ...

    @property
    def solver_note(self) -> str:
        """Why the solver is slow; '' where it is compiled."""
        ...

    @property
    def run_under_way(self) -> str:
        """The id of the provisioning run under way, '' for none."""
        ...

    @property
    def line_slow(self) -> bool:
        """Whether the terminal took long for a frame of late."""
        ...

    @property
    def where(self) -> frozenset[str]:
        """The names of the screen in front and of its chosen pane."""
        ...

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def notices(self) -> Sequence[str]:
        """Sentences that stand below the header until they no longer hold."""
        ...

    def copy(self, text: str) -> None:
        """Copy some text, and say so."""
        ...

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """A short note that goes away by itself."""
        ...

    @property
    def under_way(self) -> str:
        """What is being done, '' for nothing."""
        ...

    def start(self, work: Callable[[], Awaitable[str | None]], doing: str = "") -> bool:
        """Do something that takes a while; say what it returns, or the SquarmError it raises.

        `doing` is shown meanwhile, and not begun twice: False where it is under way.
        """
        ...

    def tell_progress(self, target: str, text: str) -> None:
        """How far a change is, below its row where it has one; '' when it is over."""
        ...

    def hold_keys(self, until: Awaitable[object]) -> None:
        """The next key waits for this."""
        ...

    async def perform(self, action_id: str, argument: str = "") -> None:
        """Run an action."""
        ...

    def fetch_squares(
        self,
        take: Callable[[Sequence[Result]], None],
        selection: Selection,
        before: int | None = None,
        after: int | None = None,
    ) -> None:
        """Read squares from the store, then hand them over: a page below an id, or above one."""
        ...

    def read_log(self, job: str) -> AsyncIterator[LogLine]:
        """The lines of a job's log; raises EngineError."""
        ...
