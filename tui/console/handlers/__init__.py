"""What each action does. A handler takes the app and the rest of a command line ('' for a key)."""

from tui.console.handlers import jobs, look, move, nodes, provision, slack
from tui.console.handlers.registry import HANDLERS

__all__ = ["HANDLERS", "jobs", "look", "move", "nodes", "provision", "slack"]
