"""Rows that their writer spread over lines: cells of HTML a line, sizes above a matrix."""

import re
from collections.abc import Iterable, Iterator

_MOST = 2**20
"""Characters of one row of HTML."""
_BEGINS = re.compile(r"<tr\b", re.IGNORECASE)
_ENDS = re.compile(r"</tr\b|</t(?:able|body|head)\b", re.IGNORECASE)
_SIZED = "%%MatrixMarket"
"""Above comments, and a line of the numbers of rows, columns and terms."""


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
            yield start, " ".join(row)
            row = []
        if line and (row or (begins and not _ENDS.search(line, begins.end()))):
            start, size = (start, size) if row else (number, 0)
            row.append(line)
            size += len(line)
            if _ENDS.search(line):
                yield start, " ".join(row)
                row = []
        elif line and sized and not line.startswith("%"):
            sized = False
        elif not row:
            sized = sized or (line or "").startswith(_SIZED)
            yield number, line
    if row:
        yield start, " ".join(row)
