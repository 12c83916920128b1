"""Squares of orders above 256 in text, a row of each square of a set at a time, never held whole.

They come as `squarm solve` writes them: a grid of `A0 B1 C2`, CSV, or JSON with a row a line; a
grid of numbers is one square.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from solver.formats.csv_reader import HEAD
from solver.formats.items import MAX_ORDER

Layers: TypeAlias = Sequence[Sequence[str]]
"""A row of each square, in the symbols of their writer."""

_PIECES = re.compile(r"[A-Z]+|[0-9]+")
_CSV = re.compile("[0-9]+,[0-9]+,[0-9]+,([0-9]+),(?=[0-9]+ )")
"""What stands before the cells: set, order, square, row."""
_CELL = re.compile(r"[A-Z]{1,3}[0-9]+(\.[0-9]+)*")


class BadRow(ValueError):
    """A line that is no row; the text is one sentence that names the line."""


def begins_large(head: bytes) -> bool:
    """Whether text with this beginning holds squares above the orders that are read whole."""
    for line in map(str.strip, head.decode("utf-8-sig", "replace").splitlines()):
        if line.startswith("{"):
            found = re.match(r'\{"order":([0-9]{1,5}),"row":', line)
            return found is not None and int(found[1]) > MAX_ORDER
        if line and line != HEAD and not line.startswith("#"):
            # A whole square on one line says each symbol often, a row says it once. The last word
            # may be cut.
            cells = _words(_CSV.sub("", line))
            words = [_first_symbol(word) for word in cells[:-1]]
            return len(words) >= MAX_ORDER and len(set(words)) == len(words)
    return False


def numbered_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, list[list[int]]]]:
    """Each row with its line; the first row of each set says which symbols there are.

    Raises BadRow.
    """
    names: list[dict[str, int]] = []
    left = 0
    for number, layers in _layers(lines):
        if not left:
            names = [_numbers(layer) for layer in layers]
            left = len(layers[0])
        left -= 1
        if len(layers) != len(names):
            raise BadRow(f"line {number}: it is written in another way than the rows before it.")
        try:
            rows = [[n[s] for s in layer] for n, layer in zip(names, layers, strict=True)]
        except KeyError as error:
            symbol = str(error.args[0])[:20]
            raise BadRow(f"line {number}: {symbol!r} is not in the first row.") from None
        yield number, rows


def _layers(lines: Iterable[bytes]) -> Iterator[tuple[int, Layers]]:
    waiting: list[list[str]] = []
    row = ""
    for number, line in enumerate(lines, 1):
        text = line.decode("utf-8-sig", "replace").strip()
        if not text or text.startswith("#") or text == HEAD:
            continue
        if text.startswith("{"):
            yield number, _of_json(number, text)
        elif csv := _CSV.match(text):
            which, cells = csv[1], text[csv.end() :]
            if which != row and waiting:
                yield number - 1, waiting
                waiting = []
            row = which
            waiting.append(cells.split())
        else:
            yield number, _of_grid(text)
    if waiting:
        yield number, waiting


def _of_grid(text: str) -> Layers:
    words = _words(text)
    if not _CELL.fullmatch(words[0]):
        return [words]
    pieces = _PIECES.findall(text)
    each = words[0].count(".") + 2
    return [pieces[square::each] for square in range(each)]


def _of_json(number: int, text: str) -> Layers:
    try:
        return [list(map(str, row)) for row in json.loads(text)["cells"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadRow(f"line {number}: it is no row of squares in JSON.") from None


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _first_symbol(word: str) -> str:
    found = re.match("[A-Z]+", word)
    return found[0] if found else word


def _numbers(layer: Sequence[str]) -> dict[str, int]:
    """Numbers for symbols: by length, then as text; so numbers come by size."""
    return {symbol: n for n, symbol in enumerate(sorted(layer, key=lambda s: (len(s), s)))}
