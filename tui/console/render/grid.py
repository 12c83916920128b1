"""Orthogonal squares as pictures: letters tinted by one square, numbers coloured by the other."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from solver.formats.notation import letters
from tui.console.render.theme import SYMBOLS

if TYPE_CHECKING:
    # What draws squares need not import what reads records.
    from solver.records import Rows

GridLine = list[Segment]
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


def tile_lines(squares: "Sequence[Rows]") -> list[GridLine]:
    """A small picture, one line a row: ` A0 E7 B8 …`."""
    width = name_width(squares)
    return [
        [
            part
            for cell in zip(*rows, strict=True)
            for part in _small_cell(cell, len(rows[0]), width)
        ]
        for rows in zip(*squares, strict=True)
    ]


def picture_lines(squares: "Sequence[Rows]", width: int, height: int) -> list[GridLine]:
    """The largest picture for a space: nested colours where there is room, else a small one."""
    order = len(squares[0])
    room = name_width(squares) + 2
    for cell_w, cell_h, inner_w, inner_h in _SIZES:
        grown = max(0, room - inner_w)
        if (cell_w + grown) * order <= width and cell_h * order <= height:
            return _large(squares, (cell_w + grown, cell_h), (inner_w + grown, inner_h))
    return tile_lines(squares)


def _large(
    squares: "Sequence[Rows]", outside: tuple[int, int], inside: tuple[int, int]
) -> list[GridLine]:
    order = len(squares[0])
    lines: list[GridLine] = []
    left = (outside[0] - inside[0]) // 2
    first = (outside[1] - inside[1]) // 2
    for rows in zip(*squares, strict=True):
        for y in range(outside[1]):
            line: GridLine = []
            for cell in zip(*rows, strict=True):
                outer, inner = _large_styles(cell, order)
                if first <= y < first + inside[1]:
                    name = _name(cell) if y == first + (inside[1] - 1) // 2 else ""
                    line += [
                        Segment(" " * left, outer),
                        Segment(name.center(inside[0]), inner),
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
