"""Rows that programs spread over lines, or from whose beginning they leave out what repeats."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

Lines: TypeAlias = Iterable[tuple[int, str | None]]
_Held: TypeAlias = list[tuple[int, str | None]]

_OF_ORDER_2 = re.compile(r"# (?:OA\(([3-9]|\d{2}),2\)|(\d{1,2}) squares? of order 2)")
"""Above an array or a b-file of ours whose lines may be squares otherwise too."""
_FENCE = "|==="
_CELL = re.compile(r"\|\s*([^|\s]*)")
_TAB = re.compile(r"\btab\s*\((.)\)")
_IN_BRACES = re.compile(r"T\{\n([^\n]*)\nT\}")
"""A cell of troff's."""
_MOST = 2**12
"""Lines of one table."""
_LONGEST_ROW = 200
_SPARSE = re.compile(r"\w{1,8}(?: +\w{1,8}){1,8}")
"""A row of a table with an index of two levels, and that without its first."""


def of_order_2_whole(lines: Lines) -> Iterator[tuple[int, str | None]]:
    """The lines, arrays and b-files of order 2 of our own as the squares that they hold."""
    held: _Held = []
    head: re.Match[str] | None = None
    for number, line in lines:
        if head and line and len(held) <= _MOST:
            held.append((number, line))
            continue
        if head:
            yield from _squares(head, held)
            head, held = None, []
        if line and line[0] == "#" and (head := _OF_ORDER_2.fullmatch(line)):
            held.append((number, line))
        else:
            yield number, line
    if head:
        yield from _squares(head, held)


def _squares(head: re.Match[str], held: _Held) -> _Held:
    """Each square a block of lines, or the lines as they are where these say something else."""
    rows = [(line or "").split() for _, line in held[1:]]
    if head[1]:
        cells = [row[:2] for row in rows]
        columns = [*zip(*(row[2:] for row in rows), strict=False)]
        whole = cells == [["0", "0"], ["0", "1"], ["1", "0"], ["1", "1"]]
        whole = whole and {len(row) for row in rows} == {int(head[1])}
    else:
        terms = [row[-1] for row in rows]
        columns = [(*terms[at : at + 4],) for at in range(0, len(terms), 4)]
        numbered = [[str(at), term] for at, term in enumerate(terms, 1)]
        whole = rows == numbered and len(terms) == 4 * int(head[2])
    if not whole:
        return held
    start = held[0][0]
    return [(start, text) for a, b, c, d in columns for text in (f"{a} {b}", f"{c} {d}", "")]


def fenced_whole(lines: Lines) -> Iterator[tuple[int, str | None]]:
    """The lines, a table of AsciiDoc with a cell a line and blank lines between rows as rows."""
    held: _Held = []
    for number, line in lines:
        if not held and line != _FENCE:
            yield number, line
            continue
        held.append((number, line))
        if (len(held) > 1 and line == _FENCE) or line is None or len(held) > _MOST:
            yield from _rows(held)
            held = []
    yield from held


def _rows(held: _Held) -> _Held:
    rows: list[list[str]] = [[]]
    starts = [held[0][0]]
    for number, line in held[1:-1]:
        cell = _CELL.fullmatch(line) if line else None
        if line and not cell:
            return held
        if cell and not rows[-1]:
            starts[-1] = number
        if cell:
            rows[-1].append(cell[1])
        elif rows[-1]:
            rows.append([])
            starts.append(number)
    whole = [(start, row) for start, row in zip(starts, rows, strict=True) if row]
    width = len(whole[0][1]) if whole else 0
    if not 1 < width <= len(whole) + 1 or any(len(row) != width for _, row in whole):
        return held
    return [held[0], *((start, f"| {' | '.join(row)} |") for start, row in whole), held[-1]]


def troff_whole(lines: Lines) -> Iterator[tuple[int, str | None]]:
    """The lines, a table of troff's a row a line, without what is said of its columns."""
    held: _Held = []
    for number, line in lines:
        if not held and line != ".TS":
            yield number, line
            continue
        held.append((number, line))
        if line == ".TE" or line is None or len(held) > _MOST:
            yield from _of_troff(held)
            held = []
    yield from held


def _of_troff(held: _Held) -> _Held:
    number = held[0][0]
    texts = [line or "" for _, line in held[1:-1]]
    mark = next((found[1] for text in texts[:1] if (found := _TAB.search(text))), "\t")
    end = next((at for at, text in enumerate(texts, 1) if text.endswith(".")), 0)
    rows = _IN_BRACES.sub(r"\1", "\n".join(texts[end:])).replace(mark, " | ").split("\n")
    return [(number, ""), *((number, row.strip("_=")) for row in rows if row.strip("_=")), held[-1]]


def repeated_whole(lines: Lines) -> Iterator[tuple[int, str | None]]:
    """The lines, rows of pandas with the first index where it is left out, as it repeats."""
    held: list[tuple[int, str, Sequence[str]]] = []
    for number, line in lines:
        short = line is not None and len(line) < _LONGEST_ROW and _SPARSE.fullmatch(line)
        words = line.split() if short and line else []
        if words and (not held or len(words) in {len(held[0][2]), len(held[0][2]) - 1}):
            held.append((number, line or "", words))
            if len(held) == _MOST:
                yield from _filled(held)
                held = []
            continue
        yield from _filled(held)
        held = []
        if words:
            held.append((number, line or "", words))
        else:
            yield number, line
    yield from _filled(held)


def _filled(held: Sequence[tuple[int, str, Sequence[str]]]) -> Iterator[tuple[int, str]]:
    """Rows with what is left out of them, where they are the cells of squares."""
    as_they_are = [(number, line) for number, line, _ in held]
    width = max((len(words) for _, _, words in held), default=0)
    rows = [words for _, _, words in held]
    starts = [at for at, words in enumerate(rows) if len(words) == width]
    order = len(starts)
    if width < 3 or order < 2 or starts != [*range(0, order * order, order)]:
        return iter(as_they_are)
    if len(rows) != order * order:
        return iter(as_they_are)
    first = [rows[at][0] for at in starts for _ in range(order)]
    cells = [words[-(width - 1) :] for words in rows]
    turn = [cell[0] for cell in cells[:order]]
    if len({*first}) < order or [cell[0] for cell in cells] != turn * order:
        return iter(as_they_are)
    return (
        (number, " ".join((name, *cell)))
        for (number, _, _), name, cell in zip(held, first, cells, strict=True)
    )
