"""The colours of the console, made anew for each depth of colour that terminals have.

Chosen once, before anything is imported that draws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

from rich.style import Style

from base.colours import hue

T = TypeVar("T")


class Depth(Enum):
    """How many colours a terminal shows; the value is Rich's name."""

    TRUE = "truecolor"
    XTERM = "256"
    ANSI = "standard"
    NONE = "none"


class Symbols:
    """The styles of symbols, as true colours: hues evenly apart, all equally light."""

    def small(self, first: int, last: int, order: int) -> tuple[Style, Style]:
        """Of a cell's letter and of its number, by the symbols of its first and last square."""
        under = hue(first, order, 0.33, 0.07)
        return (
            Style(color=hue(first, order, 0.83, 0.10), bgcolor=under),
            Style(color=hue(last, order, 0.83, 0.12), bgcolor=under),
        )

    def large(self, first: int, last: int, order: int) -> tuple[Style, Style]:
        """Of a large cell's edge and of the block in it."""
        return (
            Style(bgcolor=hue(first, order, 0.42, 0.085)),
            Style(color="#10141b", bgcolor=hue(last, order, 0.80, 0.10), bold=True),
        )

    def job(self, number: int, jobs: int) -> Style:
        """Of a task's cell, by its job."""
        return Style(
            color=hue(number, jobs, 0.92, 0.05), bgcolor=hue(number, jobs, 0.42, 0.10), bold=True
        )

    def job_mark(self, number: int, jobs: int) -> str:
        """The colour that names a job."""
        return hue(number, jobs, 0.60, 0.12)


class RingSymbols(Symbols):
    """Styles from rings of ten; of larger orders every tenth symbol has the same."""

    def __init__(
        self, under: Sequence[str], ink: Sequence[str], block: Sequence[tuple[str, str]]
    ) -> None:
        self._under = under
        self._ink = ink
        self._block = block

    def small(self, first: int, last: int, _order: int) -> tuple[Style, Style]:
        """Both on the first symbol's background."""
        under = _of(self._under, first)
        return (
            Style(color=_of(self._ink, first), bgcolor=under),
            Style(color=_of(self._ink, last), bgcolor=under),
        )

    def large(self, first: int, last: int, _order: int) -> tuple[Style, Style]:
        """The block is the last symbol's."""
        color, bgcolor = _of(self._block, last)
        return Style(bgcolor=_of(self._under, first)), Style(
            color=color, bgcolor=bgcolor, bold=True
        )

    def job(self, number: int, _jobs: int) -> Style:
        """As the block of a symbol."""
        color, bgcolor = _of(self._block, number)
        return Style(color=color, bgcolor=bgcolor, bold=True)

    def job_mark(self, number: int, _jobs: int) -> str:
        """The background of a job's cells, or what is written on it where that is black."""
        color, bgcolor = _of(self._block, number)
        return color if bgcolor == "#000000" else bgcolor


class PairSymbols(RingSymbols):
    """Where backgrounds are too few for a free choice of what is written on them."""

    def small(self, first: int, _last: int, _order: int) -> tuple[Style, Style]:
        """Letter and number in the first symbol's pair of colours."""
        color, bgcolor = _of(self._block, first)
        style = Style(color=color, bgcolor=bgcolor)
        return style, style


class PlainSymbols(Symbols):
    """No colours: the names of the cells tell them apart."""

    def small(self, _first: int, _last: int, _order: int) -> tuple[Style, Style]:
        """The letter stands out."""
        return Style(bold=True), Style()

    def large(self, _first: int, _last: int, _order: int) -> tuple[Style, Style]:
        """The block stands out."""
        return Style(), Style(reverse=True, bold=True)

    def job(self, _number: int, _jobs: int) -> Style:
        """Its units' numbers stand out."""
        return Style(reverse=True)

    def job_mark(self, _number: int, _jobs: int) -> str:
        """None that would differ."""
        return "#c6cfdc"


