"""Squares out of projective planes: every two points are on one block, and blocks are small orders.

On each block of a pairwise balanced design stand squares whose diagonal is constant, and together
they are squares on all its points (R. C. Bose, S. S. Shrikhande, "On the construction of sets of
mutually orthogonal Latin squares and the falsity of a conjecture of Euler", Trans. Amer. Math. Soc.
95 (1960) 191-209). The designs are cyclic projective planes without some points of an oval, and of
orders 57 and 65 a plane's difference set takes the place of symbols; as R. J. R. Abel gave them to
SageMath.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from solver.constructions.arrays import Array
from solver.constructions.difference import Matrix
from solver.constructions.lines import lines

SOURCE = "R. J. R. Abel, in SageMath"

PLANE_73 = (1, 2, 4, 8, 16, 32, 37, 55, 64)
PLANE_91 = (0, 1, 3, 9, 27, 81, 61, 49, 56, 77)
DESIGN_57 = (1, 6, 7, 9, 19, 38, 42, 49)
"""Base blocks: cyclic projective planes of orders 8 and 9, and a (57, 8, 1) design."""


@dataclass(frozen=True, slots=True)
class ReducedPlane:
    """Up to `squares` squares on the points of a cyclic plane but those left out."""

    squares: int
    points: int
    base: tuple[int, ...]
    without: tuple[int, ...]

    @property
    def method(self) -> str:
        """How the squares are made, in a few words."""
        return f"plane of {self.points} points less {len(self.without)} ({SOURCE})"

    def array(self, width: int) -> Array:
        """The array of so many columns."""
        left = sorted(set(range(self.points)).difference(self.without))
        name = {point: number for number, point in enumerate(left)}
        blocks = [
            [name[p] for b in self.base if (p := (b + shift) % self.points) in name]
            for shift in range(self.points)
        ]
        return closure([block for block in blocks if block], len(left), width)


def closure(blocks: Sequence[list[int]], points: int, width: int) -> Array:
    """The array that blocks, every two points in one of them, are filled in to.

    A block has a row for each two of its points, and each point one row that is constant. Blocks
    with a point less than there are columns make those rows themselves, but for one point that is
    spared, as another such block sees to it.
    """
    array: Array = []
    constant = set(range(points))
    short = [block for block in blocks if len(block) < width]
    for block, spared in zip(short, _spared(short), strict=True):
        constant -= set(block)
        ordered = sorted(block, key=lambda point: point != spared)
        rows = lines(len(block), width)[0 if spared is None else 1 :]
        array += [tuple(ordered[s] for s in row) for row in rows]
    for block in blocks:
        if len(block) >= width:
            rows = lines(len(block), width)[len(block) :]
            array += [tuple(block[s] for s in row) for row in rows]
    return array + [(point,) * width for point in sorted(constant)]


def _spared(blocks: Sequence[list[int]]) -> list[int | None]:
    """For each block a point to spare, or none, so that each point is left in one block."""
    often = Counter(point for block in blocks for point in block)
    return _chosen(blocks, {point: count - 1 for point, count in often.items()}) or []


def _chosen(blocks: Sequence[list[int]], due: dict[int, int]) -> list[int | None] | None:
    """The choice for the blocks; `due`: how often each point must be spared. None: there is none.

    The first choice of the first block that leads to one of all the others.
    """
    if not blocks:
        return None if any(due.values()) else []
    for point in [*(point for point in blocks[0] if due[point]), None]:
        less = due if point is None else {**due, point: due[point] - 1}
        rest = _chosen(blocks[1:], less)
        if rest is not None:
            return [point, *rest]
    return None


def _oval(base: Sequence[int], points: int, first: int, last: int) -> tuple[int, ...]:
    """Some of the oval that the negatives of a plane's base block are."""
    return tuple(-point % points for point in base[first:last])


CONSTRUCTIONS = {
    66: ReducedPlane(5, 73, PLANE_73, _oval(PLANE_73, 73, 0, 7)),
    68: ReducedPlane(5, 73, PLANE_73, _oval(PLANE_73, 73, 0, 5)),
    69: ReducedPlane(6, 73, PLANE_73, _oval(PLANE_73, 73, 0, 4)),
    74: ReducedPlane(5, 91, PLANE_91, (*_oval(PLANE_91, 91, 3, 10), *PLANE_91)),
    76: ReducedPlane(6, 91, PLANE_91, (2, 4, 5, 12, 24, *PLANE_91)),
}


def design_matrix(*, blank: bool) -> Matrix:
    """A difference set in place of a plane's symbols, one of them a blank or none; and zeros.

    Of order 57; with blanks for eight further symbols of order 65.
    """
    names = ["-"] * blank + [str(element) for element in DESIGN_57]
    order = len(names)
    columns = [[names[s] for s in row] for row in lines(order, order)[order:]]
    rows = "\n".join(" ".join(row) for row in zip(*columns, strict=True))
    return Matrix(7, SOURCE, (57,), rows, fixed=(" ".join("0" * order),))
