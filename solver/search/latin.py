"""Uniform random Latin squares by the Jacobson-Matthews Markov chain.

M. T. Jacobson, P. Matthews, "Generating uniformly distributed random Latin squares",
J. Combin. Des. 4 (1996) 405-437. The chain also walks through improper squares (one cell of the
incidence cube at -1); only arrivals at proper squares count as moves, or the sample is biased.
Compiled by mypyc; the same source runs without it, slower.
"""

from typing import Final, final

from librt.vecs import append, vec
from mypy_extensions import i64, mypyc_attr

MAX_ORDER: Final = 12

# Offsets into the chain's state: three views of one square, each 16 x 16.
SYMBOL: Final = 0
COLUMN: Final = 256
ROW: Final = 512
STATE: Final = 1024
"""A power of two, so that masked indexes let the C compiler drop every bounds check."""


def zeros(size: int) -> vec[i64]:
    """A vec of `size` zeros."""
    made = vec[i64](capacity=size)
    for _ in range(size):
        made = append(made, i64(0))
    return made


def follows(x: i64, w: i64, mask: i64) -> i64:
    """The word after `w` where `x` is the fourth last."""
    t = (x ^ (x << 11)) & mask
    return w ^ (w >> 19) ^ t ^ (t >> 8)


@final
class Random:
    """xorshift128 (G. Marsaglia, "Xorshift RNGs", 2003): the same stream on every platform."""

    def __init__(self, words: list[int]) -> None:
        """Seed with four 32-bit words, not all zero."""
        self.x: i64 = words[0]
        self.y: i64 = words[1]
        self.z: i64 = words[2]
        self.w: i64 = words[3]
        # Read, not written as a literal: wide literals are boxed on 32-bit machines.
        self.mask: i64 = 0xFFFF_FFFF

    def draw(self) -> i64:
        """The next 32 bits."""
        drawn = follows(self.x, self.w, self.mask)
        self.x = self.y
        self.y = self.z
        self.z = self.w
        self.w = drawn
        return drawn

    def below(self, bound: i64) -> i64:
        """A whole number from 0 to `bound` - 1; `bound` at most 256."""
        return (self.draw() * bound) >> 32


def cyclic(order: int) -> vec[i64]:
    """A chain's state at the cyclic square of `order`."""
    state = zeros(STATE)
    for r in range(order):
        for c in range(order):
            put(state, r, c, (r + c) % order)
    return state


def put(state: vec[i64], r: i64, c: i64, s: i64) -> None:
    """Set cell (r, c) to s in all three views."""
    assert len(state) >= STATE
    state[(SYMBOL + r * 16 + c) & 1023] = s
    state[(COLUMN + r * 16 + s) & 1023] = c
    state[(ROW + c * 16 + s) & 1023] = r


def walk(state: vec[i64], random: Random, order: i64, arrivals: i64) -> None:
    """Move the chain on until it has arrived at `arrivals` proper squares; orders from 2."""
    assert len(state) >= STATE
    r: i64 = 0
    c: i64 = 0
    s: i64 = 0
    # Of the three 1-cells on each line through the improper cell, one is known; these name it.
    known_r: i64 = 0
    known_c: i64 = 0
    known_s: i64 = 0
    proper = True
    # What Random draws, with its words in registers: a fifth of the time.
    x, y, z, w, mask = random.x, random.y, random.z, random.w, random.mask
    while arrivals > 0:
        if proper:
            w1 = follows(x, w, mask)
            w2 = follows(y, w1, mask)
            w3 = follows(z, w2, mask)
            x, y, z, w = w, w1, w2, w3
            r = (w1 * order) >> 32
            c = (w2 * order) >> 32
            s = (w3 * (order - 1)) >> 32
            s1 = state[(SYMBOL + r * 16 + c) & 1023]
            if s >= s1:
                s += 1
            r1 = state[(ROW + c * 16 + s) & 1023]
            c1 = state[(COLUMN + r * 16 + s) & 1023]
            put(state, r, c, s)
        else:
            # Each coin says whether the known 1-cell is taken, or the other one, in whose place the
            # known one stays then. Without branches, of which half would be guessed wrong.
            coins = follows(x, w, mask)
            x, y, z, w = y, z, w, coins
            at = (SYMBOL + r * 16 + c) & 1023
            both = state[at] ^ known_s
            s1 = known_s ^ (both & (((coins >> 20) & 1) - 1))
            state[at] = both ^ s1
            at = (COLUMN + r * 16 + s) & 1023
            both = state[at] ^ known_c
            c1 = known_c ^ (both & (((coins >> 21) & 1) - 1))
            state[at] = both ^ c1
            at = (ROW + c * 16 + s) & 1023
            both = state[at] ^ known_r
            r1 = known_r ^ (both & (((coins >> 22) & 1) - 1))
            state[at] = both ^ r1
        state[(SYMBOL + r * 16 + c1) & 1023] = s1
        state[(SYMBOL + r1 * 16 + c) & 1023] = s1
        state[(COLUMN + r * 16 + s1) & 1023] = c1
        state[(ROW + c * 16 + s1) & 1023] = r1
        state[(COLUMN + r1 * 16 + s) & 1023] = c1
        state[(ROW + c1 * 16 + s) & 1023] = r1
        if state[(SYMBOL + r1 * 16 + c1) & 1023] == s1:
            state[(SYMBOL + r1 * 16 + c1) & 1023] = s
            state[(COLUMN + r1 * 16 + s1) & 1023] = c
            state[(ROW + c1 * 16 + s1) & 1023] = r
            proper = True
            arrivals -= 1
        else:
            known_r = r
            known_c = c
            known_s = s
            r = r1
            c = c1
            s = s1
            proper = False
    random.x, random.y, random.z, random.w = x, y, z, w


@mypyc_attr(allow_interpreted_subclasses=True)
class Source:
    """Latin squares, one after the other in `square` (16 cells a row), in one part or several.

    `total` squares there are in all, or `parts` parts, where one of these is known, else 0.
    """

    def __init__(self, square: vec[i64]) -> None:
        self.square: vec[i64] = square
        self.part: i64 = -1
        self.total: i64 = 0
        self.parts: i64 = 0

    def begin(self) -> bool:
        """Go on to the next part; False after the last."""
        self.part += 1
        return self.part == 0

    def advance(self) -> bool:
        """Put the part's next square in `square`; False after its last."""
        return False


@final
class Chain(Source):
    """Uniform random squares without end, an order's square of moves apart."""

    def __init__(self, order: int, random: Random) -> None:
        super().__init__(cyclic(order))
        self.order: i64 = order
        self.random = random
        if order > 1:
            walk(self.square, random, order, 2 * order**3)

    def advance(self) -> bool:
        """Move on to the next."""
        n = self.order
        if n > 1:
            walk(self.square, self.random, n, n * n)
        return True
