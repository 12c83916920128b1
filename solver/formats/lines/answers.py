"""What solvers print of squares: facts of answer sets, variables that are 1, DIMACS models."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from solver.formats.cells import latin
from solver.formats.items import MAX_ORDER, Given, Problem, Read
from solver.formats.layouts import together
from solver.formats.symbols import folded
from solver.records import Rows

_FACT = re.compile(r"([a-z_]\w*)\(([\w,\s]+)\)[.,]?\s*")
_FACTS = re.compile(rf"(?:{_FACT.pattern}){{4,}}")
_VARIABLE = re.compile(
    r"[A-Za-z]\w*?[\[(#_](\w{1,3})[,#_]\s*(\w{1,3})[,#_]\s*(\w{1,3})[\])]?(?:\s*=\s*|\s+)"
    r"(-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?:\s+\(obj:.*\))?"
)
"""Row, column, symbol, and whether that is so, as Gurobi, CPLEX and SCIP say it."""
_DEFINED = re.compile(r"\(define-fun\s+\D*(\d+)\D+?(\d+)\s*\(\s*\)\s*\w+")
"""A cell of SMT-LIB."""
_OF_MODEL = re.compile(r"\(define-fun\s+(\D*)(\d+)\D+?(\d+)(\D*?)\s*\(\s*\)\s*\w+\s+(\d+)\s*\)")
_INDEXED = re.compile(r"\[\d+,\d+\] =(?:\s+\w{1,8})?")
"""A cell of Octave's, or above what one holds."""
_CELL = re.compile(r"^\[(\d{1,3}),(\d{1,3})\] =\s+(\w+(?:[^\S\n]+\w+)*)$", re.MULTILINE)
_MODEL = re.compile(r"(?:[vV]\s+)?(-?\d+(?:\s+-?\d+)*)")
_STATUS = re.compile(r"s SATISFIABLE|SAT")
_LONGEST = 9
"""Digits of a variable."""
_MOST = 2**22
"""Variables of a model that are true."""


def runs(text: str) -> str:
    """A solver's line as runs of row, column and symbol; the line itself where it is none."""
    if "(" in text and _FACTS.fullmatch(text):
        return _of_facts(text)
    if text[:1] == "[" and _INDEXED.fullmatch(text):
        return ""
    if text.startswith("(define-fun"):
        return _DEFINED.sub(r"(\1 \2", text)
    if variable := _VARIABLE.fullmatch(text):
        return " ".join(variable.groups()[:3]) if round(float(variable[4])) == 1 else ""
    return text


def of_cells(text: str) -> list[str]:
    """The rows of a cell array of Octave's, a cell in brackets; [] where it holds matrices."""
    cells = {(int(r), int(c)): x for r, c, x in _CELL.findall(text)}
    order = max((row for row, _ in cells), default=0)
    numbers = range(1, order + 1)
    if len(cells) != text.count("] =") or {*cells} != {(r, c) for r in numbers for c in numbers}:
        return []
    return [" ".join(f"({cells[row, column]})" for column in numbers) for row in numbers]


def of_model(text: str) -> str:
    """A model of SMT-LIB as runs of row, column and the symbols of each name's square."""
    cells = _OF_MODEL.findall(text)
    names = {(before, behind) for before, _, _, behind, _ in cells}
    number = {name: at for at, name in enumerate(sorted(names))}
    return _of_facts(
        " ".join(f"s{number[a, b]:03}({row},{column},{x})" for a, row, column, b, x in cells)
    )


def _of_facts(text: str) -> str:
    """Facts of one name as runs; those of several on the same cells as symbols of one run."""
    facts: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for name, inner in _FACT.findall(text):
        *cell, symbol = inner.replace(" ", "").split(",")
        facts[name if len(cell) == 2 else f"{name} {cell[0]}"][tuple(cell[-2:])] = symbol
    most = max(map(len, facts.values()))
    layers = [cells for _, cells in sorted(facts.items()) if len(cells) == most]
    if any(cells.keys() != layers[0].keys() for cells in layers):
        return text
    return " ".join(
        f"({','.join((*cell, *(layer[cell] for layer in layers)))})" for cell in layers[0]
    )


class ModelReader:
    """Takes the lines of a model of DIMACS: a variable for each row, column and symbol."""

    def __init__(self) -> None:
        self._start = 0
        self._positive: list[int] = []
        self._most = 0
        self.begun = False
        """Whether it was said that a model follows."""

    def opens(self, line: str) -> bool:
        """Whether a line is one of a model."""
        if not (line[1:2] == " " or self._start or "-" in line):
            return False
        return _MODEL.fullmatch(line) is not None

    @staticmethod
    def is_status(line: str) -> bool:
        """Whether a line says that there is a model."""
        return _STATUS.fullmatch(line) is not None

    def feed(self, number: int, line: str) -> Iterator[Read]:
        """A line of a model; it ends with 0."""
        self._start = self._start or number
        words = line.split()[line[0] in "vV" :]
        for word in words:
            if len(word) > _LONGEST:
                continue
            variable = int(word)
            self._most = max(self._most, abs(variable))
            if variable > 0 and len(self._positive) < _MOST:
                self._positive.append(variable)
        if words[-1:] == ["0"]:
            yield from self.close()

    def close(self) -> Iterator[Read]:
        """The end of a model."""
        line, found, most = self._start, self._positive, self._most
        self._start, self._positive, self._most, self.begun = 0, [], 0, False
        if not line:
            return
        squares = _squares(found, most)
        if squares:
            yield from (Given(line, one) for one in together(squares))
        else:
            yield Problem(
                line,
                f"line {line}: the model begun here says no squares: for each square, give n "
                "times n times n variables, row by row, column by column.",
            )


def _squares(found: Sequence[int], most: int) -> list[Rows]:
    """The squares of a model with these variables true of so many; [] where it has none."""
    if not found or most % len(found):
        return []
    order = most // len(found)
    if not 1 < order <= MAX_ORDER or len(found) % (order * order):
        return []
    ordered = sorted(found)
    size = order * order
    squares = []
    for at in range(0, len(ordered), size):
        cells = [(v - 1) % (size * order) for v in ordered[at : at + size]]
        if [cell // order for cell in cells] != [*range(size)]:
            return []
        one = latin(folded([str(cell % order) for cell in cells], order))
        if one is None:
            return []
        squares.append(one)
    return squares
