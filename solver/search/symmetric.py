"""Latin squares rich in transversals: turn-squares, and squares that a group moves along.

E. T. Parker, "Computer investigation of orthogonal Latin squares of order ten", Proc. Sympos. Appl.
Math. 15 (1963) 73-81, turned intercalates of Z2 x Z5 and found squares with thousands of
transversals. Squares with a cyclic automorphism: I. M. Wanless, "Diagonally cyclic Latin squares",
European J. Combin. 25 (2004) 393-413.
"""

from librt.vecs import vec
from mypy_extensions import i64

from solver.search.latin import Random, put

TURNED = (4, 8, 10)
"""Orders whose rich squares are turn-squares; of order 12 they have too many transversals."""
MOVED = ("turn (bordered)", "turn (diagonally cyclic)")
"""What the others' are called, of even and of odd order."""
_PATIENCE = 2_000
"""Steps after which a random choice is begun anew."""


def family(order: int) -> str:
    """How the rich squares of an order are made, as its records say it."""
    return "turn" if order in TURNED else MOVED[order % 2]


def rich(state: vec[i64], order: int, random: Random) -> None:
    """Put a random square of the order's family in `state`."""
    if order in TURNED:
        turn(state, order, random)
    else:
        moved(state, order, random)


def turn(state: vec[i64], order: int, random: Random) -> None:
    """A turn-square: the table of Z2 x Z(order / 2), each of its 2 x 2 blocks turned or not."""
    half = order // 2
    for row in range(half):
        turns = int(random.draw())
        for column in range(half):
            symbol = 2 * ((row + column) % half)
            turned = (turns >> (column + 8)) & 1
            for r, c in ((0, 0), (0, 1), (1, 0), (1, 1)):
                put(state, 2 * row + r, 2 * column + c, symbol + (r ^ c ^ turned))


def moved(state: vec[i64], order: int, random: Random) -> None:
    """A square that an abelian group moves along its diagonals.

    Of odd order the group is as large as the square; of even order one row, column and symbol
    stay where they are (the square is bordered).
    """
    size = order if order % 2 else order - 1
    add = _group(size, elementary=order == 9)
    missing = -1 if size == order else int(random.below(size))
    values, symbol, difference = _near_orthomorphism(add, missing, random)
    for i in range(size):
        for x in range(size):
            value = size if x == missing else add[values[x]][i]
            put(state, i, add[i][x], value)
    if size < order:
        for i in range(size):
            put(state, i, size, add[symbol][i])
            put(state, size, i, add[i][difference])
        put(state, size, size, size)


def _group(size: int, *, elementary: bool) -> list[list[int]]:
    """The table of a cyclic group or, `elementary`, of Z3 x Z3.

    No square of order 9 that the cyclic one moves is self-orthogonal, nor one of order 10 that
    the other does.
    """
    if elementary:
        return [[(a // 3 + b // 3) % 3 * 3 + (a + b) % 3 for b in range(size)] for a in range(size)]
    return [[(a + b) % size for b in range(size)] for a in range(size)]


def _near_orthomorphism(
    add: list[list[int]], missing: int, random: Random
) -> tuple[list[int], int, int]:
    """A random f on the group but `missing`, one to one, and f(x) - x one to one as well.

    Also the value and the difference that do not occur (0 where `missing` is -1).
    """
    size = len(add)
    minus = [[row.index(a) for row in zip(*add, strict=True)] for a in range(size)]
    points = [x for x in range(size) if x != missing]
    while True:
        values = [-1] * size
        left, differences = set(range(size)), set(range(size))
        choices = [_shuffled(left, random)]
        steps = 0
        while choices and steps < _PATIENCE:
            steps += 1
            x = points[len(choices) - 1]
            if values[x] >= 0:
                left.add(values[x])
                differences.add(minus[values[x]][x])
                values[x] = -1
            if not choices[-1]:
                choices.pop()
                continue
            value = choices[-1].pop()
            if minus[value][x] not in differences:
                continue
            values[x] = value
            left.remove(value)
            differences.remove(minus[value][x])
            if len(choices) == len(points):
                return values, *((left.pop(), differences.pop()) if left else (0, 0))
            choices.append(_shuffled(left, random))


def _shuffled(values: set[int], random: Random) -> list[int]:
    rest = sorted(values)
    for i in range(len(rest) - 1, 0, -1):
        j = int(random.below(i + 1))
        rest[i], rest[j] = rest[j], rest[i]
    return rest
