"""Pictures for Slack: a square in the console's colours, and the console's screen itself."""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from base.colours import hue
from chat.message import TextRun
from solver.formats.notation import cells
from solver.records import Rows

BACKGROUND = "#10141b"
TEXT = "#c6cfdc"
_MARGIN = 24
_CELL = 60
_INSIDE = 13
_LETTERS = 20
_WIDEST = 3 * _CELL
_SCREEN_LETTERS = 15
_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeMono.ttf",
)
_MOST_CELLS = 400 * 120
"""Of a screen: larger ones are no terminal's."""


def square_png(squares: Sequence[Rows]) -> bytes:
    """The set as the console draws it large: one square's colour outside, the other's inside."""
    order = len(squares[0])
    names_of = cells(squares)
    font = ImageFont.load_default(_LETTERS)
    widest = max(font.getlength(name) for row in names_of for name in row)
    if widest > _WIDEST:
        # A set of dozens of squares: only two of them have a colour, and no cell holds the names.
        names_of, widest = [[""] * order] * order, 0.0
    wide = max(_CELL, round(widest) + 2 * _INSIDE + 8)
    size = (2 * _MARGIN + order * wide, 2 * _MARGIN + order * _CELL)
    image = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    for row, names in enumerate(names_of):
        for column, name in enumerate(names):
            left, top = _MARGIN + column * wide, _MARGIN + row * _CELL
            outer = hue(squares[0][row][column], order, 0.42, 0.085)
            inner = hue(squares[-1][row][column], order, 0.80, 0.10)
            draw.rectangle((left, top, left + wide - 1, top + _CELL - 1), fill=outer)
            right, bottom = left + wide - 1 - _INSIDE, top + _CELL - 1 - _INSIDE
            draw.rectangle((left + _INSIDE, top + _INSIDE, right, bottom), fill=inner)
            centre = (left + wide / 2, top + _CELL / 2)
            draw.text(centre, name, fill=BACKGROUND, font=font, anchor="mm")
    return _png(image)


def can_draw_screens() -> bool:
    """True where this machine has a monospace font with the signs that the console uses."""
    return _mono() is not None


def screen_png(rows: Sequence[Sequence[TextRun]]) -> bytes:
    """A screen, cell by cell; needs `can_draw_screens`."""
    font = _mono()
    if font is None:
        raise ValueError("no monospace font")
    wide = round(font.getlength("M"))
    ascent, descent = font.getmetrics()
    tall = ascent + descent
    columns = max((sum(len(run.text) for run in row) for row in rows), default=1)
    columns = min(columns, _MOST_CELLS // max(1, len(rows)))
    image = Image.new("RGB", (max(1, columns) * wide, max(1, len(rows)) * tall), BACKGROUND)
    draw = ImageDraw.Draw(image)
    for line, row in enumerate(rows):
        column = 0
        for run in row:
            left, top = column * wide, line * tall
            if run.background:
                right = left + len(run.text) * wide - 1
                draw.rectangle((left, top, right, top + tall - 1), fill=run.background)
            # One at a time: a wide sign must not push the others out of their columns.
            for place, sign in enumerate(run.text):
                if not sign.isspace():
                    at = (left + place * wide, top)
                    draw.text(at, sign, fill=run.colour or TEXT, font=font)
            column += len(run.text)
    return _png(image)


@cache
def _mono() -> ImageFont.FreeTypeFont | None:
    path = next((path for path in _FONTS if Path(path).exists()), None)
    return ImageFont.truetype(path, _SCREEN_LETTERS) if path else None


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    # Few flat colours: a palette halves the file.
    image.quantize(colors=256).save(out, "PNG", optimize=True)
    return out.getvalue()
