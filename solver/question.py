"""What is asked of the search, and one sentence where it cannot be answered."""

from dataclasses import dataclass, fields

from solver.published import NotKnown, best_published, refusal
from solver.records import ROOM as RECORD_ROOM
from solver.search.latin import MAX_ORDER

AUTO = "auto"
SOURCES = (AUTO, "construct", "turn", "random", "symmetric", "exhaust", "file")
"""Where Latin squares come from; `auto` chooses by the order and by what is asked."""
HOPELESS = (2, 6)
"""Orders without a pair: going through every reduced square proves it."""
EXHAUSTIBLE = 8
"""Reduced squares of order 8: 535,281,401,856; of order 9 there are 377,597,570,964,258,816."""
FEW_ORDER = 5
"""Up to here pairs are so few that all that a job finds is one unit's work."""
TRIPLE_ORDER = 10
MAX_MATES = 10_000
MOST_RECORDED = 128
"""The largest order of a job; `squarm solve` streams larger ones by the row."""
SQUARES_LIMIT = 64 * 1024
"""Characters of the user's squares that a job may carry: Linux takes no longer argument."""

MOST_TRANSVERSALS = (0, 1, 0, 3, 8, 15, 32, 133, 384, 2_241, 5_504, 37_851, 65_536)
"""By order: proven most up to 9 (OEIS A090741), best known at 10 (Parker) and 11 (cyclic); at 12
what the search has room for."""

_USUAL = (0, 1, 0, 3, 8, 15, 32, 60, 120, 320, 950, 3_700, 15_500)
"""Transversals by order that a uniform random square may well have."""

_DIGITS = "0123456789abcdef"


