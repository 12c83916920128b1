"""What lines of symbols can mean: squares below or beside one another, tables, arrays, lists.

A reading counts only where it gives Latin squares throughout: that, and not how a text looks, says
what its writer meant. Where two readings do, the writer must say.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, combinations, pairwise

from solver.formats.arrays import array, turned
from solver.formats.beside import of_orders
from solver.formats.cells import Judge, Reading, Squares, divided, latin
from solver.formats.marks import unmarked
from solver.formats.symbols import Named, Row, alike, folded, odd
from solver.records import Rows

_SPACES = re.compile(r"\s+of\s+|\s+")
_NUMBERED = re.compile(r"([A-Za-z]?)(\d{1,8})")
_NAMED_BEHIND = re.compile(r"[^|]*[^|\s]\s*\|\s*\w{1,8}")
_NUMBERS = (["1", "2", "3", "4"], ["0", "1", "2", "3"])
"""Those of the terms of a square of order 2."""
_SQUARE_WORD = 9
"""Characters of the shortest word that is taken for a square among other words."""


def readings(rows: Sequence[Row], judge: Judge = latin) -> list[Reading]:
    """Every way to read all of these lines as Latin squares; mostly one or none."""
    # Marks hide a wrong cell, as they are wrong cells themselves.
    if judge is not latin and (found := _without_marks(rows, judge)):
        return found
    found = _as_written(alike(rows), judge)
    # What is marked in a square of order 3 makes its other cells one of order 2.
    marked = not found or (_order(found[0]) == 2 < len(rows) and any(unmarked(rows)))
    return _without_marks(rows, judge) if marked else found


def _without_marks(rows: Sequence[Row], judge: Judge) -> list[Reading]:
    return next(filter(None, (_as_written(alike(bare), judge) for bare in unmarked(rows))), [])


def _as_written(rows: Sequence[Row], judge: Judge) -> list[Reading]:
    """The readings of rows as they stand."""
    table = [row.words for row in rows]
    groups = {row.group for row in rows}
    group = groups.pop() if len(groups) == 1 else 0
    if body := _behind_a_bar(rows):
        table = body if square(body, judge) else table
    found = _of_table(table, group, judge)
    if not found and group > 2:
        words = list(chain.from_iterable(table))
        runs = array([words[at : at + group] for at in range(0, len(words), group)], 0, judge)
        found = [runs] if runs else []
    if not found and (cells := _between_marks(rows)):
        found = _of_table(cells, 0, judge)
    length = {len(word) for row in table for word in row}
    if len(length) == 1 and (size := length.pop()) > 1 and (not found or _order(found[0]) == 2):
        letters = [tuple("".join(row)) for row in table]
        found += [one for one in _of_table(letters, size, judge) if _differ(one, found)]
    return found


def _behind_a_bar(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Rows without the name that stands behind a bar at the end of each; [] where none does."""
    if not all(_NAMED_BEHIND.fullmatch(row.text) for row in rows):
        return []
    return [row.words[:-1] for row in rows]


def _between_marks(rows: Sequence[Row]) -> list[list[str]]:
    """Cells of several words with marks between, `Driver 1, ace of spades`; [] where none has."""
    for mark in "\t,;|&":
        cells = [row.text.lstrip(" |&").rstrip(" |&,;").split(mark) for row in rows]
        if (
            len(rows) > 2
            and min(map(len, cells)) > 2
            and all(one.strip() for row in cells for one in row)
            and any(" " in one.strip() for row in cells for one in row)
        ):
            return [[_SPACES.sub(".", one.strip()) for one in row] for row in cells]
    return []


def square(rows: Named, judge: Judge = latin) -> list[Squares]:
    """Every way to read n rows of n symbols, or of n cells of several."""
    one = judge(rows)
    return [(one,)] if one is not None else divided(rows, judge)


def on_one_line(words: Sequence[str], judge: Judge = latin) -> Reading:
    """The squares that one line holds; [] where it is a row of one, or something else."""
    length = len(words[0])
    alike = length > 1 and all(len(word) == length for word in words)
    found = _in_a_row(words, judge) or (_in_a_row("".join(words), judge) if alike else [])
    if found or len(words) == 1 or max(map(len, words)) < _SQUARE_WORD:
        return found
    # A table of squares: a number before each, and what else is known behind it.
    long = list(filter(_may_be_square, words))
    each = [_in_a_row(word, judge) for word in long]
    if not all(each):
        return []
    return together([one for reading in each for squares in reading for one in squares])


def in_parts(table: Sequence[Sequence[str]], _: int = 0, judge: Judge = latin) -> Reading:
    """One square, or several in one grid, printed some columns at a time."""
    table = _without_names(table)
    order = math.isqrt(sum(map(len, table)))
    parts = [table[at : at + order] for at in range(0, len(table), max(order, 1))]
    if len(parts) < 2 or len(table) % order or sum(len(part[0]) for part in parts) != order:
        return []
    if any(len(row) != len(part[0]) for part in parts for row in part):
        return []
    return square([[*chain.from_iterable(rows)] for rows in zip(*parts, strict=True)], judge)[:1]


