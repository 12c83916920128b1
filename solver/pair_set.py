"""Which pairs of symbols have been seen, a bit for each; compiled where there is a compiler."""

from typing import Final

from librt.vecs import append, vec
from mypy_extensions import i64

BITS: Final = 62
"""Of each word: the highest two would make it a large, slow number."""
TOP: Final = 1 << 61


def holds_each(row: list[int], order: int) -> bool:
    """Whether a row holds each whole number below `order` once."""
    if len(row) != order:
        return False
    words = _zeros(order // BITS + 1)
    for number in row:
        if not 0 <= number < order:
            return False
        symbol: i64 = number
        place: i64 = symbol // BITS
        bit: i64 = i64(TOP) >> (symbol - place * BITS)
        if words[place] & bit != 0:
            return False
        words[place] = words[place] | bit
    return True


def _zeros(size: int) -> vec[i64]:
    words = vec[i64](capacity=size)
    for _ in range(size):
        words = append(words, i64(0))
    return words


class PairSet:
    """Pairs of whole numbers below `order`: order squared bits."""

    def __init__(self, order: int) -> None:
        self._order = order
        self._words = _zeros(order * order // BITS + 1)

    def add(self, firsts: list[int], seconds: list[int]) -> int:
        """Take in the pairs that two rows make; how many of them are new.

        Both rows must hold `order` numbers below it.
        """
        words = self._words
        order: i64 = self._order
        new: i64 = 0
        for i in range(order):
            first: i64 = firsts[i]
            at: i64 = first * order + i64(seconds[i])
            place: i64 = at // BITS
            bit: i64 = i64(TOP) >> (at - place * BITS)
            word: i64 = words[place]
            if word & bit == 0:
                new += 1
                words[place] = word | bit
        return int(new)
