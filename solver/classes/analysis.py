"""What can be said of a Latin square, and of a set of orthogonal ones, by looking at them."""

from dataclasses import dataclass

from librt.vecs import vec
from mypy_extensions import i64

from solver.classes import diagonal_class, transversal_count
from solver.classes.main_class import MainClass, main_class
from solver.classes.places import intercalates
from solver.classes.transversal_count import LISTED, TransversalCount
from solver.records import Rows
from solver.search import latin
from solver.search.mate_count import MateCount
from solver.search.mates import Mates
from solver.search.shape import backward, covered, is_diagonal, straight, transposed
from solver.search.steps import steps
from solver.search.transversals import crossing
from solver.verify import flaw, not_latin

MATES = 100_000
"""Mates searched for unless more are asked for: rich squares have millions."""
STEPS = 300_000_000
"""Search steps for the mates, or cells tried for the transversals: seconds."""
QUICK = 5_000_000
"""Steps for the mates, tenths of a second, that are taken in any case."""
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

    `doubly`: orthogonal to its transpose and to that along the back diagonal (DSODLS, where it is
    diagonal). `extended`: diagonal, and orthogonal to another of its class of diagonal squares
    (ESODLS); `diagonal_form`: the least of these, None of a square that is not diagonal.
    """

    transversals: Count | None
    mates: Count | None
    diagonal_transversals: Count | None
    diagonal_mates: Count | None
    diagonal: bool
    self_orthogonal: bool
    doubly: bool
    extended: bool | None
    diagonal_form: Rows | None
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


def square_facts(square: Rows, cap: int = 0, most: int = STEPS) -> SquareFacts:
    """Everything about one Latin square; its mates are counted to `cap`, in `most` steps.

    With a cap of 0 as many as MATES that are searched for, or some tenths of a second, come to.
    """
    turned = transposed(square)
    counts = transversals_and_mates(square, cap, most)
    own = _orthogonal(square, turned)
    return SquareFacts(
        *counts,
        diagonal=is_diagonal(square),
        self_orthogonal=own,
        doubly=own and _orthogonal(square, tuple(row[::-1] for row in turned[::-1])),
        extended=_extended(square, counts[-1]),
        diagonal_form=_diagonal_form(square),
        symmetric=square == turned,
        intercalates=len(intercalates(square)),
        main_class=main_class((square,)),
    )


def set_facts(squares: tuple[Rows, ...], cap: int = 0, most: int = STEPS) -> SetFacts:
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


def transversals_and_mates(
    square: Rows, cap: int = 0, most: int = STEPS
) -> tuple[Count | None, Count | None, Count | None, Count | None]:
    """A square's transversals and mates, and the diagonal ones; `cap` and `most` as above."""
    order = len(square)
    if order <= latin.MAX_ORDER:
        count = MateCount(square)
        number, listed = count.transversals, count.listed
        if number >= 0:
            mates = _all_mates(count, cap, most)
            diagonals = straight(order), backward(order)
            met = int(crossing(listed, number, order, *diagonals, listed))
            return Count(number), mates, Count(met), _mates(order, listed, met, cap, most)
    if order <= transversal_count.MAX_ORDER:
        counter = TransversalCount(order, 1)
        steps = min(most, STEPS)
        return Count(int(counter.count((square,), steps)), counter.whole), None, None, None
    return None, None, None, None


def _orthogonal(one: Rows, other: Rows) -> bool:
    return covered(one, other) == len(one) ** 2


def _extended(square: Rows, diagonal_mates: Count | None) -> bool | None:
    if not is_diagonal(square) or diagonal_mates == Count(0):
        return False
    if len(square) > diagonal_class.MOST_ORDER:
        return None
    return diagonal_class.orthogonal_arrangement(square) is not None


def _diagonal_form(square: Rows) -> Rows | None:
    if not 1 < len(square) <= diagonal_class.MOST_ORDER or not is_diagonal(square):
        return None
    return diagonal_class.diagonal_form(square)


def _all_mates(count: MateCount, cap: int, most: int) -> Count:
    found = steps_ = 0
    for part in range(count.parts):
        for more in count.steps(part):
            found += more
            steps_ += _PART
            done = count.work + steps_
            enough = found > cap if cap else count.searched > MATES and done > QUICK
            if enough or done > most:
                return Count(min(found, cap or MATES), whole=False)
    return Count(found)


def _mates(order: int, transversals: vec[i64], number: int, cap: int, most: int) -> Count:
    mates = Mates(order, 1, number)
    if mates.divide(transversals, number) <= 0:
        return Count(0)
    cap = cap or MATES
    found = work = 0
    # One more than the cap, so that exactly so many are known to be all.
    for answer in steps(mates, 0, lambda: cap + 1, counted=True):
        found += mates.found()
        work += mates.steps() + _PART
        if answer < 0 or found > cap or work > most:
            return Count(min(found, cap), whole=False)
    return Count(found)


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
