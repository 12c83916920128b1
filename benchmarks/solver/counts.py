"""Every mate of squares with many automorphisms, counted: `-m benchmarks.solver.counts`.

By `MateCount`, which searches for one mate of those that automorphisms make alike, and by a search
for each of them, as `all_mates.c` counts. Both are of this process, one after the other.
"""

import time
from itertools import product

from solver.classes.main_class import main_class
from solver.records import Rows
from solver.search.latin import cyclic
from solver.search.mate_count import MateCount
from solver.search.mates import Mates
from solver.search.sets import EVERY
from solver.search.shape import enter
from solver.search.transversals import Transversals, room_for_any

RICHEST = (
    "1032547698 0123456789 2354678910 3245769801 5467980132 "
    "4576891023 7698103254 6789012345 9810324567 8901235476"
)
"""The square of order 10 with the most transversals known."""


def main() -> None:
    """Print a line a square."""
    print("Every mate, counted: one of each kind, each by itself, CPU seconds, one core")
    print("square                 group         mates    kinds      each   ratio")
    richest = tuple(tuple(map(int, row)) for row in RICHEST.split())
    for name, square in (
        ("Z2 x Z2 x Z2", _group(2, 2, 2)),
        ("Z9", _group(9)),
        ("Z3 x Z3", _group(3, 3)),
        ("5,504 transversals", richest),
    ):
        _print(name, square)


def _print(name: str, square: Rows) -> None:
    """Raises RuntimeError where the two do not come to the same."""
    began = time.process_time()
    count = MateCount(square)
    mates = sum(map(count.count, range(count.parts)))
    kinds = time.process_time() - began
    began = time.process_time()
    each = _each(square)
    alone = time.process_time() - began
    if mates != each:
        raise RuntimeError(f"{name}: {mates} mates, or {each}")
    known = main_class((square,))
    group = known.group if known else 0
    print(f"{name:20}{group:8,}{mates:14,}{kinds:9.4f}{alone:10.4f}{alone / kinds:8.1f}")


def _each(square: Rows) -> int:
    order = len(square)
    room = room_for_any(order)
    state, finder, mates = cyclic(order), Transversals(order, room), Mates(order, 1, room)
    enter(state, square)
    mates.search(finder.found, int(finder.find(state)), EVERY, EVERY)
    return mates.found()


def _group(*moduli: int) -> Rows:
    elements = list(product(*map(range, moduli)))
    place = {element: number for number, element in enumerate(elements)}

    def total(one: tuple[int, ...], other: tuple[int, ...]) -> int:
        return place[tuple((x + y) % m for x, y, m in zip(one, other, moduli, strict=True))]

    return tuple(tuple(total(one, other) for other in elements) for one in elements)


if __name__ == "__main__":
    main()
