"""Wilson's construction with several truncated groups, for orders where one is not enough.

R. M. Wilson, "Concerning the number of mutually orthogonal Latin squares", Discrete Math. 9 (1974)
181-198; with groups so chosen that blocks meet them in certain numbers only (90, 91): R. J. R.
Abel, N. Cavenagh, "Concerning eight mutually orthogonal Latin squares", J. Combin. Des. 15 (2007)
255-261.
"""

from dataclasses import dataclass
from functools import cache

from solver.constructions.arrays import Array
from solver.constructions.lines import holed, lines


@dataclass(frozen=True, slots=True)
class Truncated:
    """Up to `squares` of order t m + all points kept; `kept`: those of each truncated group."""

    squares: int
    t: int
    m: int
    kept: tuple[tuple[int, ...], ...]
    source: str = "Wilson 1974"

    @property
    def method(self) -> str:
        """How the squares are made, in a few words."""
        sizes = " + ".join(str(len(group)) for group in self.kept)
        return f"Wilson's construction, {self.t} * {self.m} + {sizes} ({self.source})"

    def array(self, width: int) -> Array:
        """The array of so many columns: each block of the plane filled, then each group."""
        groups = len(self.kept)
        new = self._new_symbols()
        filled = cache(lambda met: holed(self.m + met, width, met))
        array: Array = []
        for block in lines(self.t, self.squares + 2 + groups):
            points, ends = block[:width], block[-groups:]
            met = [names[end] for names, end in zip(new, ends, strict=True) if end in names]
            symbols = [[self.m * p + i for i in range(self.m)] + met for p in points]
            array += [
                tuple(names[s] for names, s in zip(symbols, row, strict=True))
                for row in filled(len(met))
            ]
        for names in new:
            first = min(names.values())
            corner = lines(len(names), width) if len(names) > 1 else [(0,) * width]
            array += [tuple(first + symbol for symbol in row) for row in corner]
        return array

    def _new_symbols(self) -> list[dict[int, int]]:
        """For each group: the symbols that its kept points become."""
        next_one = self.t * self.m
        named = []
        for group in self.kept:
            named.append({point: next_one + i for i, point in enumerate(group)})
            next_one += len(group)
        return named


def _first(*sizes: int) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(range(size)) for size in sizes)


# No three points left out of the groups are on one line.
_MET = ((*range(3, 11),), (*range(3, 11),), (0, 1, 2, 3, 4, 8, 9, 10))

CONSTRUCTIONS = {
    58: Truncated(5, 8, 7, _first(1, 1)),
    87: Truncated(6, 11, 7, _first(1, 9)),
    90: Truncated(6, 11, 6, _MET, "Abel, Cavenagh 2007"),
    91: Truncated(7, 11, 8, _first(1, 1, 1), "Abel, Cavenagh 2007"),
    93: Truncated(6, 11, 7, _first(7, 9)),
    94: Truncated(6, 11, 7, _first(8, 9)),
    106: Truncated(6, 13, 7, _first(7, 8)),
}
