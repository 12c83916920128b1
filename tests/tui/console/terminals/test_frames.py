"""What is written to the terminal: as little as possible, and the screen is right all the same."""

import asyncio
import gc
import sys
import weakref
from pathlib import Path

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

from tests.tui.console.scripted.console import scripted_app
from tests.tui.tmux import tmux
from tui.console.terminal.frames import Frame, Frames

WIDTH, HEIGHT = 12, 3
SIZE = Size(WIDTH, HEIGHT)
CONSOLE = Console(force_terminal=True, color_system="truecolor", width=WIDTH, height=HEIGHT)
STYLES = [None, Style(), Style(bold=True), Style(color="#ff8000"), Style(bgcolor="#102030")]

letters = st.sampled_from(["a", "b", " ", "─", "█", "漢", "e\u0301"])
texts = st.lists(letters, max_size=6).map("".join)
words = st.tuples(texts, st.sampled_from(STYLES))
strips = st.lists(words, max_size=4).map(lambda parts: Strip([Segment(*part) for part in parts]))
lines = st.tuples(strips, strips)
"""What two widgets side by side show; a cut through a letter's accent is Textual's own affair."""
frames = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT)
spans = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH), st.integers(0, WIDTH))
updates = st.tuples(frames, st.none() | st.lists(spans, min_size=1))
"""A frame, and where it is painted: nowhere named is everywhere."""

Halves = list[dict[int, Strip]]
"""Each line of a frame in two strips, by the column they begin at."""


def halves(frame: list[tuple[Strip, Strip]], cut: int) -> Halves:
    return [
        {0: left.adjust_cell_length(cut), cut: right.adjust_cell_length(WIDTH - cut)}
        for left, right in frame
    ]


def whole(frame: Halves) -> Frame:
    return LayoutUpdate([line.values() for line in frame], SIZE.region)


def cells(codes: str) -> list[list[object]]:
    """What a terminal shows after these: characters and their looks."""
    # Wider than the frame: terminals differ in what an accent does in the last column.
    screen = pyte.Screen(WIDTH + 2, HEIGHT)
    pyte.Stream(screen).feed(codes)
    return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@given(st.lists(updates, min_size=1, max_size=5), st.integers(1, WIDTH - 1))
def test_the_screen_is_as_if_all_had_been_written(
    painted: list[tuple[list[tuple[Strip, Strip]], list[tuple[int, int, int]] | None]], cut: int
) -> None:
    frames = Frames()
    shown = halves([(Strip.blank(0),) * 2] * HEIGHT, cut)
    codes = frames.write(whole(shown), CONSOLE, SIZE)
    for frame, touched in painted:
        new = halves(frame, cut)
        if touched is None:
            shown = new
            codes += frames.write(whole(new), CONSOLE, SIZE)
            continue
        ordered = [(y, min(start, stop), max(start, stop)) for y, start, stop in touched]
        update = ChopsUpdate(new, ordered, [[cut, WIDTH]] * HEIGHT)
        codes += frames.write(update, CONSOLE, SIZE)
        for y, start, stop in ordered:
            for x, end in ((0, cut), (cut, WIDTH)):
                if x <= stop and end > start:
                    shown[y][x] = new[y][x]
    assert cells(codes) == cells(whole(shown).render_segments(CONSOLE).replace("\n", "\r\n"))
    assert frames.write(whole(shown), CONSOLE, SIZE) == ""


def test_what_was_painted_is_gone_without_a_search_for_garbage() -> None:
    class Painted(Strip):
        """Can be asked for without being kept."""

    strip = Painted([Segment("a" * WIDTH)])
    kept = weakref.ref(strip)
    # As Textual does with every line that nothing else on the screen cuts.
    update = ChopsUpdate([{0: strip.divide([WIDTH])[0]}], [(0, 0, WIDTH)], [[WIDTH]])
    gc.disable()
    try:
        assert "a" * WIDTH in Frames().write(update, CONSOLE, SIZE)
        del strip, update
        assert kept() is None
    finally:
        gc.enable()


async def test_what_another_program_wrote_is_drawn_over(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui", "--engine", "local", "--interface", "none"]
    home = f"XDG_DATA_HOME={tmp_path}"
    async with tmux(tmp_path, ["env", home, *command], (80, 24)) as console:
        clean = await console.until(lambda shown: "No jobs yet" in shown)
        device = (await console.call("display-message", "-p", "#{pane_tty}")).strip()
        await asyncio.to_thread(Path(device).write_text, "\x1b[5;5Hjunk from another program")
        await console.until(lambda shown: "junk from another" in shown)
        await console.press("C-l")
        await console.until(lambda shown: "junk" not in shown)
        assert (await console.screen()).splitlines()[3:20] == clean.splitlines()[3:20]


async def test_a_terminal_that_goes_away_is_not_drawn_anew(tmp_path: Path) -> None:
    """Behind SIGHUP the kernel says SIGCONT, which has the screen drawn anew, to no screen."""
    app = scripted_app(tmp_path)
    async with app.run_test():
        app.redraw()
    assert not app.screen_stack
    app.redraw()
