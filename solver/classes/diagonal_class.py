"""The main class of a diagonal Latin square among diagonal ones, as ODLK and RakeSearch have it.

What leaves both diagonals diagonals: rows and columns permuted alike so that places i and n - 1 - i
stay a pair, the square transposed, its columns reversed, its symbols renamed; 15,360 arrangements
of a square of order 10. E. Vatutin, A. Belyshev, "Enumerating the orthogonal diagonal Latin squares
of small order for different types of orthogonality", Commun. Comput. Inf. Sci. 1331 (2020) 586-597.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations, product

from solver.records import Rows

MOST_ORDER = 12
"""184,320 arrangements: some seconds."""


def diagonal_form(square: Rows) -> Rows:
    """The least of the class, read row by row, first rows 0, 1, 2...: ODLK's canonical form."""
    best: list[list[int]] = []
    least = len(square)
    for base, where in _bases(square):
        for rows, columns, new in arrangements(len(square)):
            # Nearly all are told from the best by the first cell of their second row.
            corner = new[where[rows[0]][base[rows[1]][columns[0]]]]
            if corner <= least:
                best = _less(base, rows, columns, best)
                least = best[1][0]
    return tuple(map(tuple, best))


def _less(
    base: Rows, rows: tuple[int, ...], columns: tuple[int, ...], best: list[list[int]]
) -> list[list[int]]:
    """The square so arranged, its first row 0, 1, 2..., or the best so far where that is less."""
    name = {base[rows[0]][c]: new for new, c in enumerate(columns)}
    made: list[list[int]] = []
    for r in rows:
        made.append([name[base[r][c]] for c in columns])
        if best and made > best[: len(made)]:
            return best
    return made


def orthogonal_arrangement(square: Rows) -> Rows | None:
    """A square of the class that is orthogonal to this one, which makes it an ESODLS."""
    return next((found for _, found in orthogonal_arrangements(square)), None)


def orthogonal_arrangements(square: Rows) -> Iterator[tuple[int, Rows]]:
    """Every arrangement that is orthogonal to the square, with its number.

    Those of the square itself come first, then those of its transpose. Some may differ in their
    symbols alone.
    """
    order = len(square)
    number = 0
    for base, _ in _bases(square):
        for rows, columns, _ in arrangements(order):
            seen: set[int] = set()
            for above, (r, line) in enumerate(zip(rows, square, strict=True), 1):
                row = base[r]
                pairs = zip(line, columns, strict=True)
                seen.update(order * symbol + row[c] for symbol, c in pairs)
                if len(seen) < above * order:
                    break
            else:
                yield number, tuple(tuple(base[r][c] for c in columns) for r in rows)
            number += 1


def _bases(square: Rows) -> list[tuple[Rows, Rows]]:
    """The square and its transpose; and of each, by row and symbol, the symbol's column."""
    both = (square, tuple(zip(*square, strict=True)))
    n = range(len(square))
    return [(base, tuple(tuple(row.index(s) for s in n) for row in base)) for base in both]


@lru_cache(maxsize=1)
def arrangements(order: int) -> list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """Rows, and columns, in each order there is; and where each column comes to stand."""
    half, last = order // 2, order - 1
    middle = [half] * (order % 2)
    made = []
    for chosen in permutations(range(half)):
        for turned in product((False, True), repeat=half):
            front = [last - i if turn else i for i, turn in zip(chosen, turned, strict=True)]
            rows = (*front, *middle, *(last - i for i in reversed(front)))
            made += [
                (rows, columns, tuple(map(columns.index, range(order))))
                for columns in (rows, rows[::-1])
            ]
    return made
