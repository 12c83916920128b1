"""Symbols in text: what may stand for one, how a line is cut into them, how they get numbers."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

from solver.records import Rows

Named: TypeAlias = Sequence[Sequence[str]]
"""A square, or some of its rows, in the symbols of its writer."""

_BETWEEN = re.compile(r"(?:[\s,;|&\u060c\u3001\"'`()\[\]{}<>]|(?<!\S)/(?!\S))+")
_GROUP = re.compile(r"[(\[{<]([^()\[\]{}<>]*)[)\]}>]")
_WITHIN = re.compile(r"[/\-.:_\u00b7\u2022\u22c5]")
_GAP = re.compile(r"\s{2,}")
_APART = re.compile(r"[0-9A-Za-z]+(?: [0-9A-Za-z]+)+")
_LABEL = re.compile(r"\[\d{1,6}\]\s+(?=[^\s\[])")
_LEFT_OUT = re.compile(r"\.{2,}|[…⋯⋮⋱]+")
_ALONE = re.compile(r"(?<!\S)(?:\.{2,}|\u2026)(?!\S)")
HOLES = frozenset(("", "null", "NaN", "nan", "None", "NA", "N/A", "undefined", "NULL", "nil"))
"""What programs write for a cell that holds nothing."""
_LISTED = 3
"""Digits of a number in a list of one a line; so many lines of one digit may be labels."""
_HOLE = re.compile(r"[-\u2010-\u2015._?*#\u25a1\u2610]{1,8}")
_WITH_HOLES = re.compile(r"(?!\w+\.{3}\w+$)(?=.*(?:\.\.|^\.|\.$))(?=.*\d)[\d.]{4,}")
"""A row of a Sudoku with points for what is not known."""
_SYMBOL = re.compile(r"[^\W_]{1,8}|[♠♥♦♣♤♡♢♧]{1,8}|[+-]?\d{1,8}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of symbols.

    `group`: how many stand between brackets or wide gaps; 0 for none. `word`: the one word of which
    they are the letters; '' where they stand apart. `label`: a number in brackets before it, which
    may be a symbol that is marked.
    """

    line: int
    text: str
    words: tuple[str, ...]
    group: int = 0
    word: str = ""
    label: str = ""


def cut(text: str) -> list[str]:
    """A line's symbols: words between spaces or commas, or else the characters of its one word."""
    words = _words(text)
    if len(words) > 1:
        return words
    if _WITH_HOLES.fullmatch(words[0]) if len(words) == 1 else False:
        return list(words[0])
    parts = [part for part in _WITHIN.split("".join(words)) if part]
    return parts if len(parts) > 1 else list("".join(parts))


def row_of(line: int, text: str) -> Row:
    """One line's symbols, and what is written together in it."""
    if _APART.fullmatch(text):
        return Row(line, text, tuple(text.split()))
    if label := _LABEL.match(text):
        return replace(row_of(line, text[label.end() :]), label=label[0])
    words = _words(text)
    if len(words) == 1:
        (word,) = words
        return Row(line, text, tuple(cut(text)), word="" if _WITHIN.search(word) else word)
    for parts in _parts(text):
        cut_up = [_words(part) for part in parts]
        if len(cut_up) > 2 and len(cut_up[0]) == 1 < len(cut_up[1]):
            # A row's name.
            cut_up = cut_up[1:]
        size = len(cut_up[0])
        if size > 1 and all(len(part) == size for part in cut_up):
            return Row(line, text, tuple(chain.from_iterable(cut_up)), size)
    return Row(line, text, tuple(words))


def _parts(text: str) -> Iterator[list[str]]:
    """What may be written together in a line, in every way that shows it."""
    if len(groups := _GROUP.findall(text)) > 1 and not _ALONE.search(text):
        yield groups
    yield from (text.split(mark) for mark in "/;|&" if mark in text)
    if "  " in text:
        yield _GAP.split(text)
    if "," in text:
        yield text.split()
        yield text.split(",")


def is_list(rows: Sequence[Row]) -> bool:
    """Whether these are numbers of up to three digits, one a line, most of them of one."""
    numbers = [row.word for row in rows if 0 < len(row.word) <= _LISTED and row.word.isdecimal()]
    single = sum(len(number) == 1 for number in numbers)
    return len(numbers) == len(rows) and single > max(_LISTED, len(rows) // 2)


def alike(rows: Sequence[Row]) -> list[Row]:
    """The rows, a short word among others no more cut up than these are: `11` behind `9, 10,`."""
    if is_list(rows):
        return [replace(row, words=(row.word,), word="") for row in rows]
    longest = max((len(word) for row in rows if not row.word for word in row.words), default=0)
    return [
        replace(row, words=(row.word,), word="") if 0 < len(row.word) <= longest else row
        for row in rows
    ]


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(text) if word]


def odd(symbols: Iterable[str]) -> str:
    """What is wrong with the first that stands for no symbol; '' where all do."""
    # Each once: a square has some symbols, and as many cells as their square.
    for symbol in dict.fromkeys(symbols):
        if _LEFT_OUT.fullmatch(symbol):
            return f"{symbol[:20]!r} leaves symbols out: have the square written whole"
        if symbol in HOLES or _HOLE.fullmatch(symbol):
            return f"{symbol[:20]!r} is an empty cell: fill it, or take it out where it is none"
        if not _SYMBOL.fullmatch(symbol):
            return f"{symbol[:20]!r} is no symbol: write each with 1 to 8 digits and letters"
    return ""


def folded(symbols: Sequence[str], order: int) -> Named:
    """The rows of a square on one line."""
    return [symbols[at : at + order] for at in range(0, order * order, order)]


def numbered(rows: Named) -> Rows:
    """A square with its symbols numbered from 0 in their natural order.

    Numbers come by size (7 and 07 are one), other symbols by length, then digits before letters.
    """
    names = {symbol for row in rows for symbol in row}
    if all(name.isdecimal() for name in names):
        sizes = sorted({int(name) for name in names})
        ranks = {size: rank for rank, size in enumerate(sizes)}
        number = {name: ranks[int(name)] for name in names}
    else:
        ordered = sorted(names, key=lambda name: (len(name), name))
        number = {name: rank for rank, name in enumerate(ordered)}
    return tuple(tuple(number[symbol] for symbol in row) for row in rows)


def order_on_one_line(symbols: Sequence[str], spare: int = 0) -> int:
    """The order of a square that fits on one line with these symbols; 0 where they are a row.

    A row has no symbol twice, where a square on one line has each n times; `spare` more are let
    pass.
    """
    order = math.isqrt(len(symbols))
    whole = order * order == len(symbols)
    return order if whole and (order == 1 or len(set(symbols)) <= order + spare) else 0
