"""Colours, glyphs and the styles built of them; a colour never stands without glyph or word."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.theme import Theme

from results.reports import UnitState
from swarm.engine import JobState, NodeView, TaskState
from tui.console.render.palette import Depth, chosen

PALETTE = chosen()
SYMBOLS = PALETTE.symbols
RAISED = PALETTE.raised
CURSOR = PALETTE.cursor
LINE = PALETTE.line
QUIET = PALETTE.quiet
TEXT = PALETTE.text
BRIGHT = PALETTE.bright
ACCENT = PALETTE.accent
GREEN = PALETTE.green
BLUE = PALETTE.blue
AMBER = PALETTE.amber
RED = PALETTE.red
BACKGROUND = PALETTE.background
_CHOSEN_TEXT, _CHOSEN = PALETTE.chosen
_COLOURLESS = PALETTE.depth is Depth.NONE
_FEW = PALETTE.depth in (Depth.ANSI, Depth.NONE)

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
MATCH = Style(color=BACKGROUND, bgcolor=AMBER, bold=True, reverse=_COLOURLESS or None)
PILL = f"bold {BACKGROUND} on {AMBER}{' reverse' if _COLOURLESS else ''}"
ROW_CURSOR = Style(bgcolor=CURSOR, reverse=_COLOURLESS or None)
PANE = Style(color=TEXT, bgcolor=BACKGROUND)
EDGE = Style(color=TEXT, bgcolor=RAISED)

THEME = Theme(
    name="squarm",
    dark=PALETTE.dark,
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
        "focus-border": "heavy" if _COLOURLESS else "round",
        "veil": "100%" if _FEW else "60%",
        "chosen": _CHOSEN,
        "chosen-text": _CHOSEN_TEXT,
        "chosen-style": "bold reverse" if _COLOURLESS else "bold",
        "field": RAISED if _FEW else CURSOR,
        "field-style": "underline" if _FEW else "none",
        "input-cursor-background": _CHOSEN,
        "input-cursor-foreground": _CHOSEN_TEXT,
        "input-cursor-text-style": "reverse" if _COLOURLESS else "none",
        "input-selection-background": RAISED if _FEW else LINE,
        "scrollbar": LINE,
        "scrollbar-hover": QUIET,
        "scrollbar-active": QUIET,
        "scrollbar-background": BACKGROUND,
        "scrollbar-background-hover": BACKGROUND,
        "scrollbar-background-active": BACKGROUND,
        "block-cursor-background": CURSOR,
        "block-cursor-foreground": PALETTE.on_cursor or BRIGHT,
        "block-cursor-text-style": "reverse" if _COLOURLESS else "none",
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


def on_cursor(segments: Iterable[Segment]) -> list[Segment]:
    """What is under the cursor: in its own colours, where these can be read there."""
    if not PALETTE.on_cursor:
        return list(Segment.apply_style(segments, ROW_CURSOR))
    ink = ROW_CURSOR + Style(color=PALETTE.on_cursor)
    return [
        Segment(text, ink + Style(bold=True) if style and style.bold else ink)
        for text, style, _ in segments
    ]
