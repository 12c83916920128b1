"""Work that goes on beside the keys."""

from collections.abc import Awaitable, Callable
from typing import cast

from textual.dom import DOMNode
from textual.worker import WorkType


def begin(
    node: DOMNode, work: Callable[[], Awaitable[None]], group: str, *, exclusive: bool = False
) -> None:
    """Have a screen, or the application, do it until it ends; `exclusive`: alone of its group.

    What is cancelled before its first step is never called: of a coroutine that was made and not
    awaited Python would warn.
    """
    # Textual's own type does not tell what a call gives from what its coroutine gives.
    node.run_worker(cast("WorkType[None]", work), group=group, exclusive=exclusive)