def _of(ring: Sequence[T], symbol: int) -> T:
    return ring[symbol % len(ring)]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for; `on_cursor` is what is written on the cursor's row.

    '' there: each in its own colour. `chosen` are the colours of what a key would press.
    """

    depth: Depth
    background: str
    raised: str
    cursor: str
    line: str
    quiet: str
    text: str
    bright: str
    accent: str
    green: str
    blue: str
    amber: str
    red: str
    chosen: tuple[str, str]
    symbols: Symbols
    on_cursor: str = ""
    dark: bool = True


TRUE = Palette(
    depth=Depth.TRUE,
    background="#10141b",
    raised="#19202b",
    cursor="#232c3b",
    line="#364152",
    quiet="#8390a4",
    text="#c6cfdc",
    bright="#f1f4f8",
    accent="#ff6f9c",
    green="#7fd08c",
    blue="#6db8ff",
    amber="#e8b55f",
    red="#ff7b66",
    chosen=("#10141b", "#ff6f9c"),
    symbols=Symbols(),
)
# Colours of xterm's cube and its greys only, which Rich finds again.
_XTERM_BLOCKS = [
    "#ff8787",
    "#ffaf5f",
    "#ffd75f",
    "#afd75f",
    "#87d787",
    "#5fd7af",
    "#5fd7d7",
    "#5fafff",
    "#af87ff",
    "#ff87d7",
]
XTERM = Palette(
    depth=Depth.XTERM,
    background="#121212",
    raised="#1c1c1c",
    cursor="#303030",
    line="#585858",
    quiet="#9e9e9e",
    text="#d0d0d0",
    bright="#eeeeee",
    accent="#ff87af",
    green="#87d787",
    blue="#5fafff",
    amber="#ffaf5f",
    red="#ff8787",
    chosen=("#121212", "#ff87af"),
    symbols=RingSymbols(
        [
            "#870000",
            "#5f5f00",
            "#005f00",
            "#005f5f",
            "#005f87",
            "#000087",
            "#5f00af",
            "#5f005f",
            "#87005f",
            "#4e4e4e",
        ],
        [
            "#ffd7d7",
            "#ffd7af",
            "#ffff87",
            "#d7ff87",
            "#87ff87",
            "#afffd7",
            "#87ffff",
            "#d7d7ff",
            "#ffd7ff",
            "#ffffff",
        ],
        [("#000000", block) for block in _XTERM_BLOCKS],
    ),
)
# The console of Linux has eight backgrounds. Ten cells are told apart by pairs.
_ANSI_PAIRS = (
    ("#ffffff", "#aa0000"),
    ("#000000", "#00aa00"),
    ("#000000", "#aa5500"),
    ("#ffffff", "#0000aa"),
    ("#ffffff", "#aa00aa"),
    ("#000000", "#00aaaa"),
    ("#000000", "#aaaaaa"),
    ("#ff5555", "#000000"),
    ("#55ff55", "#000000"),
    ("#ffff55", "#000000"),
)
ANSI = Palette(
    depth=Depth.ANSI,
    background="#000000",
    raised="#000000",
    cursor="#aaaaaa",
    line="#aaaaaa",
    quiet="#aaaaaa",
    text="#aaaaaa",
    bright="#ffffff",
    accent="#ff55ff",
    green="#55ff55",
    blue="#55ffff",
    amber="#ffff55",
    red="#ff5555",
    chosen=("#000000", "#aaaaaa"),
    symbols=PairSymbols([under for _, under in _ANSI_PAIRS], (), _ANSI_PAIRS),
    on_cursor="#000000",
)
NONE = Palette(
    depth=Depth.NONE,
    background="#000000",
    raised="#000000",
    cursor="#ffffff",
    line="#ffffff",
    quiet="#ffffff",
    text="#ffffff",
    bright="#ffffff",
    accent="#ffffff",
    green="#ffffff",
    blue="#ffffff",
    amber="#ffffff",
    red="#ffffff",
    chosen=("#000000", "#ffffff"),
    symbols=PlainSymbols(),
    on_cursor="#000000",
)
# These in colours of xterm's cube, for both depths.
LIGHT = replace(
    TRUE,
    dark=False,
    background="#ffffff",
    raised="#eeeeee",
    cursor="#d7d7ff",
    line="#b2b2b2",
    quiet="#5f5f5f",
    text="#303030",
    bright="#000000",
    accent="#af005f",
    green="#005f00",
    blue="#005faf",
    amber="#5f5f00",
    red="#af0000",
    chosen=("#ffffff", "#af005f"),
)
CONTRAST = replace(
    TRUE,
    background="#000000",
    raised="#000000",
    cursor="#00005f",
    line="#ffffff",
    quiet="#d7d7d7",
    text="#ffffff",
    bright="#ffffff",
    accent="#ffafff",
    green="#5fff5f",
    blue="#87d7ff",
    amber="#ffd700",
    red="#ff8787",
    chosen=("#000000", "#ffafff"),
)
_BY_DEPTH = {palette.depth: palette for palette in (TRUE, XTERM, ANSI, NONE)}
_THEMES = {"light": LIGHT, "contrast": CONTRAST}


def palette(
    depth: Depth, theme: str = "dark", own: Mapping[str, str] = MappingProxyType({})
) -> Palette:
    """The colours of a theme at a depth, `own` ones among them; of sixteen there is one theme."""
    usual = _BY_DEPTH[depth]
    if depth in (Depth.ANSI, Depth.NONE):
        return usual
    shown = usual
    if theme in _THEMES:
        shown = replace(_THEMES[theme], depth=depth, symbols=usual.symbols)
    if not own:
        return shown
    shown = replace(shown, **own)  # type: ignore[arg-type]  # colours by their names
    return replace(shown, chosen=(shown.background, shown.accent))


_chosen = [TRUE]


def choose(palette: Palette) -> None:
    """Draw in these colours; for modules that are imported from now on."""
    _chosen[0] = palette


def chosen() -> Palette:
    """The colours to draw in."""
    return _chosen[0]
