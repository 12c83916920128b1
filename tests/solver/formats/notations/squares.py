"""The square and its mate that stand in every notation, and what writes them."""

from collections.abc import Callable, Iterable

from solver.records import Rows

FOUR: Rows = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))
MATE: Rows = ((0, 1, 2, 3), (2, 3, 0, 1), (3, 2, 1, 0), (1, 0, 3, 2))
ROWS = ["0 1 2 3", "1 0 3 2", "2 3 0 1", "3 2 1 0"]
COMMAS = [row.replace(" ", ",") for row in ROWS]


def lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)


def each(form: Callable[[int, int], str]) -> str:
    return lines(
        " ".join(form(a, b) for a, b in zip(x, y, strict=True))
        for x, y in zip(FOUR, MATE, strict=True)
    )


def cells(first: str, second: str, form: str = "{}{}") -> str:
    return "\n".join(
        " ".join(form.format(first[a], second[b]) for a, b in zip(*rows, strict=True))
        for rows in zip(FOUR, MATE, strict=True)
    )
