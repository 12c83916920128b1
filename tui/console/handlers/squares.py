"""Actions on squares: what is lit in them, and two beside one another."""

import asyncio
import re

from base.errors import UsageError
from results.result import Result
from results.selection import selection_of
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.panes.squares.compare import sides
from tui.console.panes.squares.gallery import SquaresPane
from tui.console.panes.squares.picture import PicturePane
from tui.console.screens.gallery import GalleryScreen, Newest
from tui.console.screens.square import CompareScreen, SquareScreen

_NUMBER = re.compile("[0-9]{1,18}")
"""Of a square: SQLite's integers end at 19 digits."""


@handles("squares")
def show_squares(context: HandlerContext, argument: str) -> None:
    """The gallery; all of an order, a job or a main class, where one is named."""
    words = argument.strip()
    if not words:
        context.go_main("squares")
        return
    store = context.session.store

    async def make() -> GalleryScreen:
        jobs = await asyncio.to_thread(store.jobs)
        selection = await asyncio.to_thread(selection_of, words, jobs, store.classes_from)

        async def read(before: Newest = ((), 0)) -> Newest:
            newest = await context.session.squares(selection, None, None)
            results, count = before
            # Of a job and of a class what was kept long ago may have come to be one.
            added = results and not (selection.job or selection.main_class)
            above, top = results[0].id if added else 0, newest[0].id if newest else 0
            more = await asyncio.to_thread(store.count, selection, above, top)
            return newest, (count if added else 0) + more

        return GalleryScreen(selection, await read(), read)

    context.open_when_made(f"squares of {words}", make)


@handles("highlight")
def turn_highlight(context: HandlerContext, _argument: str) -> None:
    """The next kind of thing to light."""
    if isinstance(pane := context.front.chosen, PicturePane):
        pane.turn_highlight()


def result_at_hand(context: HandlerContext) -> Result | None:
    """The squares that keys mean; None where there are none."""
    front = context.front
    if isinstance(front, SquareScreen):
        return front.result
    return front.chosen.chosen if isinstance(front.chosen, SquaresPane) else None


@handles("compare")
def compare(context: HandlerContext, argument: str) -> None:
    """The squares named; by key, those under the cursor with those of the key before."""
    if argument:
        numbers = [word.removeprefix("#") for word in argument.split()]
        if len(numbers) not in (1, 2) or not all(map(_NUMBER.fullmatch, numbers)):
            raise UsageError("Compare two squares by their numbers, such as 12 34.")
        _compare_kept(context, [int(word) for word in numbers])
        return
    result, before = result_at_hand(context), context.model.to_compare
    if result is None:
        context.say("No square is chosen.", "warning")
    elif before is None:
        context.model.to_compare = result
        context.say(f"#{result.id}: = on another compares them, = again its own two.")
    else:
        context.model.to_compare = None
        context.open(CompareScreen(*sides(before, result)))


def _compare_kept(context: HandlerContext, numbers: list[int]) -> None:
    async def make() -> CompareScreen:
        found: list[Result] = []
        for number in numbers:
            result = await asyncio.to_thread(context.session.store.result, number)
            if result is None:
                raise UsageError(f"There is no square #{number}.")
            found.append(result)
        return CompareScreen(*sides(found[0], found[-1]))

    context.open_when_made(f"squares {' and '.join(map(str, numbers))}", make)
