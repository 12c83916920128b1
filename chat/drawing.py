"""The console's screen as a picture, for Slack."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from chat.message import TextRun
from results.pictures import BACKGROUND, png

TEXT = "#c6cfdc"
_SCREEN_LETTERS = 15
_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeMono.ttf",
)
_MOST_CELLS = 400 * 120
"""Of a screen: larger ones are no terminal's."""


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
    return png(image)


@cache
def _mono() -> ImageFont.FreeTypeFont | None:
    path = next((path for path in _FONTS if Path(path).exists()), None)
    return ImageFont.truetype(path, _SCREEN_LETTERS) if path else None
