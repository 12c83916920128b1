"""The hunt's nearest triple over time, one core: `-m benchmarks.solver.hunt [SECONDS [SEEDS]]`.

Each family of symmetric squares by itself, then the whole hunt, from each of the seeds: when
which number of pairs of symbols was first reached, in seconds of processor time.
"""

import sys
import time
from collections.abc import Iterator
from itertools import count

from solver.question import Question
from solver.records import TripleRecord
from solver.search.latin import Random
from solver.search.sources import words
from solver.search.units import Unit, search
from solver.triples.families import FAMILIES, Family
from solver.triples.hunt import Triple
from solver.triples.symmetric_part import SymmetricPart

LEAST = 70
"""Pairs of symbols from which on it is told."""


def main(seconds: float, seeds: int) -> None:
    """Print a line a family and seed, then one a source and seed."""
    print("| family | seed | squares | pairs of symbols (after seconds) |\n|---|---:|---:|---|")
    for family in FAMILIES:
        for seed in range(1, seeds + 1):
            print(f"| {family.name} | {seed} | {_line(_of_family(family, seed), seconds)} |")
    print("\n| source | seed | squares | pairs of symbols (after seconds) |\n|---|---:|---:|---|")
    for source in ("turn", "symmetric"):
        for seed in range(1, seeds + 1):
            print(f"| {source} | {seed} | {_line(_of_source(source, seed), seconds)} |")


def _line(found: Iterator[tuple[int, int]], seconds: float) -> str:
    """Squares tried, and each number of pairs with when it was first reached."""
    began, best, squares = time.process_time(), LEAST - 1, 0
    reached = []
    for tried, pairs in found:
        spent, squares = time.process_time() - began, tried
        if pairs > best:
            best = pairs
            reached.append(f"{pairs} ({spent:.1f})")
        if spent >= seconds:
            break
    return f"{squares:,} | {', '.join(reached) or f'fewer than {LEAST}'}"


def _of_family(family: Family, seed: int) -> Iterator[tuple[int, int]]:
    tried = 0
    for number in count():
        part = SymmetricPart(family, Random(words(f"benchmark {number}", 10, seed, 0)))
        for triple in part.triples(soon=True):
            yield tried + part.tried, _pairs(triple)
        tried += part.tried


def _pairs(triple: Triple | None) -> int:
    return triple.covered[1] if triple else 0


def _of_source(source: str, seed: int) -> Iterator[tuple[int, int]]:
    unit = Unit(Question(10, triple=True, source=source), 10**9, seed)
    for record in search(unit, time.monotonic, lambda: False):
        if isinstance(record, TripleRecord):
            yield record.tried, record.covered[1]


if __name__ == "__main__":
    main(float((sys.argv[1:2] or ["20"])[0]), int((sys.argv[2:3] or ["3"])[0]))