class QuestionError(ValueError):
    """A question that cannot be answered; the text is one sentence, `field` what is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Question:
    """Sets of `mols` orthogonal squares of `order`, at most `mates` from one Latin square.

    With `mates` 0 that is left to the source: all of them where there is only so much to try.

    The first square of each set must be `diagonal` (both main diagonals hold every symbol), or
    orthogonal to its own transpose, have a subsquare of order `subsquare`, or at least so many
    `transversals`, where asked. `odls`: all squares of a set are diagonal. `dsodls`: the first is
    diagonal and orthogonal to its transposes along both diagonals. `esodls`: the second is of the
    first's main class of diagonal squares. `triple` hunts instead for the third square nearest to
    being orthogonal to a pair. `squares`: the user's, as `packed`
    gives them, for the source `file`. `count_mates`: all mates of the one square are counted, and
    none is given.
    """

    order: int = 10
    mols: int = 2
    source: str = AUTO
    mates: int = 0
    diagonal: bool = False
    self_orthogonal: bool = False
    subsquare: int = 0
    transversals: int = 0
    triple: bool = False
    squares: str = ""
    odls: bool = False
    dsodls: bool = False
    count_mates: bool = False
    esodls: bool = False

    def __post_init__(self) -> None:
        """Raises QuestionError."""
        self._check_order()
        if self.source not in SOURCES:
            known = ", ".join(SOURCES)
            raise QuestionError("source", f"Source must be one of {known}: {self.source!r:.40}.")
        _within("mates", self.mates, 0, MAX_MATES)
        if self.triple:
            self._check_triple()
        else:
            self._check_mols()
        self._check_source()
        self._check_filters()
        if self.count_mates:
            self._check_count()

    @property
    def filtered(self) -> bool:
        """True where not every square will do."""
        diagonal = self.diagonal or self.odls or self.dsodls or self.esodls
        return bool(diagonal or self.self_orthogonal or self.subsquare or self.transversals)

    @property
    def _diagonal_transposes(self) -> bool:
        """True where a diagonal square and its transpose are wanted."""
        return self.self_orthogonal and (self.diagonal or self.odls) and not self.dsodls

    @property
    def way(self) -> str:
        """The source that is taken: where it is left open, the sensible one."""
        order = self.order
        if self.source != AUTO:
            return self.source
        if order == 1 or order in HOPELESS:
            return "exhaust"
        if order > MAX_ORDER:
            return "construct"
        # No rich square of order 10 or 12 was seen to be self-orthogonal and diagonal.
        if self.triple or self.esodls or (order in (10, 12) and self._diagonal_transposes):
            return "symmetric"
        rich = self.self_orthogonal or self.odls
        if rich or self.transversals > _USUAL[order]:
            return "turn"
        # A random square of order 12 takes a tenth of a second, a set of three of them for ever.
        if not self.filtered and (order == MAX_ORDER or self.mols > 2):
            return "construct"
        return "random"

    @property
    def arguments(self) -> list[str]:
        """The solver's command line that asks this; `python -m solver` reads it."""
        given = [str(self.order)]
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if value != field.default:
                flag = "--" + field.name.replace("_", "-")
                given += [flag] if value is True else [flag, str(value)]
        return given

    @property
    def exhausts(self) -> bool:
        """True where every reduced square is gone through."""
        return self.way == "exhaust"

    @property
    def finite(self) -> bool:
        """True where there are only so many Latin squares to try, and a search comes to its end."""
        return self.way in ("exhaust", "file")

    @property
    def resumable(self) -> bool:
        """True where a unit saves where it stands, and can be taken up there."""
        return self.way == "symmetric" if self.triple else self.finite

    def _check_order(self) -> None:
        if self.order < 1:
            raise QuestionError(
                "order", f"Order must be a whole number of 1 or more: {self.order} is not."
            )
        if self.order > MOST_RECORDED:
            raise QuestionError(
                "order",
                f"Order {self.order} is too large for a job: orders 1 to {MOST_RECORDED} are "
                f"covered, and squarm solve {self.order} writes squares of orders to 10,000.",
            )

    def _check_mols(self) -> None:
        if self.mols < 2:
            raise QuestionError("mols", f"Mols must be 2 or more squares: {self.mols} is not.")
        constructs = self.way == "construct"
        # Of orders 2 and 6 the answer to a pair is a proof.
        if self.mols > 2 or self.order not in HOPELESS:
            try:
                most = _constructed(self.order) if constructs else best_published(self.order)
            except NotKnown as error:
                raise QuestionError("mols", str(error)) from None
            if self.mols > most:
                raise QuestionError("mols", str(refusal(self.order, self.mols, most)))
        if constructs and not fits_record(self.order, self.mols):
            raise QuestionError(
                "mols",
                f"{self.mols} squares of order {self.order} are too many for a job: "
                f"squarm solve {self.order} --mols {self.mols} writes them.",
            )

    def _check_triple(self) -> None:
        if self.order != TRIPLE_ORDER:
            raise QuestionError(
                "triple",
                f"The hunt for a triple is for order {TRIPLE_ORDER}, where none is known: "
                f"squarm solve {self.order} --mols 3 answers for order {self.order}.",
            )
        if self.mols != 2 or self.filtered or self.mates:
            raise QuestionError(
                "triple", "The hunt for a triple takes no --mols, --mates and no filter."
            )
        if self.source not in (AUTO, "turn", "random", "symmetric", "file"):
            raise QuestionError(
                "source",
                "The hunt for a triple takes its pairs from symmetric, turn, random or file.",
            )

    def _check_count(self) -> None:
        if self.mols != 2 or self.triple or self.filtered or self.mates:
            raise QuestionError(
                "count_mates", "Counting mates takes no --mols, --mates, --triple and no filter."
            )
        if self.source != "file" or "," in self.squares:
            raise QuestionError(
                "count_mates", "Mates are counted of one square: name a file that holds it alone."
            )
        if self.order < 2:
            raise QuestionError("count_mates", "Mates are counted from order 2 on.")

    def _check_source(self) -> None:
        order, source = self.order, self.source
        if bool(self.squares) != (source == "file"):
            raise QuestionError(
                "source", "Source file takes squares from a file, and no other source does."
            )
        if len(self.squares) > SQUARES_LIMIT:
            most = SQUARES_LIMIT // (order * order + 1)
            raise QuestionError(
                "squares",
                f"A job carries at most {most:,} squares of order {order}: give it fewer.",
            )
        if source == "file" and order <= MAX_ORDER:
            unpacked(self.squares, order)
        if order in HOPELESS and source not in (AUTO, "exhaust"):
            raise QuestionError(
                "source", f"Order {order} has no pair; --source exhaust proves it, {source} cannot."
            )
        if source == "symmetric" and not (self.triple or self.esodls or self._diagonal_transposes):
            raise QuestionError(
                "source",
                "Source symmetric is for the hunt for a triple of order 10 and for self-orthogonal "
                "diagonal squares: add --triple or --esodls.",
            )
        if source in (AUTO, "construct"):
            return
        if order > MAX_ORDER:
            raise QuestionError(
                "source",
                f"Source {source} covers orders 1 to {MAX_ORDER}: take construct for {order}.",
            )
        if source == "exhaust" and order > EXHAUSTIBLE:
            raise QuestionError(
                "source",
                f"Order {order} has more reduced squares than can be gone through: "
                f"exhaust covers orders 1 to {EXHAUSTIBLE}.",
            )
        shaped = self.diagonal or self.odls or self.self_orthogonal
        if self.esodls and source not in ("symmetric", "exhaust", "file"):
            raise QuestionError(
                "source", "Source for --esodls is symmetric, exhaust or file: leave it out."
            )
        if source == "exhaust" and shaped and not self.esodls:
            raise QuestionError(
                "source",
                "Exhaust goes through reduced squares, and being diagonal or self-orthogonal "
                "is lost when a square is reduced: take another source.",
            )

    def _check_filters(self) -> None:
        order = self.order
        if not self.filtered:
            return
        if order > MAX_ORDER:
            raise QuestionError(
                "source", f"Filters cover orders 1 to {MAX_ORDER}, which are searched: not {order}."
            )
        if self.source == "construct":
            raise QuestionError(
                "source", "Constructed squares are as they are: filters take another source."
            )
        if self.odls and order in (2, 3, 6):
            raise QuestionError(
                "odls", f"No two diagonal Latin squares of order {order} are orthogonal."
            )
        if self.diagonal and order in (2, 3):
            raise QuestionError("diagonal", f"No Latin square of order {order} is diagonal.")
        if self.dsodls and not (self.self_orthogonal and self.diagonal):
            raise QuestionError("dsodls", "A DSODLS is diagonal and self-orthogonal: ask for both.")
        if self.dsodls and order in (2, 3, 6, 10):
            raise QuestionError(
                "dsodls",
                f"No diagonal square of order {order} is orthogonal to both its transposes.",
            )
        if self.esodls and not self.odls:
            raise QuestionError("esodls", "Both squares of an ESODLS are diagonal: ask for odls.")
        if self.esodls and self.self_orthogonal:
            raise QuestionError(
                "esodls", "Diagonal self-orthogonal squares are ESODLS: leave out one of the two."
            )
        if self.esodls and self.mols > 2:
            raise QuestionError(
                "mols", "An ESODLS and one of its class are 2 squares: leave out mols."
            )
        if self.self_orthogonal and order in (2, 3, 6):
            raise QuestionError(
                "self_orthogonal", f"No Latin square of order {order} is self-orthogonal."
            )
        if self.self_orthogonal and self.mols > 2:
            raise QuestionError(
                "mols", "A self-orthogonal square and its transpose are 2 squares: leave out mols."
            )
        if self.subsquare and not 2 <= self.subsquare <= order // 2:
            raise QuestionError(
                "subsquare",
                f"A subsquare in order {order} has order 2 to {order // 2}: {self.subsquare} "
                "has not."
                if order > 3
                else f"A square of order {order} has no subsquare.",
            )
        _within_transversals(order, self.transversals)


