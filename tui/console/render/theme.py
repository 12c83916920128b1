"""Colours, glyphs and the styles built of them; a colour never stands without glyph or word."""

from rich.style import Style
from textual.theme import Theme

from results.reports import UnitState
from swarm.engine import JobState, NodeView, TaskState

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

JOB_GLYPHS: dict[JobState, tuple[str, Style]] = {
    JobState.PENDING: ("○", WARN),
    JobState.RUNNING: ("●", GOOD),
    JobState.INTERRUPTED: ("‖", WARN),
    JobState.CANCELLED: ("■", DIM),
    JobState.FAILED: ("✗", BAD),
    JobState.COMPLETE: ("✓", DONE),
}
TASK_GLYPHS: dict[TaskState, tuple[str, Style]] = {
    TaskState.PENDING: ("○", WARN),
    TaskState.RUNNING: ("●", GOOD),
    TaskState.COMPLETE: ("✓", DONE),
    TaskState.FAILED: ("✗", BAD),
    TaskState.STOPPED: ("■", DIM),
}
UNIT_GLYPHS: dict[UnitState, tuple[str, Style]] = {
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
