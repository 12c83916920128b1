"""What stands beside symbols and is none of them: marks of transversals, line numbers, decimals."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from solver.formats.symbols import Row, row_of

_ANY = re.compile(r"[^\w\s,]|[_\u02b9]|,0")
_NUMBERED = re.compile(
    r"(?:[\w./\\-]{0,255}[A-Za-z./\\][\w./\\-]{0,255}[:-])?(\d{1,9})[:-]\s*(?=\w[^:-]*$)"
)
"""How grep begins a line: its number, or the file's name and that, which may be so long."""
_BRACKETS = re.compile(r"[\[({<]([^\W_]{1,8})[\])}>]")
_MARKS = re.compile(
    r"(?<![^\s,;|&])[*^!~\"+#@_\u2020\u2021\u00b0\u2605\u2606\u2217\u22c6\u2192\u25b6]{0,2}"
    r"([^\W_]{1,8}?)[*^!~\"+#@_'\u02b9\u2020\u2021\u00b0\u2605\u2606\u2217\u22c6\u0300-\u036f]{0,2}"
    r"(?![^\s,;|&])"
)
_POINT = re.compile(r"(?<![\w.])([+-]?\d{1,8})\.0*(?![\w.])")
_COMMA = re.compile(r"(\d+),0+(?=[\s;|&]|$)")
_LONE = re.compile(r"(?<!\S)(?:[.*\u00b7\u2022\u22c5\u2192]|[-=]>)(?!\S)")
_SIGNED = re.compile(r"[+-][^\s+]")


def unmarked(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows with ever less of what may stand beside symbols, as far as that changes them."""
    if not all(row.text for row in rows):
        return
    beside = (_numbers, _changes, _lone, _brackets, _marks, _decimals)
    marked = any(row.label or _ANY.search(row.text) for row in rows)
    for without in (*beside, _run_together) if marked else (_run_together,):
        if (bare := without(rows)) != rows:
            rows = bare
            if all(row.words for row in rows):
                yield rows


def _rewritten(rows: Sequence[Row], form: Callable[[str], str]) -> list[Row]:
    return [
        row if text == row.text and not row.label else row_of(row.line, text)
        for row in rows
        for text in [form(row.label + row.text)]
    ]


def _numbers(rows: Sequence[Row]) -> Sequence[Row]:
    """Without line numbers before the rows, where each is the one behind the last."""
    found = [_NUMBERED.match(row.text) for row in rows]
    numbers = [int(match[1]) for match in found if match]
    if len(numbers) < max(len(rows), 2) or any(b - a != 1 for a, b in pairwise(numbers)):
        return rows
    return _rewritten(rows, lambda text: _NUMBERED.sub("", text, count=1))


def _changes(rows: Sequence[Row]) -> Sequence[Row]:
    """As they stand after the changes that a diff shows."""
    if not all(_SIGNED.match(row.text) for row in rows if row.text[0] in "+-"):
        return rows
    if not any(row.text[0] == "+" for row in rows) or any("+" in row.text[1:] for row in rows):
        return rows
    kept = [row for row in rows if row.text[0] != "-"]
    return _rewritten(kept, lambda text: text.removeprefix("+"))


def _lone(rows: Sequence[Row]) -> Sequence[Row]:
    """Without points, arrows or stars that stand alone, as many in each row."""
    if len({len(_LONE.findall(row.text)) for row in rows}) > 1:
        return rows
    return _rewritten(rows, lambda text: _LONE.sub(" ", text).strip())


def _brackets(rows: Sequence[Row]) -> Sequence[Row]:
    """Without brackets round single symbols."""
    if not any(row.label or _BRACKETS.search(row.text) for row in rows):
        return rows
    return _rewritten(rows, lambda text: _BRACKETS.sub(r"\1", text))


def _marks(rows: Sequence[Row]) -> Sequence[Row]:
    return _rewritten(rows, lambda text: _MARKS.sub(r"\1", text))


def _decimals(rows: Sequence[Row]) -> Sequence[Row]:
    """Whole numbers without `.0`, and without `,0` where every cell of the rows has that."""
    if all(row.group == 2 and set("".join(row.words[1::2])) == {"0"} for row in rows):
        return _rewritten(rows, lambda text: _COMMA.sub(r"\1", text))
    return _rewritten(rows, lambda text: _POINT.sub(r"\1", text))


def _run_together(rows: Sequence[Row]) -> Sequence[Row]:
    """Numbers with as many digits each and nothing between: `000102`."""
    length = len(rows[0].word)
    if not all(row.word.isdecimal() and len(row.word) == length for row in rows):
        return rows
    size = length // len(rows) if length % len(rows) == 0 else 0
    if not 1 < size < 4:
        return rows
    return _rewritten(
        rows, lambda text: " ".join(text[at : at + size] for at in range(0, length, size))
    )
