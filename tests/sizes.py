"""What objects take in memory, with all that they alone hold."""

import gc
import sys
from enum import Enum
from types import FunctionType, ModuleType

_SHARED = (type, Enum, FunctionType, ModuleType)
"""What is there once, however many there are of those who name it."""


def size_of(*roots: object) -> int:
    """Bytes of all that is reached from `roots`, each object counted once."""
    seen: set[int] = set()
    waiting, size = list(roots), 0
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _SHARED):
            continue
        seen.add(id(each))
        size += sys.getsizeof(each)
        waiting += gc.get_referents(each)
    return size
