"""Every action, as a page."""

from tui.console.actions import ACTIONS, by_group, key_name
from tui.console.render.spans import Line
from tui.console.render.theme import DIM, KEY, STRONG, VALUE


def help_page() -> list[Line]:
    """Every action: its keys, its command, what it does."""
    lines: list[Line] = []
    for group, actions in by_group():
        lines.append([(group, STRONG)])
        for action in actions:
            keys = " ".join(key_name(key) for key in action.keys) or f":{action.command}"
            title = f"{action.title:<14} "
            lines.append([(f"  {keys:<15} ", KEY), (title, VALUE), (action.help, DIM)])
        lines.append([])
    lines.append([("Commands, typed after : and completed by Tab", STRONG)])
    for action in ACTIONS:
        if action.command:
            usage = f":{action.command} {action.argument}"
            lines.append([(f"  {usage:<32}", KEY), (action.title, DIM)])
    return lines
