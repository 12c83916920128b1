"""Lines that are about squares rather than of them: orders, headings, page numbers, sentences."""

import re
from collections.abc import Sequence
from itertools import pairwise

from solver.formats.layouts import on_one_line
from solver.formats.symbols import Row

_NUMBERS = re.compile(r"\d{1,5}(?:[\s,;xX*\u00d7]+\d{1,5}){0,3}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]?")
_SMALL = "[a-z\u00df-\u00f6\u00f8-\u00ff\u0430-\u045f]"
"""Letters of words: Greek ones are rather symbols."""
_WORD = re.compile(rf"(?<![^\W_])[^\W\d_]?{_SMALL}{{2,}}(?![^\W_])")
_GREETING = re.compile(rf"[^\W\d_]{_SMALL}+[,.!]+")
_NUMBER = r"\d{1,6}(?:st|nd|rd|th|[a-z])?"
_OPEN, _SHUT = r"[\s(\[{<#*~|\"\-_\u2010-\u2015]*", r"[\s)\]}>.:,;*~|\"\-_\u2010-\u2015]*"
_LABEL = re.compile(
    rf"{_OPEN}(?:[^\W\d_]{{1,20}}[\s.:#_-]*)?{_NUMBER}"
    rf"(?:(?:\s*[.:/-]\s*|\s+\(?of\s+|T|\s(?=\d\d?:)){_NUMBER}){{0,6}}{_SHUT}"
    rf"|{_OPEN}[IVX]{{1,6}}{_SHUT}"
)
"""A number, with a word before it or without: `L1`, `Page 7 of 9`, `- 12 -`, `No. 1`, `12:30`."""
_LETTER = re.compile(r"[^\W\d_]")
_SAYING = re.compile(r"[^\W\d_]{3}")
_LABEL_LIMIT = 60
_CELL = 4
"""Characters of a cell that may be made of symbols."""
_BETWEEN = re.compile(r"[\W_]")


def is_label(row: Row) -> bool:
    """Whether a line is one symbol, or by its form a name, a number, a page or a time."""
    if len(row.words) == 1:
        return True
    if len(row.text) > _LABEL_LIMIT or not _LABEL.fullmatch(row.text):
        return False
    return not on_one_line(row.words)


def is_beside(row: Row, other: Row) -> bool:
    """Whether a line among rows like another is none of them: a label, or a sentence."""
    if is_label(row):
        return len(row.words) == 1 or not _could_be_row(row, other)
    if row.word or not is_prose([row]):
        return False
    return set(_WORD.findall(row.text)).isdisjoint(other.words)


def is_name(row: Row) -> bool:
    """Whether a line is a label that cannot be a row."""
    return is_label(row) and not row.word.isdecimal() and not may_be_row(row)


def may_be_row(row: Row) -> bool:
    """Whether a line in the form of a label may be a row: three digits or numbers and more."""
    numbers = re.findall(r"\d+", row.text)
    return not _LETTER.search(row.text) and (
        len(numbers) > 2 or any(len(number) > 2 for number in numbers)
    )


def is_header(row: Row, first: Row | None) -> bool:
    """Whether a line names the square that begins behind it, or says its order and more numbers."""
    if first is None:
        return False
    names = row.text.split()
    width = len(first.words)
    if all(map(_NAME.fullmatch, names)):
        # One name or one over each of several squares, or names of columns.
        over = width > len(names) + 1 and width % len(names) == 0
        return over or (len(names) in {width, width - 1} and all(map(str.isdecimal, first.words)))
    if not _NUMBERS.fullmatch(row.text):
        return False
    if len(row.words) == width and set(row.words) <= set(first.words):
        return False
    numbers = {int(number) for number in re.findall(r"\d+", row.text)}
    return width in numbers or {number * number for number in numbers} == {width}


def names_columns(words: Sequence[str]) -> bool:
    """Whether words are numbers or letters in their order, as above the columns of a table."""
    ends = [re.fullmatch(r"(\D*?)(\d{1,4}|[A-Za-z])", word) for word in words]
    found = [(end[1], int(end[2]) if end[2].isdecimal() else ord(end[2])) for end in ends if end]
    return len(found) == len(words) > 1 and all(
        a[0] == b[0] and b[1] - a[1] == 1 for a, b in pairwise(found)
    )


def is_remark(rows: Sequence[Row], near: Sequence[Row]) -> bool:
    """Whether lines say something of the squares whose rows are near, and are no rows of these."""
    if not near or (len(rows) > 1 and not is_talk(rows)):
        return False
    for row in rows:
        numbers = {*re.findall(r"\d+", row.text)}
        shape = len(row.words) > 1 and numbers in [{str(len(other.words))} for other in near]
        if _SAYING.search(row.text) or (row.word and _LETTER.search(row.word)):
            if any(_shares(row, other) for other in near):
                return False
        elif not shape or len(rows) > 1:
            return False
    return True


def is_talk(rows: Sequence[Row]) -> bool:
    """Whether each line holds a word and hardly one word comes twice."""
    words = [word for row in rows for word in row.words]
    return len(set(words)) * 3 >= len(words) * 2 and all(_SAYING.search(row.text) for row in rows)


def _shares(row: Row, other: Row) -> bool:
    """Whether it is made of the symbols of another row, or mostly so."""
    symbols = set(other.words)
    if row.word:
        mine = row.words
        if set(mine) <= symbols:
            return True
        if len(mine) != len(other.words):
            return False
    elif min(map(len, other.words)) > 1 and max(map(len, other.words)) <= _CELL:
        mine, symbols = tuple("".join(row.words)), set("".join(other.words))
    else:
        mine = row.words
    return sum(symbol in symbols for symbol in mine) * 2 > len(mine)


def is_prose(rows: Sequence[Row]) -> bool:
    """Whether lines are words of which hardly one comes twice, but for lines that come again."""
    if len(rows) == 1 and _GREETING.fullmatch(rows[0].text):
        return True
    rows = [*{row.text: row for row in rows}.values()] if len(rows) > 1 else rows
    words = [word for row in rows for word in _WORD.findall(row.text)]
    # Rows of one square are written with the same letters.
    if len(rows) > 1 and all(set(row.word) == set(rows[-1].word) != set() for row in rows[1:]):
        return False
    if not words or sum(map(len, words)) * 3 < sum(len(row.text) for row in rows):
        return False
    return len(rows) == 1 or len(set(words)) * 3 > len(words) * 2


def _could_be_row(row: Row, other: Row) -> bool:
    """Whether it is written as another row is, with symbols of that, or as a cell of it is."""
    mine, others = set(row.words), set(other.words)
    if bool(row.word) == bool(other.word) and len(row.words) == len(other.words):
        return not mine.isdisjoint(others) and not is_prose([row])
    if row.word and not row.word.isdecimal() and len(row.word) == len(other.words[0]):
        return mine <= set("".join(other.words))
    return (mine <= others or others <= mine) and _marks(row) == _marks(other)


def _marks(row: Row) -> set[str]:
    return set(_BETWEEN.findall(row.text.strip()))