def some_columns(rows: Sequence[Row]) -> bool:
    """Whether lines are some columns of a square with names of columns and rows, as in pandas."""
    head, *rest = [row.words for row in rows]
    width = len(head)
    if not 1 < width < len(rest) or any(len(row) != width + 1 for row in rest):
        return False
    names = [row[0] for row in rest]
    counted = list(map(str, range(len(rest))))
    numbers = [int(name) for name in head if name.isdecimal() and len(name) <= _SQUARE_WORD]
    named = all(b - a == 1 for a, b in pairwise(numbers))
    return names == counted and named and len(set(head)) == width


def _without_names(table: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Parts of a table without the names above their columns and before their rows."""
    heads = [at for at, (a, b) in enumerate(pairwise(table)) if len(b) == len(a) + 1]
    if len(heads) < 2 or heads[0] or len({b - a for a, b in pairwise([*heads, len(table)])}) > 1:
        return table
    return [row[1:] for at, row in enumerate(table) if at not in heads]


def orthogonal(one: Rows, other: Rows) -> bool:
    """Whether two Latin squares are of one order and orthogonal; most others are told soon."""
    if len(one) != len(other):
        return False
    seen = set()
    for rows in zip(one, other, strict=True):
        for pair in zip(*rows, strict=True):
            if pair in seen:
                return False
            seen.add(pair)
    return True


def together(squares: Sequence[Rows]) -> Reading:
    """Squares written together: one set where all are orthogonal, each for itself otherwise."""
    if len(squares) < 2 or len(squares[0]) < 3:
        return [(one,) for one in squares]
    if len(squares) < len(squares[0]) and all(orthogonal(*two) for two in combinations(squares, 2)):
        return [tuple(squares)]
    return [(one,) for one in squares]


def _of_table(
    table: Sequence[Sequence[str]], group: int, judge: Judge, *, labels: bool = True
) -> list[Reading]:
    width = len(table[0])
    even = all(len(row) == width for row in table)
    if even and (stacked := _stacked(table, judge)):
        return stacked
    lines = [on_one_line(row, judge) for row in table]
    if all(lines):
        return [list(chain.from_iterable(lines))]
    found: dict[str, Reading] = {}
    ways = (_beside, _woven, _alternating, array, turned) if even else (of_orders,)
    for way in (*ways, _listed, in_parts):
        if found and way is in_parts:
            break
        reading = way(table, group, judge)
        if reading and _order(reading) == 2 < len(set(chain.from_iterable(table))):
            # Two lines of anything larger have such squares in them.
            continue
        if reading and _differ(reading, list(found.values())):
            found[way.__name__] = reading
    if len(found) > 1 and group:
        order = _order(next(iter(found.values())))
        if group == order and "_beside" in found:
            return [found["_beside"]]
        if group == width // order and "_woven" in found:
            return [found["_woven"]]
    if any(line and _order(line) > 2 for line in lines):
        # A line that is no square names the columns, where it holds nothing of that length.
        head = ["".join(table[0]), *table[0]]
        named = all(lines[1:]) and not any(map(_may_be_square, head))
        return [list(chain.from_iterable(lines))] if named else list(found.values())
    if not found and labels:
        for inner in _inner(table, judge):
            within = _of_table(inner, group, judge, labels=False)
            # Squares of order 2 are in many tables, labels of theirs are rare.
            least = len(inner) == 2 or [row[0] for row in table] in _NUMBERS
            if within and (_order(within[0]) > 2 or (least and len(within[0]) == 1)):
                return within
    return list(found.values())


def _stacked(table: Sequence[Sequence[str]], judge: Judge) -> list[Reading]:
    """Squares below one another."""
    order = len(table[0])
    if order < 2 or len(table) % order:
        return []
    each = []
    for at in range(0, len(table), order):
        ways = square(table[at : at + order], judge)
        if not ways:
            return []
        each.append(ways)
    if len(each) == 1:
        return [[way] for way in each[0]]
    return [[ways[0] for ways in each]]


def _beside(table: Sequence[Sequence[str]], group: int, judge: Judge) -> Reading:
    """Sets of squares beside one another."""
    return _in_columns(
        table,
        group,
        lambda row, order: [row[at : at + order] for at in range(0, len(row), order)],
        judge,
    )


def _woven(table: Sequence[Sequence[str]], group: int, judge: Judge) -> Reading:
    """Squares of which each cell holds a symbol of each: `1 1  2 3  3 2`."""
    return _in_columns(
        table,
        len(table[0]) // group if group else 0,
        lambda row, order: [row[at :: len(row) // order] for at in range(len(row) // order)],
        judge,
    )


def _alternating(table: Sequence[Sequence[str]], _: int, judge: Judge) -> Reading:
    """Squares whose rows stand in turn: the first of each, the second of each."""
    order, height = len(table[0]), len(table)
    number = height // max(order, 1)
    if order < 3 or height % order or not 1 < number < order:
        return []
    squares = [judge(table[which::number]) for which in range(number)]
    return [tuple(one for one in squares if one)] if all(squares) else []


def _in_columns(
    table: Sequence[Sequence[str]],
    written: int,
    parted: Callable[[Sequence[str], int], list[Sequence[str]]],
    judge: Judge,
) -> Reading:
    """Squares of which each has some of the columns; `written`: the order that the text shows."""
    width, height = len(table[0]), len(table)
    kinds = len(set(chain.from_iterable(table)))
    for order in dict.fromkeys((height, kinds)):
        if order < 2 or width <= order or width % order or height % order:
            continue
        sets: Reading = []
        for at in range(0, height, order):
            rows = [parted(row, order) for row in table[at : at + order]]
            layers = list(zip(*rows, strict=True))
            ways = [square(layer, judge) for layer in layers]
            if not all(ways) or (order not in {written, kinds} and _one_begun(layers)):
                break
            sets.append(tuple(chain.from_iterable(way[0] for way in ways)))
        else:
            return sets
    return []


def _one_begun(layers: Sequence[Named]) -> bool:
    """Whether these may be the first rows of one larger square: no symbol in common, all alike."""
    first = [layer[0] for layer in layers]
    kinds = {(word.isdecimal(), word.isupper(), word.isascii()) for row in first for word in row}
    return len(kinds) == 1 and not set(first[0]).intersection(*first[1:])


def _listed(table: Sequence[Sequence[str]], _: int, judge: Judge) -> Reading:
    """Squares row by row, wherever the lines end: OEIS lists, squares on one line."""
    symbols = list(chain.from_iterable(table))
    if found := _in_a_row(symbols, judge):
        return found
    order = math.isqrt(len(symbols))
    if order > 1 and order * order == len(symbols):
        return divided(folded(symbols, order), judge)[:1]
    return []


def _in_a_row(symbols: Sequence[str], judge: Judge) -> Reading:
    """Squares one after another, n symbols in all, or cell by cell."""
    kinds = len(set(symbols))
    for order in (kinds, kinds - 1):
        size = order * order
        if order < 2 or len(symbols) % size:
            continue
        number = len(symbols) // size
        if found := _all_of(
            (symbols[at : at + size] for at in range(0, len(symbols), size)), judge
        ):
            return together(found)
        if 1 < number < order and (
            found := _all_of((symbols[which::number] for which in range(number)), judge)
        ):
            return [tuple(found)]
    return []


def _all_of(lists: Iterable[Sequence[str]], judge: Judge) -> list[Rows]:
    """A square for each list; none where one gives none."""
    found = []
    for symbols in lists:
        one = judge(folded(symbols, math.isqrt(len(symbols))))
        if one is None:
            return []
        found.append(one)
    return found


def _inner(table: Sequence[Sequence[str]], judge: Judge) -> Iterator[Sequence[Sequence[str]]]:
    """The table without labels before or behind its rows, of its columns, of both."""
    head, *rest = table
    if not rest:
        return
    width = len(rest[0])
    even = all(len(row) == width for row in rest)
    first = [row[0] for row in rest]
    if even and width > 1 and len(head) in {width, width - 1}:
        body = [row[1:] for row in rest]
        if _labels(first, body, judge) and _labels(head[len(head) - width + 1 :], body, judge):
            yield body
    if even and len(head) == width > 1:
        whole = [row[1:] for row in table]
        names = [row[0] for row in table]
        if len(set(names)) == 1 or _labels(names, whole, judge):
            yield whole
    if even and len(head) == width > 2:
        whole = [row[:-1] for row in table]
        behind = [row[-1] for row in table]
        constant = len(set(behind)) == 1 and not odd(behind)
        if constant or _labels(behind, whole, judge):
            yield whole
    another = set(head) == set(chain.from_iterable(rest))
    if (_labels(head, rest, judge) and not another) or head[0] == str(len(rest)):
        yield rest


def _labels(labels: Sequence[str], body: Sequence[Sequence[str]], judge: Judge) -> bool:
    """Whether these can be names of rows or columns: of the symbols, of none, or numbers."""
    if len(set(labels)) < len(labels):
        return False
    symbols = set(chain.from_iterable(body))
    # Cells of two parts have few in common with one another: they are labels only of what is Latin.
    cells = judge is not latin and len(symbols) > len(body[0])
    alike = cells and set("".join(labels)) <= set("".join(symbols))
    if not (symbols.intersection(labels) or alike) or symbols == set(labels):
        return True
    found = [_NUMBERED.fullmatch(label) for label in labels]
    if not all(found) or len({match[1] for match in found if match}) > 1:
        return False
    numbers = [int(match[2]) for match in found if match]
    return len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _may_be_square(word: str) -> bool:
    return len(word) >= _SQUARE_WORD and math.isqrt(len(word)) ** 2 == len(word)


def _order(reading: Reading) -> int:
    return len(reading[0][0])


def _differ(reading: Reading, others: list[Reading]) -> bool:
    """Whether it says something that none of the others does."""
    return all(list(map(set, reading)) != list(map(set, other)) for other in others)
