"""Whether squares of order 1 or 2 are believable in a text: most texts hold a few by chance."""

import re
from collections.abc import Iterable, Iterator

from solver.formats.items import Given, Item, Problem
from solver.verify import not_latin

_HELD = 2**16
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
        self._larger = False

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
        """The items without small squares that other text makes unlikely."""
        held: list[Item] = []
        size = 0
        for item in items:
            small = _is_small(item)
            self._larger = self._larger or (isinstance(item, Given) and not small)
            if not held and not small:
                yield item
                continue
            held.append(item)
            size += 1
            if isinstance(item, Given):
                size += len(item.squares) * len(item.squares[0]) ** 2
            if size > _HELD:
                yield from self._decided(held)
                held, size = [], 0
        yield from self._decided(held)

    def _decided(self, items: list[Item]) -> list[Item]:
        most = 1 + 2 * sum(map(_is_small, items))
        least = 1
        if self._others > most:
            least = 3
        elif self._sentences or self._others + self._markup > most:
            least = 2
        kept = [
            item
            for item in items
            if not _is_small(item)
            or (_order(item) >= least and not (self._larger and _has_a_flaw(item)))
        ]
        if kept or not items:
            return kept
        line = items[0].line
        return [
            Problem(
                line,
                f"line {line}: what stands here among other text is as small as a square of order "
                f"{_order(items[0])}, and rather none: give squares that small alone.",
            )
        ]


def _is_small(item: Item) -> bool:
    return _order(item) in {1, 2}


def _has_a_flaw(item: Item) -> bool:
    """Whether small squares are not Latin, which beside larger ones are names of columns."""
    return isinstance(item, Given) and any(map(not_latin, item.squares))


def _order(item: Item) -> int:
    """The order of squares that are no record and stood in no object by name; 0 for all else."""
    if not isinstance(item, Given) or item.record or item.said is not None:
        return 0
    return len(item.squares[0])
