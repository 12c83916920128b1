"""Squares written as people write them: a row a line, or a whole square on one line."""

from collections.abc import Iterator

from solver.formats.items import MAX_ORDER, Given, Item, Problem, too_large
from solver.formats.symbols import Named, classical, cut, folded, numbered, odd, order_on_one_line


class GridReader:
    """Takes line after line; a blank line parts squares, and ends what could not be read."""

    def __init__(self) -> None:
        self._lines: list[list[list[str]]] = []
        """Of the square begun: a row of each of the squares written into one grid."""
        self._text = ""
        self._start = 0
        self._spoilt = False
        self._skipping = False

    def feed(self, number: int, text: str) -> Iterator[Item]:
        """One line that is not blank."""
        if self._skipping:
            return
        layers = (classical(text) if " " in text else []) or [cut(text)]
        width = len(layers[0])
        if not width:
            yield Problem(number, f"line {number}: there is no symbol in this line: remove it.")
        elif not self._lines:
            yield from self._begin(number, text, layers)
        elif width != len(self._lines[0][0]) or len(layers) != len(self._lines[0]):
            if not self._spoilt:
                yield _mixed(number, self._start, layers, self._lines[0])
            self._forget()
            self._skipping = True
        else:
            yield from self._judge(number, layers)
            self._lines.append(layers)
        yield from self._finish()

    def close(self) -> Iterator[Item]:
        """A blank line, or the end."""
        self._skipping = False
        rows, start = len(self._lines), self._start
        if not rows:
            return
        single = classical(self._text)
        if rows == 1 and single and not self._spoilt:
            yield Given(start, tuple(numbered([row]) for row in single))
        elif not self._spoilt:
            width = len(self._lines[0][0])
            yield Problem(
                start,
                f"line {start}: the square begun here has {rows} of {width} rows: give it as many "
                "rows as a row has symbols.",
            )
        self._forget()

    def _begin(self, number: int, text: str, layers: list[list[str]]) -> Iterator[Item]:
        symbols = layers[0]
        wrong = [symbol for symbol in symbols if odd([symbol])]
        order = order_on_one_line(symbols, spare=len(wrong))
        kinds = len(set(symbols))
        if order:
            if wrong:
                yield Problem(number, f"line {number}: {odd(wrong)}.")
            elif order > MAX_ORDER:
                yield too_large(number, order)
            else:
                yield Given(number, tuple(numbered(folded(layer, order)) for layer in layers))
        elif len(symbols) > 2 * kinds:
            yield Problem(
                number,
                f"line {number} has {len(symbols)} symbols, {kinds} of them different: a square on "
                "one line needs n times n symbols, a row n different ones.",
            )
        elif len(symbols) > MAX_ORDER:
            yield too_large(number, len(symbols))
            self._skipping = True
        else:
            yield from self._judge(number, layers)
            self._lines, self._text, self._start = [layers], text, number

    def _judge(self, number: int, layers: list[list[str]]) -> Iterator[Item]:
        """Says once for each square what in it is no symbol."""
        if not self._spoilt and (wrong := odd(layers[0])):
            self._spoilt = True
            yield Problem(number, f"line {number}: {wrong}.")

    def _finish(self) -> Iterator[Item]:
        """Gives the square once it has all its rows."""
        if not self._lines or len(self._lines) < len(self._lines[0][0]):
            return
        if not self._spoilt:
            squares: list[Named] = [list(rows) for rows in zip(*self._lines, strict=True)]
            yield Given(self._start, tuple(numbered(rows) for rows in squares))
        self._forget()

    def _forget(self) -> None:
        self._lines = []
        self._spoilt = False


def _mixed(number: int, start: int, layers: list[list[str]], first: list[list[str]]) -> Problem:
    if len(layers) != len(first):
        what = "is written in another way than the rows"
    else:
        what = f"has {len(layers[0])} symbols, not {len(first[0])} as the rows"
    return Problem(
        number,
        f"line {number} {what} from line {start} on: make the rows of a square alike; all up to "
        "the next blank line is passed over.",
    )
