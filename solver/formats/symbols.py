"""Symbols in text: what may stand for one, how a line is cut into them, how they get numbers."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from solver.records import Rows

Named: TypeAlias = Sequence[Sequence[str]]
"""A square, or some of its rows, in the symbols of its writer."""

_BETWEEN = re.compile(r'[\s,;|"]+')
_SYMBOL = re.compile(r"[0-9A-Za-z]{1,8}")
_CLASSICAL = re.compile(r"([A-Z]{1,3})([0-9]{1,3}(?:\.[0-9]{1,3})*)")


def cut(text: str) -> list[str]:
    """A line's symbols: words between spaces or commas, or else the characters of its one word."""
    words = [word for word in _BETWEEN.split(text) if word]
    return list(words[0]) if len(words) == 1 else words


def odd(symbols: Iterable[str]) -> str:
    """What is wrong with the first that stands for no symbol; '' where all do."""
    for symbol in symbols:
        if not _SYMBOL.fullmatch(symbol):
            return f"{symbol[:20]!r} is no symbol: write each with 1 to 8 digits and letters"
    return ""


def classical(text: str) -> list[list[str]]:
    """A row `A0 B1 C2` as a row of letters and one or more of numbers; [] for other text."""
    words = text.split()
    matches = [_CLASSICAL.fullmatch(word) for word in words]
    cells = [[match[1], *match[2].split(".")] for match in matches if match]
    if not cells or len(cells) < len(words) or len({len(cell) for cell in cells}) > 1:
        return []
    return [list(row) for row in zip(*cells, strict=True)]


def order_on_one_line(symbols: Sequence[str], spare: int = 0) -> int:
    """The order of a square that fits on one line with these symbols; 0 where they are a row.

    A row has no symbol twice, where a square on one line has each n times; `spare` more are let
    pass.
    """
    order = math.isqrt(len(symbols))
    whole = order * order == len(symbols)
    return order if whole and (order == 1 or len(set(symbols)) <= order + spare) else 0


def folded(symbols: Sequence[str], order: int) -> Named:
    """The rows of a square on one line."""
    return [symbols[at : at + order] for at in range(0, order * order, order)]


def numbered(rows: Named) -> Rows:
    """A square with its symbols numbered from 0 in their natural order.

    Numbers come by size (7 and 07 are one), other symbols by length, then digits before letters.
    """
    names = {symbol for row in rows for symbol in row}
    if all(name.isdigit() for name in names):
        sizes = sorted({int(name) for name in names})
        ranks = {size: rank for rank, size in enumerate(sizes)}
        number = {name: ranks[int(name)] for name in names}
    else:
        ordered = sorted(names, key=lambda name: (len(name), name))
        number = {name: rank for rank, name in enumerate(ordered)}
    return tuple(tuple(number[symbol] for symbol in row) for row in rows)
