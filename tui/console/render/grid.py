"""Orthogonal squares as pictures: letters tinted by one square, numbers coloured by the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from solver.formats.notation import letters
from tui.console.render.theme import BACKGROUND, QUIET, SYMBOLS

if TYPE_CHECKING:
    # What draws squares need not import what reads records.
    from solver.classes.places import Cells
    from solver.records import Rows

GridLine = list[Segment]
_UNLIT = Style(color=QUIET, bgcolor=BACKGROUND)
_SIZES = ((10, 4, 6, 2), (8, 4, 4, 2), (8, 3, 4, 1), (6, 3, 4, 1), (6, 2, 4, 1))
"""Width and height of a large cell, then of its inner block; the first that fits is used."""


def name_width(squares: "Sequence[Rows]") -> int:
    """How wide the widest cell name is: 2 for A0 to J9."""
    order = len(squares[0])
    numbers = (len(squares) - 1) * (len(str(order - 1)) + 1) - 1 if len(squares) > 1 else 0
    return len(letters(order - 1)) + numbers


def tile_width(squares: "Sequence[Rows]") -> int:
    """How wide a small picture is."""
    return len(squares[0]) * (name_width(squares) + 1)


@dataclass(frozen=True, slots=True)
class Light:
    """Of `lit` cells, the others are dimmed; those of `marked` stand in signs as well."""

    lit: "Cells"
    marked: "Cells"


def tile_lines(squares: "Sequence[Rows]", light: Light | None = None) -> list[GridLine]:
    """A small picture, one line a row: ` A0 E7 B8 …`; a marked cell is `*A0`."""
    order, width = len(squares[0]), name_width(squares)
    lines: list[GridLine] = []
    for row, rows in enumerate(zip(*squares, strict=True)):
        line: GridLine = []
        for column, cell in enumerate(zip(*rows, strict=True)):
            if light is None:
                line += _small_cell(cell, order, width)
            elif (row, column) not in light.lit:
                line.append(Segment(f" {_name(cell).ljust(width)}", _UNLIT))
            else:
                letter, number = _small_cell(cell, order, width)
                if (row, column) in light.marked:
                    letter = Segment(f"*{letter.text[1:]}", letter.style)
                line += [letter, number]
        lines.append(line)
    return lines


def picture_lines(
    squares: "Sequence[Rows]", width: int, height: int, light: Light | None = None
) -> list[GridLine]:
    """The largest picture for a space: nested colours where there is room, else a small one."""
    order = len(squares[0])
    room = name_width(squares) + 2
    for cell_w, cell_h, inner_w, inner_h in _SIZES:
        grown = max(0, room - inner_w)
        if (cell_w + grown) * order <= width and cell_h * order <= height:
            return _large(squares, (cell_w + grown, cell_h), (inner_w + grown, inner_h), light)
    return tile_lines(squares, light)


def _large(
    squares: "Sequence[Rows]",
    outside: tuple[int, int],
    inside: tuple[int, int],
    light: Light | None,
) -> list[GridLine]:
    order = len(squares[0])
    lines: list[GridLine] = []
    left = (outside[0] - inside[0]) // 2
    first = (outside[1] - inside[1]) // 2
    for row, rows in enumerate(zip(*squares, strict=True)):
        for y in range(outside[1]):
            line: GridLine = []
            for column, cell in enumerate(zip(*rows, strict=True)):
                outer, inner = _large_styles(cell, order)
                name = _name(cell)
                if light is not None and (row, column) not in light.lit:
                    outer = inner = _UNLIT
                elif light is not None and (row, column) in light.marked:
                    name = f"[{name}]"
                if first <= y < first + inside[1]:
                    shown = name if y == first + (inside[1] - 1) // 2 else ""
                    line += [
                        Segment(" " * left, outer),
                        Segment(shown.center(inside[0]), inner),
                        Segment(" " * (outside[0] - inside[0] - left), outer),
                    ]
                else:
                    line.append(Segment(" " * outside[0], outer))
            lines.append(line)
    return lines


def _name(cell: tuple[int, ...]) -> str:
    return letters(cell[0]) + ".".join(str(symbol) for symbol in cell[1:])


@lru_cache(1024)
def _small_cell(cell: tuple[int, ...], order: int, width: int) -> tuple[Segment, Segment]:
    of_letter, of_number = SYMBOLS.small(cell[0], cell[-1], order)
    letter = letters(cell[0])
    number = ".".join(str(symbol) for symbol in cell[1:]).ljust(width - len(letter))
    return Segment(f" {letter}", of_letter), Segment(number, of_number)


@lru_cache(1024)
def _large_styles(cell: tuple[int, ...], order: int) -> tuple[Style, Style]:
    return SYMBOLS.large(cell[0], cell[-1], order)
