"""Rows that their writer spread over lines: cells of HTML a line, sizes above a matrix."""

import math
import re
from collections.abc import Iterable, Iterator

_MOST = 2**20
"""Characters of one row of HTML."""
_BEGINS = re.compile(r"<(?:tr|row|table:table-row)\b", re.IGNORECASE)
_ENDS = re.compile(r"</(?:tr|row|table:table-row)\b|</t(?:able|body|head)\s*>", re.IGNORECASE)
_SIZED = "%%MatrixMarket"
"""Above comments, and a line of the numbers of rows, columns and terms."""


_CELL = re.compile(r"</?(?:text:)?(?:p|para)\b[^<>]*>", re.IGNORECASE)
_NAMED = re.compile(r"([A-Za-z_]\w*) = (\S.{0,40})")
"""A column of a row, as SQLite writes one a line."""


_BY_COLUMNS = re.compile(r"%%MatrixMarket matrix array\b.*|# ndims: 2")
"""Above the numbers of rows and columns, and a symbol a line, column behind column."""
_SIZES = re.compile(r"(\d{1,3})\s+\1")


def turned_whole(lines: Iterable[tuple[int, str | None]]) -> Iterator[tuple[int, str | None]]:
    """The lines, a square whose columns stand behind one another a row a line."""
    begun = False
    start = order = 0
    column: list[str] = []
    for number, line in lines:
        if line and line[0] in "%#" and _BY_COLUMNS.fullmatch(line):
            begun = True
        elif begun and line and (sizes := _SIZES.fullmatch(line)):
            begun, order, start = False, int(sizes[1]), number + 1
        elif order and line and line.isalnum():
            column.append(line)
            if len(column) == order * order:
                yield from ((start, " ".join(column[row::order])) for row in range(order))
                column, order = [], 0
        else:
            yield from ((start + at, symbol) for at, symbol in enumerate(column))
            column, order = [], 0
            begun = begun and (line or "")[:1] in {"%", "#"}
            yield number, line
    yield from ((start + at, symbol) for at, symbol in enumerate(column))


def records_whole(lines: Iterable[tuple[int, str | None]]) -> Iterator[tuple[int, str | None]]:
    """The lines, a row whose columns stand by name on lines of their own on one."""
    blocks: list[dict[str, str]] = [{}]
    held: list[tuple[int, str | None]] = []
    for number, line in lines:
        named = _NAMED.fullmatch(line) if line and " = " in line else None
        begins = named is not None and blocks[-1].keys() != blocks[0].keys()
        if named and (named[1] in blocks[0] or len(blocks) == 1) and named[1] not in blocks[-1]:
            blocks[-1][named[1]] = named[2]
            held.append((number, line))
            continue
        if held and not line and not begins and len(held) < _MOST:
            held.append((number, line))
            if blocks[-1]:
                blocks.append({})
            continue
        if held:
            yield from _records(blocks, held)
            blocks, held = [{}], []
        if named:
            blocks[-1][named[1]] = named[2]
            held.append((number, line))
        else:
            yield number, line
    yield from _records(blocks, held)


def _records(
    blocks: list[dict[str, str]], held: list[tuple[int, str | None]]
) -> Iterator[tuple[int, str | None]]:
    """Blocks of the same names as rows, where they are as many as squares or arrays have."""
    rows = [block for block in blocks if block]
    width = len(rows[0]) if rows else 0
    alike = all(block.keys() == rows[0].keys() for block in rows)
    whole = width > 0 and (len(rows) % width == 0 or math.isqrt(len(rows)) ** 2 == len(rows))
    if not (alike and whole and width > 2 and len(rows) > 2):
        yield from held
        return
    number = held[0][0]
    yield from ((number, "\t".join(block.values())) for block in rows)
    yield held[-1][0], ""


def rows_whole(lines: Iterable[tuple[int, str | None]]) -> Iterator[tuple[int, str | None]]:
    """The lines, a row of HTML on one; a Matrix Market file without its sizes."""
    row: list[str] = []
    start = size = 0
    sized = False
    for number, line in lines:
        if not row and not sized and (line is None or line[:1] not in {"<", "%"}):
            yield number, line
            continue
        begins = _BEGINS.search(line or "")
        if row and (line is None or begins or size > _MOST):
            yield start, _CELL.sub(" ", " ".join(row))
            row = []
        if line and (row or (begins and not _ENDS.search(line, begins.end()))):
            start, size = (start, size) if row else (number, 0)
            row.append(line)
            size += len(line)
            if _ENDS.search(line):
                yield start, _CELL.sub(" ", " ".join(row))
                row = []
        elif line and sized and not line.startswith("%"):
            sized = False
        elif not row:
            sized = sized or (line or "").startswith(_SIZED)
            yield number, line
    if row:
        yield start, " ".join(row)
