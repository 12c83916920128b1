"""Lines of a page: a label and its value."""

import time

from rich.style import Style

from tui.console.render.spans import Line
from tui.console.render.theme import DIM, PLAIN

LABEL = 16


def labelled(label: str, value: str, style: Style = PLAIN, width: int = LABEL) -> Line:
    """A value behind its label, which takes `width` cells."""
    return [(label.ljust(width), DIM), (value, style)]


def moment(seconds: float) -> str:
    """Day and time of day, by this machine's clock; '' for none."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else ""
