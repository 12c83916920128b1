"""Every palette can be read, and a terminal is sent nothing that it cannot show."""

import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from base.errors import UsageError
from tests.tui.console.terminal import terminal
from tui.console.render.palette import ANSI, NONE, TRUE, XTERM, Depth, Palette, palette
from tui.console.terminal.capability import depth, glyphs

READABLE = 4.5
"""Of WCAG 2.1, for text; what is only quieter may have a little less."""
Rgb = tuple[int, int, int]
XTERM_ANSI: Sequence[Rgb] = [
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0)),
    *((0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0)),
    *((92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255)),
]
"""What xterm makes of the sixteen."""
_FEW = re.compile(r"\x1b\[[\d;]*[34]8;")
_SGR = re.compile(r"\x1b\[([\d;]*)m")


def shown(color: str | Color | None, palette: Palette, ansi: Sequence[Rgb] | None = None) -> Rgb:
    """The colour that a terminal of that depth makes of this one."""
    assert color is not None
    color = Color.parse(color) if isinstance(color, str) else color
    less = color.downgrade(ColorSystem[_SYSTEMS[palette.depth]])
    if ansi is not None and less.number is not None:
        return ansi[less.number]
    red, green, blue = less.get_truecolor()
    if palette.depth is Depth.ANSI:
        # Rich has another idea of these than the palette was made for.
        red, green, blue = color.get_truecolor()
    return red, green, blue


_SYSTEMS = {Depth.TRUE: "TRUECOLOR", Depth.XTERM: "EIGHT_BIT", Depth.ANSI: "STANDARD"}


def luminance(rgb: Rgb) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


COLOURED = [
    *((TRUE, None), (XTERM, None), (ANSI, None), (ANSI, XTERM_ANSI)),
    *((palette(d, t), None) for t in ("light", "contrast") for d in (Depth.TRUE, Depth.XTERM)),
]


@pytest.mark.parametrize(("colours", "ansi"), COLOURED)
def test_text_can_be_read_on_every_background(colours: Palette, ansi: Sequence[Rgb] | None) -> None:
    p = colours
    inks = [p.text, p.bright, p.accent, p.green, p.blue, p.amber, p.red, p.quiet]
    pairs = [*product(inks, (p.background, p.raised)), p.chosen, (p.background, p.amber)]
    pairs += product([p.on_cursor] if p.on_cursor else inks, [p.cursor])
    for ink, under in pairs:
        least = 4.0 if ink == p.quiet else READABLE
        assert contrast(shown(ink, p, ansi), shown(under, p, ansi)) >= least, (ink, under)
    assert shown(p.cursor, p, ansi) != shown(p.background, p, ansi)


@pytest.mark.parametrize(("colours", "ansi"), COLOURED)
def test_ten_symbols_are_ten_different_cells_that_can_be_read(
    colours: Palette, ansi: Sequence[Rgb] | None
) -> None:
    small = [colours.symbols.small(symbol, symbol, 10)[0] for symbol in range(10)]
    blocks = [colours.symbols.large(symbol, symbol, 10)[1] for symbol in range(10)]
    for styles in (small, blocks):
        looks = {(shown(s.color, colours, ansi), shown(s.bgcolor, colours, ansi)) for s in styles}
        assert len(looks) == 10
    if colours.depth is not Depth.ANSI:
        assert len({shown(style.bgcolor, colours) for style in small}) == 10
    cells = [
        style
        for first, last in product(range(10), repeat=2)
        for style in (
            *colours.symbols.small(first, last, 10),
            colours.symbols.large(first, last, 10)[1],
            colours.symbols.job(first, 12),
        )
    ]
    for cell in cells:
        ink, under = shown(cell.color, colours, ansi), shown(cell.bgcolor, colours, ansi)
        assert contrast(ink, under) >= READABLE - (colours is ANSI), (cell, ink, under)


def test_without_colours_styles_have_none() -> None:
    styles = [NONE.symbols.small(1, 2, 10), NONE.symbols.large(1, 2, 10)]
    assert all(s.without_color == s for pair in styles for s in pair)
    assert NONE.symbols.job(1, 12) == Style(reverse=True)


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-256color"}, Depth.XTERM),
        ({"TERM": "tmux-256color"}, Depth.XTERM),
        ({"TERM": "linux"}, Depth.ANSI),
        ({"TERM": "screen"}, Depth.ANSI),
        ({"TERM": "vt220"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "COLORTERM": "24bit"}, Depth.NONE),
    ],
)
def test_the_depth_is_what_the_terminal_says(environ: dict[str, str], known: Depth) -> None:
    assert depth(environ) is known
    assert palette(known).depth is known


def test_a_terminal_without_a_screen_is_told_of_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="TERM=dumb names no terminal"):
        depth({"TERM": "dumb", "COLORTERM": "truecolor"})


def test_without_utf8_all_is_ascii() -> None:
    table = glyphs({"LC_ALL": "de_DE.ISO-8859-1", "TERM": "xterm"})
    assert "╭─ ● Nodes ▲ 漢 ░".translate(table) == "+- * Nodes ! ?? ?"
    assert "●".translate(glyphs({"LANG": "C.UTF-8", "TERM": "xterm"})) == "●"
    assert "╭━╯".translate(glyphs({"LANG": "C.UTF-8", "TERM": "linux"})) == "┌═┘"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_a_language_without_utf8_is_drawn_in_ascii(tmp_path: Path, language: str) -> None:
    """Also where Python itself goes on as if it were C.UTF-8."""
    spoken = {"LANG": language, "LC_ALL": "", "LC_CTYPE": ""}
    with terminal(tmp_path, environ=spoken) as console:
        console.until(lambda screen: "+- 1 Nodes" in screen and "No jobs yet" in screen)
        assert console.output.isascii()


@pytest.mark.slow
@pytest.mark.parametrize("environ", [{}, {"TERM": "linux"}, {"NO_COLOR": "1"}], ids=str)
def test_a_terminal_is_sent_only_what_it_can_show(tmp_path: Path, environ: dict[str, str]) -> None:
    with terminal(tmp_path, environ={"COLORTERM": "", **environ}) as console:
        console.until(lambda screen: "No jobs yet" in screen)
        console.type("?")
        console.until(lambda screen: "Start a search." in screen)
        sent = console.output.decode(errors="replace")
        assert "38;2;" not in sent
        codes = {code for codes in _SGR.findall(sent) for code in codes.split(";")}
        if environ:
            assert not _FEW.search(sent)
        if "NO_COLOR" in environ:
            assert codes <= {"", "0", "1", "2", "4", "7"}


def test_a_dumb_terminal_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with terminal(tmp_path, environ={"TERM": "dumb"}) as console:
        assert console.ended() == 2
        assert "TERM=dumb names no terminal" in console.screen()
        assert "\x1b" not in console.output.decode()
