"""Which pairs of symbols have been seen, a bit for each; compiled where there is a compiler."""

from typing import Final

from librt.vecs import append, vec
from mypy_extensions import i64

BITS: Final = 62
"""Of each word: the highest two would make it a large, slow number."""
TOP: Final = 1 << 61


class PairSet:
    """Pairs of whole numbers below `order`: order squared bits."""

    def __init__(self, order: int) -> None:
        size = order * order // BITS + 1
        words = vec[i64](capacity=size)
        for _ in range(size):
            words = append(words, i64(0))
        self._order = order
        self._words = words

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
