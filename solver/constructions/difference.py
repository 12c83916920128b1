"""Difference matrices, with and without blanks, and the arrays that they develop into.

Over a group G, a difference matrix has |G| columns, and the differences of any two of its rows
are all of G. With blanks ("quasi"), u of them in each row and never two in one column, it has
|G| + 2 u columns, and the differences count where neither row is blank. Adding each element of G
to each column gives an array, but for the pairs of u further symbols that the blanks stand for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import TypeAlias

from solver.constructions.arrays import Array

Element: TypeAlias = tuple[int, ...]
"""An element of a product of cyclic groups."""

Column: TypeAlias = tuple[Element | None, ...]


@dataclass(frozen=True, slots=True)
class Symmetry:
    """A map that takes columns of a matrix to others: `images` of each, counting itself.

    Row i of the image is row `rows[i]` ("bca": the second, the third, the first), times `factor`,
    plus the element of `plus` that stands at i.
    """

    images: int
    rows: str = ""
    factor: tuple[int, ...] = ()
    plus: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A recorded matrix, as its rows: elements of the product of the groups Z_m of `moduli`.

    An element of one group is a decimal number, of several a digit (0-9, a-z) for each; a blank is
    a dash. Rows too long for a line come in blocks. `symmetries`, one after the other, make the
    further columns; `fixed` are columns that stay alone. `idle` leading groups hold elements apart
    but are not developed over.
    """

    squares: int
    source: str
    moduli: tuple[int, ...]
    rows: str
    symmetries: tuple[Symmetry, ...] = ()
    fixed: tuple[str, ...] = ()
    idle: int = 0

    @property
    def blanks(self) -> int:
        """How many symbols the blanks of a row stand for."""
        return sum(column[0] is None for column in self.columns())

    @property
    def order(self) -> int:
        """The order of the squares."""
        return reduce(mul, self.moduli) + self.blanks

    def columns(self) -> list[Column]:
        """All columns."""
        columns = [
            column
            for block in self.rows.strip().split("\n\n")
            for column in zip(*map(self._elements, block.splitlines()), strict=True)
        ]
        for symmetry in self.symmetries:
            columns = [image for column in columns for image in self._images(column, symmetry)]
        return columns + [tuple(self._elements(line)) for line in self.fixed]

    def _elements(self, line: str) -> list[Element | None]:
        return [None if text == "-" else self._element(text) for text in line.split()]

    def _element(self, text: str) -> Element:
        return (int(text),) if len(self.moduli) == 1 else tuple(int(digit, 36) for digit in text)

    def _images(self, column: Column, symmetry: Symmetry) -> list[Column]:
        size = len(column)
        order = [ord(letter) - ord("a") for letter in symmetry.rows] or list(range(size))
        factor = symmetry.factor or (1,) * len(self.moduli)
        zero = (0,) * len(self.moduli)
        plus = [element or zero for element in self._elements(symmetry.plus)] or [zero] * size
        images = [column]
        for _ in range(symmetry.images - 1):
            last = images[-1]
            images.append(
                tuple(
                    self._moved(last[row], factor, shift)
                    for row, shift in zip(order, plus, strict=True)
                )
            )
        return images

    def _moved(self, element: Element | None, factor: Element, plus: Element) -> Element | None:
        if element is None:
            return None
        parts = zip(element, factor, plus, self.moduli, strict=True)
        return tuple((a * f + b) % m for a, f, b, m in parts)


def developed(matrix: Matrix, width: int, fill: Callable[[int], Array]) -> Array:
    """The array of `width` columns; `fill` gives that of the order of the blanks."""
    columns = [column[:width] for column in matrix.columns()]
    array = develop(columns, matrix.moduli, matrix.idle)
    blanks = matrix.blanks
    if not blanks and width > len(columns[0]):
        array = numbered(array, len(array) // len(columns))
    if blanks:
        first = matrix.order - blanks
        array += [tuple(first + symbol for symbol in row) for row in fill(blanks)]
    return array


def develop(columns: Sequence[Column], moduli: Sequence[int], idle: int = 0) -> Array:
    """Add each element of the group to each column; the i-th blank of a row is symbol |G| + i."""
    order = reduce(mul, moduli)
    elements = elements_of(moduli)
    shifts = [element for element in elements if not any(element[:idle])]
    number = {element: index for index, element in enumerate(elements)}
    blanks = [order] * len(columns[0])
    array: Array = []
    for column in columns:
        orbits = []
        for row, element in enumerate(column):
            if element is None:
                orbits.append([blanks[row]] * len(shifts))
                blanks[row] += 1
            else:
                orbits.append([number[plus(element, shift, moduli)] for shift in shifts])
        array += zip(*orbits, strict=True)
    return array


def numbered(array: Array, copies: int) -> Array:
    """The array with one column more: which column of the matrix, without blanks, a row is from."""
    return [(*row, number // copies) for number, row in enumerate(array)]


def elements_of(moduli: Sequence[int]) -> list[Element]:
    """All elements of a product of cyclic groups, in order."""
    elements: list[Element] = [()]
    for modulus in moduli:
        elements = [(*head, last) for head in elements for last in range(modulus)]
    return elements


def plus(a: Element, b: Element, moduli: Sequence[int]) -> Element:
    """The sum in a product of cyclic groups."""
    return tuple((x + y) % m for x, y, m in zip(a, b, moduli, strict=True))
