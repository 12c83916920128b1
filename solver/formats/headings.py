"""Lines that are about squares rather than of them: the order, headings, sentences."""

import re
from collections.abc import Sequence

from solver.formats.symbols import Row

_NUMBERS = re.compile(r"\d{1,5}(?:[\s,;xX*\u00d7]+\d{1,5}){0,3}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]?")
_WORD = re.compile(r"(?<![^\W_])[A-Za-z]?[a-z]{2,}(?![^\W_])")


def is_header(row: Row, following: Row | None) -> bool:
    """Whether a line names the square behind it, or says its order and a number or two more."""
    if following is None:
        return False
    names = row.text.split()
    if all(map(_NAME.fullmatch, names)):
        # One name or one over each of several squares.
        return len(following.words) > len(names) + 1 and len(following.words) % len(names) == 0
    if not _NUMBERS.fullmatch(row.text):
        return False
    numbers = {int(number) for number in re.findall(r"\d+", row.text)}
    width = len(following.words)
    return width in numbers or {number * number for number in numbers} == {width}


def is_prose(rows: Sequence[Row]) -> bool:
    """Whether lines are words of which hardly one comes twice."""
    words = [word for row in rows for word in _WORD.findall(row.text)]
    if not words or sum(map(len, words)) * 3 < sum(len(row.text) for row in rows):
        return False
    return len(rows) == 1 or len(set(words)) * 3 > len(words) * 2
