"""The lines of affine planes as rows of arrays, some of them constant."""

from solver.constructions.arrays import Array
from solver.constructions.fields import field


def lines(order: int, width: int) -> Array:
    """The array of the field of an order, its width at most one more: the first row is zeros.

    Up to the order in width there is a constant row for each symbol, and they come first.
    """
    numbers = field(order)
    multiples = [numbers.multiples(a) for a in range(min(width, order))]
    array: Array = []
    for x in range(order):
        for y in range(order):
            sums = numbers.sums(y)
            row = tuple(sums[multiple[x]] for multiple in multiples)
            array.append((*row, x) if width > order else row)
    return array


def holed(order: int, width: int, holes: int) -> Array:
    """The same without the constant rows of the last `holes` symbols.

    Where the width is the order and one more, there is one constant row, and so one hole at most.
    """
    assert width <= order or holes <= 1
    last = order - 1
    return [tuple(last - symbol for symbol in row) for row in lines(order, width)[holes:]]