def _constructed(order: int) -> int:
    # Imported late: a search does without.
    from solver.constructions import known

    return known(order)


def fits_record(order: int, mols: int) -> bool:
    """Whether so many squares of an order can be a job's result."""
    return order <= MOST_RECORDED and mols * order**2 * (len(str(order - 1)) + 1) < RECORD_ROOM


def share(count: int, units: int, number: int) -> int:
    """How many of a job's `count` squares its `number`th unit has to find."""
    return count // units + (number < count % units)


def packed(squares: list[tuple[tuple[int, ...], ...]]) -> str:
    """The user's squares of one order, up to 16, as a question carries them."""
    return ",".join("".join(_DIGITS[s] for row in square for s in row) for square in squares)


def unpacked(text: str, order: int) -> list[tuple[tuple[int, ...], ...]]:
    """The squares of `packed`; raises QuestionError where the text is none."""
    squares = []
    for part in text.split(","):
        symbols = [_DIGITS.find(digit) for digit in part]
        rows = tuple(tuple(symbols[r * order : (r + 1) * order]) for r in range(order))
        lines = [*rows, *zip(*rows, strict=False)]
        if len(part) != order * order or any(set(line) != set(range(order)) for line in lines):
            raise QuestionError("squares", f"{part!r:.40} is no Latin square of order {order}.")
        squares.append(rows)
    return squares


def _within_transversals(order: int, wanted: int) -> None:
    most = MOST_TRANSVERSALS[order]
    if not 0 <= wanted <= most:
        raise QuestionError(
            "transversals",
            f"No square of order {order} with more than {most:,} transversals is known here: "
            f"{wanted:,} is too many."
            if wanted > 0
            else f"Transversals must be 0 or more: {wanted} is not.",
        )


def _within(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise QuestionError(
            field, f"{field.capitalize()} must be between {low:,} and {high:,}: {value:,} is not."
        )
