"""Mutually orthogonal Latin squares by construction: at once, for every order from 1 to 10,000.

`construct` gives them, `rows` one row after the other, `known` how many there are here,
`best_published` how many anywhere, `method` how they are made. `solver.constructions.variants`
gives different ones without end.
"""

from solver.constructions.arrays import Square
from solver.constructions.catalogue import construct, known, method, rows
from solver.published import MOST, NotKnown, best_published

__all__ = ["MOST", "NotKnown", "Square", "best_published", "construct", "known", "method", "rows"]
