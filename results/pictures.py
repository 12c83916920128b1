"""Sets of squares as pictures in the console's colours: PNG and SVG."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from base.colours import hue
from base.errors import UsageError
from solver.formats.notation import cells

if TYPE_CHECKING:
    from PIL import Image

    from solver.classes.places import Cells
    from solver.records import Rows

BACKGROUND = "#10141b"
_UNLIT = "#19202b"
_QUIET = "#8390a4"
_MARGIN = 24
_CELL = 60
_INSIDE = 13
_LETTERS = 20
_LETTER = 12.0
"""How wide a letter of an SVG is: that of a common monospace font."""
_WIDEST = 3 * _CELL
LARGEST_PNG = 50
"""The greatest order of which there is one: nine megapixels."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A set of squares to be drawn: of `lit` cells, the others are dimmed; None lights all."""

    squares: "Sequence[Rows]"
    lit: "Cells | None" = None


@dataclass(frozen=True, slots=True)
class _Cell:
    left: int
    top: int
    width: int
    name: str
    outer: str
    inner: str
    ink: str


def square_png(*grids: Grid) -> bytes:
    """Grids side by side: one square's colour outside, the other's inside.

    Raises UsageError above order 50.
    """
    order = max(len(grid.squares[0]) for grid in grids)
    if order > LARGEST_PNG:
        raise UsageError(
            f"A picture of order {order} takes more memory than there may be: name a .svg file, "
            f"or .txt; .png goes to order {LARGEST_PNG}."
        )
    # Pillow is imported by what draws, and only there.
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(_LETTERS)
    drawn, size = _laid_out(grids, font.getlength)
    image = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    for each in drawn:
        right, bottom = each.left + each.width - 1, each.top + _CELL - 1
        draw.rectangle((each.left, each.top, right, bottom), fill=each.outer)
        inside = (each.left + _INSIDE, each.top + _INSIDE, right - _INSIDE, bottom - _INSIDE)
        draw.rectangle(inside, fill=each.inner)
        centre = (each.left + each.width / 2, each.top + _CELL / 2)
        draw.text(centre, each.name, fill=each.ink, font=font, anchor="mm")
    return png(image)


def square_svg(*grids: Grid) -> str:
    """The same as `square_png`, in lines that can be drawn at any size."""
    drawn, (width, height) = _laid_out(grids, lambda name: _LETTER * len(name))
    font = f'font-family="monospace" font-size="{_LETTERS}" text-anchor="middle"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font}>',
        _rect(0, 0, width, height, BACKGROUND),
    ]
    for each in drawn:
        left, top, wide = each.left, each.top, each.width
        centre = f'x="{left + wide / 2:g}" y="{top + _CELL / 2:g}" dy="0.35em"'
        lines += [
            _rect(left, top, wide, _CELL, each.outer),
            _rect(
                left + _INSIDE, top + _INSIDE, wide - 2 * _INSIDE, _CELL - 2 * _INSIDE, each.inner
            ),
            f'<text {centre} fill="{each.ink}">{each.name}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def _rect(left: int, top: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{fill}"/>'


def png(image: "Image.Image") -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    # Few flat colours: a palette halves the file.
    image.quantize(colors=256).save(out, "PNG", optimize=True)
    return out.getvalue()


def _laid_out(
    grids: Sequence[Grid], length: Callable[[str], float]
) -> tuple[list[_Cell], tuple[int, int]]:
    """The cells of all grids, and how large the whole is."""
    drawn: list[_Cell] = []
    left, tallest = _MARGIN, 0
    for grid in grids:
        names_of = cells(grid.squares)
        widest = max(length(name) for row in names_of for name in row)
        if widest > _WIDEST:
            # Of dozens of squares only two have a colour, and no cell holds the names.
            names_of, widest = [[""] * len(names_of)] * len(names_of), 0.0
        wide = max(_CELL, round(widest) + 2 * _INSIDE + 8)
        drawn += [
            _cell(grid, row, column, name, (left + column * wide, wide))
            for row, names in enumerate(names_of)
            for column, name in enumerate(names)
        ]
        left += len(names_of) * wide + _MARGIN
        tallest = max(tallest, len(names_of))
    return drawn, (left, 2 * _MARGIN + tallest * _CELL)


def _cell(grid: Grid, row: int, column: int, name: str, place: tuple[int, int]) -> _Cell:
    left, wide = place
    top = _MARGIN + row * _CELL
    if grid.lit is not None and (row, column) not in grid.lit:
        return _Cell(left, top, wide, name, _UNLIT, BACKGROUND, _QUIET)
    order = len(grid.squares[0])
    outer = hue(grid.squares[0][row][column], order, 0.42, 0.085)
    inner = hue(grid.squares[-1][row][column], order, 0.80, 0.10)
    return _Cell(left, top, wide, name, outer, inner, BACKGROUND)
