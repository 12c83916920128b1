"""Squares as files: a picture, or text."""

from functools import partial
from typing import TYPE_CHECKING

from results.result import Result
from tui.console.panes.pane import FileContent
from tui.console.render.squares import square_text

if TYPE_CHECKING:
    from results.pictures import Grid
    from solver.classes.places import Cells

ENDINGS = ("png", "svg", "txt")
"""What files with squares end in."""


def square_content(result: Result, ending: str, lit: "Cells | None" = None) -> FileContent:
    """One set of squares, of which these cells are lit."""
    from results.pictures import Grid

    return content((Grid(result.squares, lit),), ending, square_text(result) + "\n")


def content(grids: "tuple[Grid, ...]", ending: str, text: str) -> FileContent:
    """Grids side by side, or the text, by what the file's name ends in."""
    from results.pictures import square_png, square_svg

    if ending == "txt":
        return lambda: text
    return partial(square_png if ending == "png" else square_svg, *grids)
