"""What each action does. A handler takes the context and the rest of a command ('' for a key)."""

from tui.console.handlers import (
    dump,
    images,
    jobs,
    machines,
    move,
    nodes,
    provisioning,
    slack,
    view,
)
from tui.console.handlers.registry import HANDLERS, HandlerContext

__all__ = [
    "HANDLERS",
    "HandlerContext",
    "dump",
    "images",
    "jobs",
    "machines",
    "move",
    "nodes",
    "provisioning",
    "slack",
    "view",
]
