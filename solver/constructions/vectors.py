"""V(m, t) vectors: a column from which turns and roots of unity make a quasi-difference matrix.

Over the field of prime order q = m t + 1 the vector, a blank before it, is multiplied by the t-th
roots of unity and turned through its m + 2 places: m squares of order q + t.
"""

from solver.constructions.difference import Matrix, Symmetry


def vector(m: int, t: int, entries: str, source: str) -> Matrix:
    """The matrix of a vector's m + 1 entries."""
    q = m * t + 1
    root = next(
        pow(g, m, q) for g in range(2, q) if all(pow(g, m * d, q) != 1 for d in range(1, t))
    )
    size = m + 2
    turned = "".join(chr(ord("a") + (row + 1) % size) for row in range(size))
    return Matrix(
        squares=m,
        source=f"V({m}, {t}) vector, {source}",
        moduli=(q,),
        rows="-\n" + entries.replace(" ", "\n"),
        symmetries=(Symmetry(t, factor=(root,)), Symmetry(size, rows=turned)),
        fixed=(" ".join("0" * size),),
    )


# C. J. Colbourn, "Some direct constructions for incomplete transversal designs", J. Statist. Plann.
# Inference 56 (1996) 93-104; the others: Handbook of Combinatorial Designs (2007), III.3.6.
MATRICES = {
    78: vector(6, 11, "0 1 3 14 7 24 27", "Handbook III.3.6"),
    82: vector(8, 9, "0 1 20 70 23 59 3 8 19", "Colbourn 1996"),
    92: vector(6, 13, "0 1 3 7 55 47 34", "Handbook III.3.6"),
    100: vector(8, 11, "0 1 6 56 22 35 47 23 60", "Colbourn 1996"),
}
