"""Lists within lists, in whatever brackets: numpy, Mathematica, MATLAB, GAP, Python, RakeSearch."""

import math
import re
from collections.abc import Sequence
from typing import TypeAlias

from solver.formats.cells import Judge, Reading, latin
from solver.formats.layouts import on_one_line, readings, together
from solver.formats.symbols import Row
from solver.records import Rows

Tree: TypeAlias = list["str | Tree"]

_PART = re.compile(r"[\[({]|[\])}]|[^\s,;|&\"'`()\[\]{}]+")
_LONGEST = 9
"""Digits of a number of rows."""
DEEPEST = 12
"""Lists within lists; deeper ones hold no squares."""


def depth(text: str) -> tuple[int, int]:
    """How many brackets are open at the end of the text, and at most within it."""
    open_ = most = 0
    for char in text:
        if char in "[({":
            open_ += 1
            most = max(most, open_)
        elif char in "])}":
            open_ -= 1
    return open_, most


def nested(text: str, judge: Judge = latin) -> list[Reading]:
    """Every way to read lists as Latin squares; none where the brackets do not match."""
    tree = tree_of(text)
    return readings_of(tree, judge) if tree else []


def readings_of(tree: Tree, judge: Judge = latin) -> list[Reading]:
    """Every way to read lists as Latin squares."""
    return [reading for reading in _sets(tree, judge) if reading]


def runs_in(text: str) -> list[list[str]]:
    """The runs of what may be an array: a list of lists of as many words; [] where it is none."""
    tree = tree_of(text)
    while len(tree) == 1 and isinstance(inner := tree[0], list):
        tree = inner
    runs = [[str(word) for word in part] for part in tree if _is_leaf(part)]
    return runs if len(runs) == len(tree) and len({*map(len, runs)}) == 1 else []


def tree_of(text: str) -> Tree:
    """The lists that brackets make of a text; empty where they do not match."""
    root: Tree = []
    path: list[Tree] = [root]
    for match in _PART.finditer(text):
        found = match[0]
        if found in "[({":
            inner: Tree = []
            path[-1].append(inner)
            path.append(inner)
            if len(path) > DEEPEST:
                return []
        elif found in "])}":
            path.pop()
            if not path:
                return []
        else:
            path[-1].append(found)
    return root if len(path) == 1 else []


def _sets(tree: Tree, judge: Judge) -> list[Reading]:
    """The readings of one list; words beside lists say what they are, not what they hold."""
    lists = [part for part in tree if isinstance(part, list) and part]
    if not lists:
        return readings([row], judge) if (row := _leaf(tree)).words else []
    if len(lists) == 1:
        return _sets(lists[0], judge)
    found = _sets_of(lists, judge)
    return found or (_sets(shaped, judge) if (shaped := _of_shape(lists)) else [])


def _sets_of(lists: Sequence[Tree], judge: Judge) -> list[Reading]:
    """The readings of several lists."""
    if all(_is_leaf(part) for part in lists):
        return _of_leaves([_leaf(part) for part in lists], judge)
    cells = [_cells(part) for part in lists]
    size = {(len(row.words), row.group) for row in cells}
    square = len(size) == 1 and len(lists) * cells[0].group == len(cells[0].words) > 0
    if square and (found := readings(cells, judge)):
        return found
    if runs := _runs(lists):
        return readings([runs], judge)
    each = [_sets(part, judge) for part in lists]
    if not all(len(ways) == 1 for ways in each):
        return next((ways for ways in each if len(ways) > 1), [])
    sets = [squares for (reading,) in each for squares in reading]
    alone = all(len(squares) == 1 for squares in sets)
    return [together([squares[0] for squares in sets]) if alone else sets]


def _runs(lists: Sequence[Tree]) -> Row | None:
    """An array whose runs have their cell in brackets: `((0,0),1)`; None where it is none."""
    if any(len(part) != 2 or len(part[0]) != 2 or not isinstance(part[0], list) for part in lists):
        return None
    runs = [(*part[0], part[1]) if isinstance(part[1], str) else () for part in lists]
    words = [str(word) for run in runs for word in run]
    return Row(0, " ".join(words), tuple(words), 3) if all(runs) else None


def _of_shape(lists: Sequence[Tree]) -> Tree:
    """The list whose rows and columns the others say: `[...].reshape(3, 3)`, `[3][3]int{...}`."""
    largest = max(lists, key=_size)
    numbers = [
        str(number).removesuffix("L") for part in lists if part is not largest for number in part
    ]
    if not all(number.isdecimal() and len(number) < _LONGEST for number in numbers):
        return []
    return largest if math.prod(map(int, numbers)) == _size(largest) else []


def _size(tree: "str | Tree") -> int:
    return 1 if isinstance(tree, str) else sum(map(_size, tree))


def _of_leaves(rows: Sequence[Row], judge: Judge) -> list[Reading]:
    squares = [on_one_line(row.words, judge) for row in rows]
    if all(len(reading) == 1 and len(reading[0][0]) > 2 for reading in squares):
        return [_with_mates([reading[0][0] for reading in squares])]
    return readings(rows, judge)


def _with_mates(squares: Sequence[Rows]) -> Reading:
    """A RakeSearch result: a square, and others found for it, which need not go together."""
    reading = together(squares)
    if len(reading) == 1:
        return reading
    return [(squares[0], other) for other in squares[1:]]


def _is_leaf(tree: "str | Tree") -> bool:
    return isinstance(tree, list) and all(isinstance(part, str) for part in tree)


def _leaf(tree: "str | Tree") -> Row:
    words = tuple(part for part in tree if isinstance(part, str))
    return Row(0, " ".join(words), words)


def _cells(tree: Tree) -> Row:
    """A list of cells as one row; an empty one where it holds anything else."""
    parts = [part for part in tree if isinstance(part, list) and part]
    sizes = {len(part) for part in parts}
    if len(sizes) != 1 or not all(_is_leaf(part) for part in parts):
        return Row(0, "", ())
    words = tuple(str(word) for part in parts for word in part)
    return Row(0, " ".join(words), words, sizes.pop())
