"""The classical notation of Graeco-Latin squares: `A0 B1 C2 ...`, one row a line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # What only writes them need not import what reads records.
    from solver.records import Rows


def letters(symbol: int) -> str:
    """A to Z, then AA, AB, ...: a name for each symbol from 0."""
    name = ""
    symbol += 1
    while symbol > 0:
        symbol, digit = divmod(symbol - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def cells(squares: "Sequence[Rows]") -> list[list[str]]:
    """Each cell's name, row by row: the first square's letters, then the others' numbers."""
    return [
        [
            letters(cell[0]) + ".".join(str(symbol) for symbol in cell[1:])
            for cell in zip(*rows, strict=True)
        ]
        for rows in zip(*squares, strict=True)
    ]


def grid(squares: "Sequence[Rows]") -> str:
    """The whole set for a person to read; columns line up."""
    names_of = cells(squares)
    width = max(len(cell) for row in names_of for cell in row)
    return "\n".join(" ".join(cell.ljust(width) for cell in row).rstrip() for row in names_of)
