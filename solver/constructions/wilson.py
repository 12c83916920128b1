"""Wilson's construction with one truncated group: order t m + u from orders t, m, m + 1 and u.

The lines of the affine plane of order t are blown up by m. One more parallel class of the plane
keeps u of its t lines as a new row, column and symbol each: a point on one of those is filled with
squares of order m + 1, any other with squares of order m, and where the new rows and columns meet
there are squares of order u.

R. M. Wilson, "Concerning the number of mutually orthogonal Latin squares", Discrete Math. 9 (1974)
181-198.
"""

from itertools import chain
from operator import itemgetter

from solver.constructions.fields import field
from solver.constructions.rows import Row, RowMaker, blocks_of, places


class Wilson:
    """`count` squares; t is a prime power of at least count + 2, u less than t.

    `blocks` gives squares of order m, `wide` of order m + 1, `corner` of order u. Row y of the
    plane holds a x + y in the square of slope a; c x + y says on which line of the one more class
    the point is.
    """

    def __init__(
        self,
        sizes: tuple[int, int, int],
        count: int,
        blocks: RowMaker,
        wide: RowMaker,
        corner: RowMaker,
    ) -> None:
        """`sizes`: t, m and u."""
        self.t, self.m, self.u = sizes
        self._blocks, self._wide, self._corner = blocks, wide, corner
        self._field = field(self.t)
        c = count + 1
        slopes = range(1, c)
        self._slopes = [itemgetter(*self._field.multiples(a)) for a in slopes]
        self._class = itemgetter(*self._field.multiples(c))
        along = [self._field.plus(a, self._field.minus(c)) for a in slopes]
        self._along = [itemgetter(*self._field.multiples(a)) for a in along]
        self._symbols = blocks_of(self.t, self.m)
        self._names = [_exchanged(self.m, row[self.m]) for row in wide(self.m)]

    def row(self, number: int) -> list[Row]:
        """A row of each square."""
        y, i = divmod(number, self.m)
        return self._row(y, i) if y < self.t else self._new_row(number - self.t * self.m)

    def _row(self, y: int, i: int) -> list[Row]:
        sums = self._field.sums(y)
        lines = self._class(sums)
        columns = places(lines)[: self.u]
        rows: list[Row] = []
        for slope, block, wide in zip(
            self._slopes, self._blocks(i), self._wide_row(i), strict=True
        ):
            points = slope(sums)
            row = self._blown_up(points, lines, block, wide)
            rows.append(row + [self.m * points[x] + wide[self.m] for x in columns])
        return rows

    def _blown_up(self, points: Row, lines: Row, block: Row, wide: Row) -> list[int]:
        m, u, new = self.m, self.u, wide.index(self.m)
        first_new = self.t * m
        narrow = itemgetter(*block)
        # The new symbol is put in afterwards, in place of the first of its block.
        widened = itemgetter(*[symbol % m for symbol in wide[:m]])
        row = list(
            chain.from_iterable(
                (widened if line < u else narrow)(self._symbols[point])
                for point, line in zip(points, lines, strict=True)
            )
        )
        for x, line in enumerate(lines):
            if line < u:
                row[m * x + new] = first_new + line
        return row

    def _new_row(self, line: int) -> list[Row]:
        m, first_new, sums = self.m, self.t * self.m, self._field.sums(line)
        rows: list[Row] = []
        for along, wide, corner in zip(
            self._along, self._wide_row(m), self._corner(line), strict=True
        ):
            pick = itemgetter(*wide[:m])
            row = chain.from_iterable(pick(self._symbols[point]) for point in along(sums))
            rows.append([*row, *(first_new + symbol for symbol in corner)])
        return rows

    def _wide_row(self, i: int) -> list[list[int]]:
        """A row of the squares of order m + 1, whose last cell of all holds the last symbol."""
        rows = zip(self._wide(i), self._names, strict=True)
        return [[names[symbol] for symbol in row] for row, names in rows]


def _exchanged(last: int, other: int) -> list[int]:
    """Names for symbols 0 to `last`: the last and another one change places."""
    names = list(range(last + 1))
    names[other], names[last] = last, other
    return names
