"""What each action does. A handler takes the context and the rest of a command ('' for a key)."""

from tui.console.handlers import (
    cards,
    dump,
    files,
    images,
    jobs,
    log,
    machines,
    move,
    nodes,
    provisioning,
    slack,
    squares,
    view,
)
from tui.console.handlers.registry import HANDLERS, HandlerContext

__all__ = [
    "HANDLERS",
    "HandlerContext",
    "cards",
    "dump",
    "files",
    "images",
    "jobs",
    "log",
    "machines",
    "move",
    "nodes",
    "provisioning",
    "slack",
    "squares",
    "view",
]
