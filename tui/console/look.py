"""Colours, glyphs and the styles built of them; a colour never stands without glyph or word."""

import math
from functools import cache

from rich.style import Style
from textual.theme import Theme

from swarm.engine import JobState, NodeView, TaskState
from swarm.report import UnitState

BACKGROUND = "#10141b"
RAISED = "#19202b"
CURSOR = "#232c3b"
LINE = "#364152"
QUIET = "#8390a4"
TEXT = "#c6cfdc"
BRIGHT = "#f1f4f8"
ACCENT = "#ff6f9c"
GREEN = "#7fd08c"
BLUE = "#6db8ff"
AMBER = "#e8b55f"
RED = "#ff7b66"

PLAIN = Style(color=TEXT)
DIM = Style(color=QUIET)
FAINT = Style(color=LINE)
STRONG = Style(color=BRIGHT, bold=True)
VALUE = Style(color=BRIGHT)
KEY = Style(color=ACCENT, bold=True)
HEAD = Style(color=QUIET)
GOOD = Style(color=GREEN)
DONE = Style(color=BLUE)
WARN = Style(color=AMBER)
BAD = Style(color=RED)
ROW_CURSOR = Style(bgcolor=CURSOR)
PANE = Style(color=TEXT, bgcolor=BACKGROUND)
EDGE = Style(color=TEXT, bgcolor=RAISED)

THEME = Theme(
    name="squarm",
    primary=ACCENT,
    secondary=BLUE,
    accent=ACCENT,
    foreground=TEXT,
    background=BACKGROUND,
    surface=BACKGROUND,
    panel=RAISED,
    success=GREEN,
    warning=AMBER,
    error=RED,
    variables={
        "line": LINE,
        "quiet": QUIET,
        "bright": BRIGHT,
        "raised": RAISED,
        "cursor": CURSOR,
        "input-cursor-background": ACCENT,
        "input-cursor-foreground": BACKGROUND,
        "input-selection-background": LINE,
        "scrollbar": LINE,
        "scrollbar-hover": QUIET,
        "scrollbar-active": QUIET,
        "scrollbar-background": BACKGROUND,
        "scrollbar-background-hover": BACKGROUND,
        "scrollbar-background-active": BACKGROUND,
        "block-cursor-background": CURSOR,
        "block-cursor-foreground": BRIGHT,
        "block-cursor-text-style": "none",
    },
)

JOB_LOOK: dict[JobState, tuple[str, Style]] = {
    JobState.PENDING: ("○", WARN),
    JobState.RUNNING: ("●", GOOD),
    JobState.INTERRUPTED: ("‖", WARN),
    JobState.CANCELLED: ("■", DIM),
    JobState.FAILED: ("✗", BAD),
    JobState.COMPLETE: ("✓", DONE),
}
TASK_LOOK: dict[TaskState, tuple[str, Style]] = {
    TaskState.PENDING: ("○", WARN),
    TaskState.RUNNING: ("●", GOOD),
    TaskState.COMPLETE: ("✓", DONE),
    TaskState.FAILED: ("✗", BAD),
    TaskState.STOPPED: ("■", DIM),
}
UNIT_LOOK: dict[UnitState, tuple[str, Style]] = {
    UnitState.WAITING: ("○", DIM),
    UnitState.RUNNING: ("●", GOOD),
    UnitState.COMPLETE: ("✓", DONE),
    UnitState.GAP: ("▲", WARN),
}


def node_is_up(node: NodeView) -> bool:
    """True where the node answers, whether or not it takes tasks."""
    return node.state == "ready"


def load_style(share: float) -> Style:
    """The style of a load from 0 to 1: calm, then amber, then red."""
    if share < 0.75:
        return GOOD
    return WARN if share < 0.92 else BAD


@cache
def hue(symbol: int, order: int, lightness: float, chroma: float) -> str:
    """The colour of one symbol of `order`: hues evenly apart, all equally light (OKLCH)."""
    angle = math.radians(20 + 360 * (symbol % order) / order)
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return "#" + "".join(f"{_gamma(channel):02x}" for channel in (red, green, blue))


def _gamma(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    curve = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(curve * 255)
