"""One Latin square after another from a unit's source, and what each gives."""

from collections.abc import Iterator, Sequence
from itertools import count, islice

from librt.vecs import vec
from mypy_extensions import i64

from solver.constructions import construct, method
from solver.constructions.variants import variants
from solver.question import FEW_ORDER, Question, unpacked
from solver.records import Rows
from solver.search.diagonal_sets import DiagonalSets
from solver.search.extended import extended
from solver.search.given import GivenSearch
from solver.search.latin import Random, Source
from solver.search.mate_count import MateCount
from solver.search.sets import EVERY, Sets
from solver.search.shape import (
    covered,
    diagonal,
    doubly_arrangement,
    has_subsquare,
    natural,
    rearranged,
    rows_of,
    transposed,
)
from solver.search.sieve import END, FOUND, PAUSE
from solver.search.sources import label, source, through, words
from solver.search.unit import Account, Find, PartCount, Unit
from solver.triples.families import family_of
from solver.triples.hunt import Hunt
from solver.triples.symmetric_part import SymmetricPart

STEP_BOUND = 50_000_000
"""Search steps for one square (about a second); far beyond what a random one needs."""
RICH_BOUND = 5_000_000
"""The same where the next square is as good: a few rich ones have no mate, and never tell."""
RICH_MATES = 100
"""Mates of a rich square to give, where it is left to the source: finding the first is the work."""
AT_ONCE = 500
"""Sets of one square that are given before the clock is looked at."""
PATIENCE = 20_000
"""Steps of work in vain (about a millisecond) between looks at the clock and at who waits."""


def tries(unit: Unit, account: Account) -> Iterator[Sequence[Find | PartCount]]:
    """One square after another, and what it gave."""
    question = unit.question
    if question.count_mates:
        return _counted(unit, account)
    if question.triple:
        hunted = _symmetric if question.way == "symmetric" else _hunted
        return hunted(unit, account)
    if question.way == "symmetric" or (question.esodls and question.exhausts):
        return extended(unit, account)
    if question.way == "construct":
        return _constructed(unit, account)
    if question.way == "file":
        return _given(unit, account)
    return _searched(unit, account)


