"""What a terminal can show, by what it says of itself in the environment."""

from collections.abc import Mapping
from pathlib import Path

from rich.cells import get_character_cell_size

from base.errors import UsageError
from tui.console.render.palette import Depth

_TRUE = frozenset({"truecolor", "24bit"})
_WANTED = {"true": Depth.TRUE, "256": Depth.XTERM, "16": Depth.ANSI, "none": Depth.NONE}
_ASCII = {
    "─": "-", "━": "=", "╍": "~", "╌": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
    "┏": "+", "┓": "+", "┗": "+", "┛": "+", "┃": "|",
    "▔": "-", "▁": "_", "▂": "_", "▃": ".", "▄": ".", "▅": ":", "▆": "#", "▇": "#", "█": "#",
    "▌": ">", "▐": "|", "▎": "|", "▊": "|", "✓": "v", "✗": "x", "✚": "+", "▲": "!", "△": "^",
    "●": "*", "○": "o", "◌": ".", "◉": "@", "◐": "%", "■": "#", "‖": "=", "◷": "@", "…": "~",
    "—": "-", "·": ".", "°": " ", "⏎": ">", "↑": "^", "↓": "v", "←": "<", "→": ">",
}  # fmt: skip
_CODE_PAGE = {
    **_ASCII,
    **{glyph: glyph for glyph in "─│■▌█▄●○▲↑↓←→·°"},
    "╭": "┌", "╮": "┐", "╰": "└", "╯": "┘", "━": "═", "▃": "▄", "▅": "▄", "▆": "█", "▇": "█",
    "▁": "_", "▂": "_", "✓": "√",
}  # fmt: skip
"""What the fonts of Linux's own console have, which hold 256 or 512 characters."""


class _Ascii(dict[int, str]):
    """All else as question marks, as wide as it was."""

    def __missing__(self, code: int) -> str:
        return chr(code) if code < 128 else "?" * get_character_cell_size(chr(code))


def depth(environ: Mapping[str, str], wanted: str = "auto") -> Depth:
    """How many colours there are, or are `wanted`; raises UsageError where there is no screen."""
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        raise UsageError(
            f"TERM={term} names no terminal that the console could be drawn in: set TERM to what "
            "yours is, such as xterm-256color; squarm --help shows what works without a console."
        )
    if wanted != "auto":
        return _WANTED[wanted]
    if environ.get("NO_COLOR"):
        return Depth.NONE
    if environ.get("COLORTERM", "").strip().lower() in _TRUE or term.endswith("-direct"):
        return Depth.TRUE
    if term.endswith(("-256color", "-kitty")):
        return Depth.XTERM
    return Depth.NONE if term.startswith("vt") or term.endswith("-mono") else Depth.ANSI


def begun_with(
    environ: Mapping[str, str], begun: Path = Path("/proc/self/environ")
) -> Mapping[str, str]:
    """The environment with the LC_CTYPE that this process was begun with.

    Where the language is C, Python itself writes C.UTF-8 there (PEP 538).
    """
    try:
        texts = begun.read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return environ
    kind = next((text for text in texts if text.startswith("LC_CTYPE=")), "")
    return {**environ, "LC_CTYPE": kind.partition("=")[2]}


def glyphs(environ: Mapping[str, str]) -> Mapping[int, str]:
    """For `str.translate`: what to show in place of characters that the terminal has not."""
    encoding = next(
        (value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name))), ""
    ).lower()
    if encoding and "utf-8" not in encoding and "utf8" not in encoding:
        return _Ascii(str.maketrans(_ASCII))
    return str.maketrans(_CODE_PAGE) if environ.get("TERM") == "linux" else {}
