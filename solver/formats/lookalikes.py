"""Symbols typed in the place of others that look like them: `O` for `0`, a Cyrillic A."""

# ruff: noqa: RUF001 - the letters that look alike are what this is about

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from solver.formats.items import Problem
from solver.formats.layouts import readings
from solver.formats.symbols import Row

_ALIKE = ("0OoОоΟο", "1lIi|І", "2Zz", "5Ss", "8B", "AАΑ", "BВΒ", "CcСс", "EЕΕ", "HНΗ", "KКΚ")
_MORE = ("MМΜ", "NΝ", "PРΡ", "TТΤ", "XxХхΧ", "YУΥ", "aаα", "eе", "pрρ", "yу", "vν", "uυ", "iі")
_FAMILY = {char: family[0].lower() for family in (*_ALIKE, *_MORE) for char in family}


def meant_for(symbols: str) -> dict[str, str]:
    """The characters in these that may be meant for others there which look like them."""
    families: dict[str, Counter[str]] = defaultdict(Counter)
    for char, times in Counter(symbols).items():
        families[_FAMILY.get(char, char.lower())][char] += times
    meant: dict[str, str] = {}
    for family in families.values():
        (most, times), *others = family.most_common()
        meant |= {char: most for char, seldom in others if seldom < times}
    return meant


def mistaken(rows: Sequence[Row]) -> Problem | None:
    """One sentence on the first such cell, where that alone keeps the rows from being Latin."""
    words = {word for row in rows for word in row.words}
    changed = any(row.text[:1] == "+" for row in rows)
    if {"-1", "-2"} & words == {"-1"} and len(words) > len(rows[0].words) and not changed:
        return _empty(rows)
    meant = meant_for("".join(word for row in rows for word in row.words))
    if not meant or any(not row.text for row in rows):
        return None
    table = str.maketrans(meant)
    if not readings([_with(row, table) for row in rows]):
        return None
    for number, row in enumerate(rows, 1):
        for column, word in enumerate(row.words, 1):
            if (other := word.translate(table)) != word:
                where = f"line {row.line}: row {number}, column {column}"
                return Problem(row.line, f"{where}: {told(word, other)}.")
    return None


def _empty(rows: Sequence[Row]) -> Problem:
    row, number = next((row, at) for at, row in enumerate(rows, 1) if "-1" in row.words)
    where = f"line {row.line}: row {number}, column {row.words.index('-1') + 1}"
    return Problem(row.line, f"{where}: '-1' is an empty cell, as in Sage: fill it.")


def told(word: str, other: str) -> str:
    """What is said of one such symbol."""
    return f"{_named(word)} is in no square here, where {_named(other)} makes one: write that"


def _named(word: str) -> str:
    """A symbol, with the name of the alphabet where that is what differs."""
    first = word[0]
    if len(word) == 1 and first.isalpha():
        return f"{word!r} ({unicodedata.name(first, 'a letter').split()[0].title()})"
    return repr(word)


def _with(row: Row, table: Mapping[int, str]) -> Row:
    words = tuple(word.translate(table) for word in row.words)
    return Row(row.line, row.text.translate(table), words, row.group, row.word.translate(table))
