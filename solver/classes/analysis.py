"""What can be said of a Latin square, and of a set of orthogonal ones, by looking at them."""

from dataclasses import dataclass
from itertools import combinations

from librt.vecs import vec
from mypy_extensions import i64

from solver.classes import transversal_count
from solver.classes.main_class import MainClass, main_class
from solver.classes.transversal_count import LISTED, TransversalCount
from solver.records import Rows
from solver.search import latin
from solver.search.latin import zeros
from solver.search.mates import Mates
from solver.search.shape import backward, is_diagonal, straight
from solver.search.steps import steps
from solver.search.transversals import Transversals, crossing, room_for_any
from solver.verify import flaw, not_latin

MATES = 100_000
"""Mates counted unless more are asked for: rich squares have millions."""
STEPS = 300_000_000
"""Search steps for the mates, or cells tried for the transversals: seconds."""
_PART = 1_000
"""What it costs to go on to another part of the mates, in steps."""
PACKING = 200_000
"""Choices tried for the most disjoint common transversals."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; at least so many, where the count was not `whole`."""

    number: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class SquareFacts:
    """One Latin square. None stands for what is not found out about a square so large.

    A transversal is diagonal where it meets both main diagonals once, a mate where it is made of
    such transversals: both its main diagonals then hold every symbol.
    """

    transversals: Count | None
    mates: Count | None
    diagonal_transversals: Count | None
    diagonal_mates: Count | None
    diagonal: bool
    self_orthogonal: bool
    symmetric: bool
    intercalates: int
    main_class: MainClass | None


@dataclass(frozen=True, slots=True)
class SetFacts:
    """A set of mutually orthogonal squares, and how far it is from one square more.

    `extensions`: squares orthogonal to all of the set; each is made of n disjoint common
    transversals, of which at most `disjoint` can be had. None: not found out.
    """

    common_transversals: Count | None
    disjoint: Count | None
    extensions: Count | None
    main_class: MainClass | None


def square_flaw(square: Rows) -> str:
    """Why this is no Latin square, as part of a sentence; '' where it is one."""
    order = len(square)
    if not order or any(len(row) != order for row in square):
        return f"it is not {order} by {order}" if order else "it is empty"
    return not_latin(square)


def set_flaw(squares: tuple[Rows, ...]) -> str:
    """The verifier's sentence on what is wrong with a set; '' where nothing is."""
    return flaw(squares)


def square_facts(square: Rows, cap: int = MATES, most: int = STEPS) -> SquareFacts:
    """Everything about one Latin square; its mates are counted to `cap`, in `most` steps."""
    order = len(square)
    turned = tuple(zip(*square, strict=True))
    pairs = {pair for rows in zip(square, turned, strict=True) for pair in zip(*rows, strict=True)}
    return SquareFacts(
        *_transversals_and_mates(square, cap, most),
        diagonal=is_diagonal(square),
        self_orthogonal=len(pairs) == order * order,
        symmetric=square == turned,
        intercalates=_intercalates(square),
        main_class=main_class((square,)),
    )


def set_facts(squares: tuple[Rows, ...], cap: int = MATES, most: int = STEPS) -> SetFacts:
    """Everything about a verified set of two squares or more; `cap` and `most` as above."""
    order = len(squares[0])
    if order > transversal_count.MAX_ORDER:
        return SetFacts(None, None, None, main_class(squares))
    counter = TransversalCount(order, len(squares))
    common = Count(int(counter.count(squares, STEPS)), counter.whole)
    disjoint: Count | None = None
    extensions: Count | None = None
    if common.whole and common.number <= LISTED and order <= latin.MAX_ORDER:
        extensions = _mates(order, counter.listed, common.number, cap, most)
        if extensions.number:
            disjoint = Count(order)
        else:
            cells = [_cells(int(counter.listed[i]), order) for i in range(common.number)]
            disjoint = _most_disjoint(cells)
    return SetFacts(common, disjoint, extensions, main_class(squares))


def _transversals_and_mates(
    square: Rows, cap: int, most: int
) -> tuple[Count | None, Count | None, Count | None, Count | None]:
    """Its transversals and its mates, and those of them that are diagonal."""
    order = len(square)
    if order <= latin.MAX_ORDER:
        finder = Transversals(order, room_for_any(order))
        number = int(finder.find(_state(square)))
        if number >= 0:
            mates = _mates(order, finder.found, number, cap, most)
            diagonals = straight(order), backward(order)
            met = int(crossing(finder.found, number, order, *diagonals, finder.found))
            return Count(number), mates, Count(met), _mates(order, finder.found, met, cap, most)
    if order <= transversal_count.MAX_ORDER:
        counter = TransversalCount(order, 1)
        return Count(int(counter.count((square,), STEPS)), counter.whole), None, None, None
    return None, None, None, None


def _mates(order: int, transversals: vec[i64], number: int, cap: int, most: int) -> Count:
    mates = Mates(order, 1, number)
    if mates.divide(transversals, number) <= 0:
        return Count(0)
    found = work = 0
    # One more than the cap, so that exactly so many are known to be all.
    for answer in steps(mates, 0, lambda: cap + 1, counted=True):
        found += mates.found()
        work += mates.steps() + _PART
        if answer < 0 or found > cap or work > most:
            return Count(min(found, cap), whole=False)
    return Count(found)


def _state(square: Rows) -> vec[i64]:
    """The square as the search holds it: 16 cells a row."""
    state = zeros(latin.STATE)
    for r, row in enumerate(square):
        for c, symbol in enumerate(row):
            state[r * 16 + c] = symbol
    return state


def _intercalates(square: Rows) -> int:
    """Its subsquares of order 2: pairs of columns that two rows hold the same two symbols in."""
    order = len(square)
    columns = [{symbol: c for c, symbol in enumerate(row)} for row in square]
    twice = 0
    for (one, where), (other, _) in combinations(zip(square, columns, strict=True), 2):
        twice += sum(other[where[other[c]]] == one[c] for c in range(order))
    return twice // 2


def _cells(nibbles: int, order: int) -> int:
    """A transversal's cells as bits."""
    return sum(1 << (r * order + ((nibbles >> (4 * r)) & 15)) for r in range(order))


def _most_disjoint(sets: list[int]) -> Count:
    """The most of these sets of cells that share none."""
    best = tried = 0
    open_: list[tuple[list[int], int]] = [(sets, 0)]
    while open_ and tried < PACKING:
        tried += 1
        left, chosen = open_.pop()
        best = max(best, chosen)
        if left and chosen + len(left) > best:
            first, *rest = left
            open_.append((rest, chosen))
            open_.append(([other for other in rest if not other & first], chosen + 1))
    return Count(best, whole=not open_)
