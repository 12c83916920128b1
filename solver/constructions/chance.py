"""Random choices that are the same on every machine, named by a text instead of a number."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from solver.search.latin import Random

T = TypeVar("T")


class Chance:
    """A stream of choices; the same name gives the same stream."""

    def __init__(self, name: str) -> None:
        seed = hashlib.sha256(name.encode()).digest()
        words = [int.from_bytes(seed[i : i + 4], "big") | 1 for i in range(0, 16, 4)]
        self._random = Random(words)

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        return int(self._random.draw()) * bound >> 32

    def coin(self) -> bool:
        """True half the time."""
        return self.below(2) == 1

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order."""
        mixed = list(items)
        for i in range(len(mixed) - 1, 0, -1):
            j = self.below(i + 1)
            mixed[i], mixed[j] = mixed[j], mixed[i]
        return mixed
