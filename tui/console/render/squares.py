"""Squares in words: where they were found, and the pair as letters and numbers."""

import time

from rich.style import Style

from results.result import Result
from results.triples import standing
from solver.formats.notation import grid, letters
from tui.console.render.grid import tile_lines
from tui.console.render.labels import labelled
from tui.console.render.spans import Line
from tui.console.render.theme import PLAIN, STRONG


def clock_of(result: Result) -> str:
    """When it was found, by this machine's clock."""
    return time.strftime("%H:%M:%S", time.localtime(result.found_at))


def result_facts(result: Result) -> list[tuple[str, str]]:
    """What is known about a result: label and value."""
    found = time.localtime(result.found_at)
    return [
        ("job", result.job),
        ("unit", f"{result.unit}, no. {result.seq}"),
        ("node", result.node),
        ("source", result.source),
        *([("pairs", standing(result).text)] if result.covered else []),
        *([("class", result.main_class[:12])] if result.main_class else []),
        *([("group", f"{result.group:,}")] if result.group else []),
        ("found", time.strftime("%Y-%m-%d", found)),
        ("", time.strftime("%H:%M:%S", found)),
    ]


def square_page(result: Result) -> list[Line]:
    """A pair of squares: what is known, the pair, and each square alone."""
    lines: list[Line] = [labelled("square", f"#{result.id}, order {result.order}", STRONG)]
    lines += [labelled(label, value) for label, value in result_facts(result)]
    lines += [[], [("together", STRONG)]]
    lines += [
        [("  ", PLAIN), *((s.text, s.style or PLAIN) for s in line if isinstance(s.style, Style))]
        for line in tile_lines(result.squares)
    ]
    for number, square in enumerate(result.squares):
        lines += [[], [(f"square {number + 1}", STRONG)]]
        width = len(letters(result.order - 1)) if number == 0 else len(str(result.order - 1))
        for row in square:
            names = [letters(symbol) if number == 0 else str(symbol) for symbol in row]
            lines.append([("  " + " ".join(name.rjust(width) for name in names), PLAIN)])
    return lines


def square_text(result: Result) -> str:
    """The classical notation, for the clipboard."""
    return grid(result.squares)
