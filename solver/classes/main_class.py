"""The class of a set of squares, told by its canonical form: what 'distinct' means here.

Sets of MOLS, and triples, whose third square is not orthogonal to both others: of these, too, rows,
columns, symbols and what stands for what (an orthogonal array's columns) may be named anew. Where
the first square A is orthogonal to B and C, say, that is all of S10 for the names in each of the
five columns, the six orders of rows, columns and symbols of A, and B for C: it keeps the r pairs
of symbols that B and C make. Where two of the three pairs of squares fall short, it is rows for
columns, and the first square for the second.
"""

import hashlib
import threading
from dataclasses import dataclass
from functools import lru_cache

from solver.classes.canonical import COLUMNS, Canonical
from solver.classes.colours import MAX_ORDER
from solver.records import Rows

DIGEST_SIZE = 16
_FORM = "squarm class 1"
"""Part of every digest: it changes with the form, or digests of two kinds would be compared."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class MainClass:
    """What all the sets that differ in names alone share.

    `digest` names the class (16 bytes over the form); `form` is its canonical member's symbols,
    square by square, a byte each; `group` counts the renamings that leave a member as it is: the
    autoparatopisms, for one square.
    """

    order: int
    digest: bytes
    form: bytes
    group: int

    @property
    def squares(self) -> tuple[Rows, ...]:
        """The canonical member."""
        n = self.order
        rows = [tuple(self.form[at : at + n]) for at in range(0, len(self.form), n)]
        return tuple(tuple(rows[at : at + n]) for at in range(0, len(rows), n))


def main_class(
    squares: tuple[Rows, ...], covered: tuple[int, int] | None = None
) -> MainClass | None:
    """The class of a set of MOLS of symbols 0 to n - 1, which must have been verified.

    `covered`: of a triple, the pairs of symbols that the third makes with the first two. None where
    it takes too long to find, which happens to no square but rare, great and regular ones. Calls
    from any thread are safe.
    """
    order = len(squares[0])
    if order > MAX_ORDER or len(squares) > COLUMNS - 2:
        return None
    gaps = tuple((which, 2, order**2 - pairs) for which, pairs in enumerate(covered or ()))
    with _LOCK:
        finder = _finder(order, len(squares))
        if not finder.find(squares, gaps):
            return None
        form, group = finder.form(), finder.group
    head = f"{_FORM} {len(squares)} {order} ".encode()
    return MainClass(order, hashlib.sha256(head + form).digest()[:DIGEST_SIZE], form, group)


def automorphisms(square: Rows) -> list[list[int]]:
    """Automorphisms of a Latin square of symbols 0 to n - 1, of which all its others are made.

    Each says of the rows, then the columns, then the symbols, numbered through, which of them each
    becomes; rows may become columns or symbols. Where the class takes too long to find these are
    not all that there are, or none.
    """
    if not 2 <= len(square) <= MAX_ORDER:
        return []
    with _LOCK:
        finder = _finder(len(square), 1)
        finder.find((square,))
        return finder.automorphisms.known()


@lru_cache(maxsize=4)
def _finder(order: int, squares: int) -> Canonical:
    return Canonical(order, squares)
