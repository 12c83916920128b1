"""Whether squares of order 1 or 2 are believable in a text: most texts hold a few by chance."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from solver.formats.items import Given, Item, Problem
from solver.records import Rows
from solver.verify import not_latin

_HELD = 2**12
"""Cells and items from the first small square on, until it is decided what small ones are."""
_WORD = re.compile(rb"[A-Za-z]{3}")
_MARK = re.compile(rb"[=(){}\[\];:<>\\]")
"""What makes a line with a word in it one of a program, a configuration, markup, or a log."""
_WORDS = re.compile(rb"(?:^|\s)[A-Za-z]{2,}")
_SENTENCE = 4
"""Words of a line that says something."""
_LINE = 1000
"""Characters in which a line shows what it is."""


class Surroundings:
    """Counts the lines of a text that are other things than squares, as they pass."""

    def __init__(self) -> None:
        self._others = self._markup = self._sentences = 0
        self._sure = False
        """Whether squares that nothing speaks against, or a record, have come."""

    def seen(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines as they are."""
        for line in lines:
            # Comments and records of our own stand beside squares.
            if line[:1] not in {b"#", b"%"} and line[:2] != b'{"' and _WORD.search(line, 0, _LINE):
                if line.lstrip()[:1] in {b"<", b"\\"}:
                    self._markup += 1
                elif _MARK.search(line, 0, _LINE):
                    self._others += 1
                self._sentences += len(_WORDS.findall(line, 0, _LINE)) >= _SENTENCE
            yield line

    def believed(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items without squares that other text makes unlikely: small ones, and far from Latin.

        One sentence stands for all where most of the text is something else and has no squares.
        """
        held: list[Item] = []
        size = 0
        for item in items:
            doubtful = isinstance(item, Given) and _is_doubtful(item)
            if doubtful and not held and self._is_unopposed(item):
                # At once: whoever writes into a pipe waits for the answer.
                yield item
                continue
            sure = not doubtful and not isinstance(item, Problem)
            self._sure = self._sure or sure
            if self._sure and not held and not doubtful:
                yield item
                continue
            if not (isinstance(item, Problem) and item in held[-1:]):
                held.append(item)
            size += 1
            if isinstance(item, Given):
                size += len(item.squares) * len(item.squares[0]) ** 2
            if size > _HELD or (sure and all(isinstance(one, Problem) for one in held[:-1])):
                yield from self._decided(held)
                held, size = [], 0
        yield from self._decided(held)

    def _is_unopposed(self, item: Item) -> bool:
        """Whether nothing else has come so far, and small squares are Latin ones of order 2."""
        if not isinstance(item, Given) or self._others or self._markup or self._sentences:
            return False
        order = len(item.squares[0])
        return order > 2 or (order == 2 and not any(map(not_latin, item.squares)))

    def _decided(self, items: list[Item]) -> list[Item]:
        doubtful = [item for item in items if isinstance(item, Given) and _is_doubtful(item)]
        most = 1 + 2 * len({item.line for item in doubtful})
        kept = [
            item
            for item in items
            if not (isinstance(item, Given) and _is_doubtful(item)) or self._is_meant(item, most)
        ]
        told = [item for item in kept if isinstance(item, Problem) and not item.altered]
        if 1 < len(kept) == len(told) and not self._sure and self._others >= len(told):
            return [_no_squares(told[0].line)]
        return kept or [_by_chance(item) for item in doubtful[:1]]

    def _is_meant(self, item: Given, most: int) -> bool:
        """Whether a doubtful square is one, where a text has so many other lines at most."""
        order = len(item.squares[0])
        if order > 2:
            return self._others <= most or not any(map(_is_far_from_latin, item.squares))
        if self._others > most or (self._sure and any(map(not_latin, item.squares))):
            # Small ones that are not Latin are names of columns above larger ones.
            return False
        return order == 2 or not (self._sentences or self._others + self._markup > most)


def _no_squares(line: int) -> Problem:
    return Problem(
        line,
        f"line {line}: this text seems to be a program, a configuration or something else without "
        "squares: give the lines of squares alone.",
    )


def _by_chance(item: Given) -> Problem:
    return Problem(
        item.line,
        f"line {item.line}: what stands here among other text is no more of a square of order "
        f"{len(item.squares[0])} than most texts hold by chance: give the lines of squares alone.",
    )


def _is_doubtful(item: Given) -> bool:
    """Whether squares are small or not Latin at first sight, and no record and not called so."""
    if item.record or item.said is not None:
        return False
    order = len(item.squares[0])
    return order < 3 or any(
        len(set(one[0])) < order
        or len({row[0] for row in one}) < order
        or max(map(max, one)) >= order
        for one in item.squares
    )


def _is_far_from_latin(square: Rows) -> bool:
    """Whether half of the rows and columns have a symbol twice, or there are far too many."""
    order = len(square)
    twice = sum(len(set(line)) < order for line in chain(square, zip(*square, strict=True)))
    return twice >= order or max(map(max, square)) > order