def _constructed(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """The recorded construction, by the first unit, then variants of it without end."""
    order, mols = unit.question.order, unit.question.mols
    source = f"construct: {method(order, mols)}"[:80]
    if unit.number == 0:
        account.tried += 1
        yield (Find(construct(order, mols), source),)
    for squares in variants(order, f"{unit.seed} {unit.number}", mols):
        account.tried += 1
        yield (Find(squares, "construct"),)


def _searched(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """Those of the source's squares that have what is asked, with the sets it is the first of.

    Now and then nothing, so that whoever asks can see to other things.
    """
    question = unit.question
    rich = question.way == "turn"
    most = question.mates or (RICH_MATES if rich else EVERY if question.exhausts else 1)
    bound = RICH_BOUND if rich else STEP_BOUND
    alike = question.self_orthogonal
    shaped = DiagonalSets(question.order, question.mols, most) if question.odls else None
    # Where every square is gone through, one set more tells that some were left out.
    wanted = (
        0 if alike or question.odls else most + 1 if question.exhausts and most < EVERY else most
    )
    sets = Sets(
        question.order,
        question.mols if wanted else 2,
        wanted,
        bound,
        question.transversals,
        whole=question.exhausts,
    )
    sieve = sets.sieve
    sieve.tried, sieve.seen, sieve.undecided = (
        account.tried, account.transversals, account.undecided
    )  # fmt: skip
    begun = account.checkpoint.part if account.checkpoint else 0
    squares = source(question, unit.seed, unit.number, unit.units, begun)
    # What may have no more to give is over after so many squares in vain, counted one by one.
    patience = 0 if rich or question.order <= FEW_ORDER else PATIENCE
    while squares.begin():
        account.enter(int(squares.part))
        reached = PAUSE
        while reached != END:
            reached = int(sieve.advance(squares, patience))
            account.read(sieve)
            account.share = through(squares, account.tried)
            if reached != FOUND or alike:
                yield _finds(question, squares, sets, []) if reached == FOUND else ()
                continue
            if shaped is not None:
                yield from _diagonal(question, squares, sets, shaped, account)
                continue
            mates, given = sets.sets(), 0
            while others := list(islice(mates, AT_ONCE)):
                given += len(others)
                if given > most:
                    account.bounds.add("mates")
                    others.pop()
                account.read(sieve)
                yield _finds(question, squares, sets, others)


def _diagonal(
    question: Question, squares: Source, sets: Sets, shaped: DiagonalSets, account: Account
) -> Iterator[Sequence[Find]]:
    """The sets of diagonal squares that the square which the sieve has let pass gives."""
    square, listed = rows_of(squares.square, question.order), sets.sieve.transversals.found
    count = int(sets.sieve.count)
    if question.subsquare and not has_subsquare(square, question.subsquare):
        return
    for found in shaped.sets(square, listed, count):
        account.work = int(sets.sieve.work) + shaped.work
        yield [Find(squares_, label(question), count) for squares_ in found]


def _given(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """What the user's squares give, step by step; mostly nothing."""
    since = account.checkpoint
    given = GivenSearch(unit.question, unit.number, unit.units, since.part if since else None)
    tried, seen = account.tried, account.transversals
    # One more than is wanted, which tells that there are others.
    for sets in given.sets(lambda: unit.count + 1 - account.found):
        account.tried, account.transversals = tried + given.tried, seen + given.seen
        account.bounds |= given.bounds
        account.share = given.share
        if given.part != account.part:
            account.enter(given.part)
        yield [Find(squares, "file", given.count) for squares in sets]
    account.tried, account.transversals = tried + given.tried, seen + given.seen
    account.bounds |= given.bounds
    account.share = 1.0


def _counted(unit: Unit, account: Account) -> Iterator[Sequence[PartCount]]:
    """The mates of the user's square in each part that is the unit's, step by step."""
    question = unit.question
    (square,) = unpacked(question.squares, question.order)
    count = MateCount(square)
    if min(count.transversals, count.parts) < 0:
        account.bounds.add("transversals")
    since = account.checkpoint.part if account.checkpoint else 0
    account.transversals = max(0, count.transversals)
    for part in range(unit.number, count.parts, unit.units):
        if part < since:
            continue
        account.enter(part)
        account.share = part / count.parts
        mates = 0
        for found in count.steps(part):
            mates += found
            yield ()
        account.tried += 1
        yield (PartCount(part, count.parts, mates),)
    account.share = 1.0


def _finds(
    question: Question, squares: Source, sets: Sets, others: list[tuple[Rows, ...]]
) -> list[Find]:
    """What the square that the sieve has let pass gives, with the `others` of its sets."""
    sieve = sets.sieve
    found = _of_square(question, rows_of(squares.square, question.order), others)
    count = int(sieve.count)
    shaped = _shaped(question, found, sieve.transversals.found, count)
    return [Find(sets_, label(question), count) for sets_ in shaped]


def _of_square(
    question: Question, square: Rows, others: Sequence[tuple[Rows, ...]]
) -> list[tuple[Rows, ...]]:
    """The sets of a square and its mates, or of a square and its transpose."""
    first = natural(square)
    if not question.self_orthogonal:
        return [(first, *mates) for mates in others]
    second = transposed(square)
    orthogonal = covered(square, second) == question.order**2
    return [(first, natural(second))] if orthogonal else []


def _shaped(
    question: Question, found: list[tuple[Rows, ...]], transversals: vec[i64], count: int
) -> list[tuple[Rows, ...]]:
    """The sets that pass the filters, rearranged where that makes the first square diagonal."""
    if question.subsquare and found and not has_subsquare(found[0][0], question.subsquare):
        return []
    if not (question.diagonal or question.odls):
        return found
    if question.dsodls:
        return [
            rearranged(squares, order)
            for squares in found
            if (order := doubly_arrangement(squares[0], transversals, count)) is not None
        ]
    alike = question.self_orthogonal
    shaped = (diagonal(squares, transversals, count, symmetric=alike) for squares in found)
    return [squares for squares in shaped if squares is not None]


def _hunted(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """Each of the source's squares, with the best third square for some of its pairs."""
    question = unit.question
    hunt = Hunt(question.order, every=question.finite)
    # The nearest are looked for within bounds; none is proved to be the nearest of all.
    account.bounds.add("steps")
    squares, called = source(question, unit.seed, unit.number, unit.units), label(question)
    squares.begin()
    while squares.advance():
        account.tried += 1
        account.share = through(squares, account.tried)
        for triple in hunt.triples(squares.square):
            account.work = hunt.work
            yield (
                [Find(triple.squares, called, hunt.transversals, triple.covered)] if triple else ()
            )
        account.transversals += hunt.transversals
        if hunt.unlisted:
            account.bounds.add("transversals")
        yield ()


def _symmetric(unit: Unit, account: Account) -> Iterator[Sequence[Find]]:
    """The best triple of one part after the other, without end; mostly nothing.

    The first part takes seconds, so of it also what was the best before.
    """
    order = unit.question.order
    tried, seen = account.tried, account.transversals
    for number in count(account.checkpoint.part if account.checkpoint else 0):
        account.enter(number)
        family = family_of(unit.number, number)
        random = Random(words(f"symmetric {number}", order, unit.seed, unit.number))
        part = SymmetricPart(family, random)
        for triple in part.triples(soon=number == 0):
            account.tried, account.transversals = tried + part.tried, seen + part.seen
            account.work += part.work
            part.work = 0
            if triple is None:
                yield ()
            else:
                called = f"symmetric {family.name}"
                yield (Find(triple.squares, called, part.transversals, triple.covered),)
        tried, seen = account.tried, account.transversals
