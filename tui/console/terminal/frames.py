"""What the terminal shows, cell by cell: of a frame only what differs from it is written.

A widget that changes one word, or gets the focus, is painted anew by Textual as a whole: over SSH
on a slow line that is seconds of waiting for the next key.
"""

import asyncio
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.segment import Segment, Segments
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate  # no public name
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

from tui.console.render.palette import Depth, chosen
from tui.console.terminal.capability import begun_with, glyphs

_BRIDGE = 6
"""Cells that are written again rather than jumped over: a jump takes about eight bytes."""
_NO_SIZE = Size(0, 0)
_CODES = 4096
"""Styles remembered with the codes that make them."""

Frame = LayoutUpdate | ChopsUpdate
_Chunk = tuple[int, int, Strip]
"""Where a strip begins, column and line, and the strip."""


@dataclass(slots=True)
class _Line:
    """The cells of one line: characters, '' behind a wide one, and the codes of their styles."""

    texts: list[str | None]
    styles: list[str]


@dataclass(slots=True)
class Frames:
    """Remembers what was written. `forget` where somebody else may have written over it.

    `glyphs`: what is written in place of characters, for `str.translate`; `coloured`: whether
    anything is written in colours.
    """

    glyphs: Mapping[int, str] = field(default_factory=dict)
    coloured: bool = True
    _lines: list[_Line] = field(default_factory=list)
    _size: Size = _NO_SIZE
    _cursor: tuple[int, int] = (-1, -1)
    _codes: dict[Style | None, str] = field(default_factory=dict)

    def forget(self) -> None:
        """The next frame is written whole."""
        self._size = _NO_SIZE

    def write(self, update: Frame, console: Console, size: Size) -> str:
        """The codes that bring a terminal of a size up to date; the update then counts as shown."""
        if isinstance(update, LayoutUpdate):
            chunks = _chunks_of_layout(update)
        else:
            chunks = _chunks_of_chops(update)
        if size != self._size:
            self._size = size
            empty: list[str | None] = [None] * size.width
            self._lines = [_Line(empty[:], [""] * size.width) for _ in range(size.height)]
        if len(self._codes) > _CODES:
            self._codes.clear()
        colours = COLOR_SYSTEMS[console.color_system or "truecolor"]
        self._cursor = (-1, -1)
        parts = (part for x, y, strip in chunks for part in self._show(x, y, strip, colours))
        return "".join(parts)

    def _show(self, x: int, y: int, strip: Strip, colours: ColorSystem) -> Iterator[str]:
        """The codes that show one strip, none where it is shown already."""
        # Textual keeps a strip that was cut nowhere within itself: thousands of objects a second
        # that only a search for garbage would free.
        strip._divide_cache.clear()  # noqa: SLF001
        # After a resize a frame of the old size may still come.
        room = self._size.width - x
        if y >= self._size.height or room <= 0:
            return
        line = self._lines[y]
        texts, styles = self._cells(strip, colours)
        texts, styles = texts[:room], styles[:room]
        end = x + len(texts)
        old_texts, old_styles = line.texts[x:end], line.styles[x:end]
        if old_texts == texts and old_styles == styles:
            return
        differs = [
            new != old or style != old_style
            for new, old, style, old_style in zip(texts, old_texts, styles, old_styles, strict=True)
        ]
        line.texts[x:end], line.styles[x:end] = texts, styles
        for start, stop in _runs(differs, texts):
            if self._cursor != (x + start, y):
                yield f"\x1b[{y + 1};{x + start + 1}H"
            self._cursor = (x + stop, y)
            yield from _painted(texts[start:stop], styles[start:stop])

    def _cells(self, strip: Strip, colours: ColorSystem) -> tuple[list[str], list[str]]:
        texts: list[str] = []
        styles: list[str] = []
        for text, style, _ in strip:
            if not text.isascii():
                text = text.translate(self.glyphs)  # noqa: PLW2901 - as it is shown
            texts += text if text.isascii() else _split(text)
            code = self._codes.get(style)
            if code is None:
                code = "" if style is None else self._code(style, colours)
                self._codes[style] = code
            styles += [code] * (len(texts) - len(styles))
        return texts, styles

    def _code(self, style: Style, colours: ColorSystem) -> str:
        return Strip.render_ansi(style if self.coloured else style.without_color, colours)


class Difference(CompositorUpdate):
    """An update of which only what the terminal does not show yet is written."""

    def __init__(self, frames: Frames, update: Frame, size: Size) -> None:
        self._frames = frames
        self._update = update
        self._size = size

    def render_segments(self, console: Console) -> str:
        """Codes for the terminal."""
        return self._frames.write(self._update, console, self._size)


class FrameDiffApp(App[int]):
    """An app that writes to its terminal only what that does not show yet."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = asyncio.Event()
        """Set once there is something to see."""
        self._frames = Frames(glyphs(begun_with(os.environ)), chosen().depth is not Depth.NONE)

    def on_mount(self) -> None:
        """Another program may have had the terminal when this one is back."""
        self.app_resume_signal.subscribe(self, lambda _: self._frames.forget())

    def redraw(self) -> None:
        """Write all of the screen anew: something else wrote to the terminal, or it lost some."""
        self._frames.forget()
        # A terminal that goes away has the kernel say SIGCONT behind SIGHUP: no screen is left.
        if self.screen_stack:
            self.screen.refresh()

    def record(self) -> Console:
        """What the screen shows now, to be drawn as SVG elsewhere: that takes long."""
        console = Console(
            width=self.size.width,
            height=self.size.height,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            record=True,
            legacy_windows=False,
        )
        # As Textual's own export does, which draws at once.
        shown = self.screen._compositor.render_update(  # noqa: SLF001
            full=True, screen_stack=self._background_screens, simplify=True
        )
        if shown is not None and chosen().depth is Depth.NONE:
            # A row that is reversed, and has the colours of a reversed one, would be as any other.
            shown = Segments(Segment.remove_color(console.render(shown)))
        console.print(shown)
        return console

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        # Every frame passes here; Textual has no public place for that.
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            less = Difference(self._frames, renderable, self.size)
            renderable = cast("RenderableType", less)
        super()._display(screen, renderable)
        if renderable is not None:
            self.painted.set()

    def refresh_css(self, animate: bool = True) -> None:
        """Not before there is something to see: all styles would be parsed and applied twice."""
        if self.painted.is_set():
            super().refresh_css(animate)


def _chunks_of_layout(update: LayoutUpdate) -> Iterator[_Chunk]:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield x, y, strip
            x += strip.cell_length


def _chunks_of_chops(update: ChopsUpdate) -> Iterator[_Chunk]:
    for y, start, stop in update.spans:
        chops = zip(update.chop_ends[y], update.chops[y].items(), strict=False)
        for end, (x, strip) in chops:
            if strip is not None and x <= stop and end > start:
                yield x, y, strip


@lru_cache(1024)
def _split(text: str) -> tuple[str, ...]:
    """A text cell by cell: a wide character is followed by '', a mark stands with its letter."""
    cells: list[str] = []
    for character in text:
        width = get_character_cell_size(character)
        if width:
            cells += [character, *[""] * (width - 1)]
        elif cells:
            cells[len(cells) - 1 - (cells[-1] == "")] += character
    return tuple(cells)


def _runs(differs: list[bool], texts: list[str]) -> Iterator[tuple[int, int]]:
    """Stretches to be written, few and not too long; none begins inside a wide character."""
    start = stop = -1
    for place, differing in enumerate(differs):
        if not differing:
            continue
        if stop < 0 or place - stop > _BRIDGE:
            if stop >= 0:
                yield _whole(start, stop, texts)
            start = place
        stop = place + 1
    if stop >= 0:
        yield _whole(start, stop, texts)


def _whole(start: int, stop: int, texts: list[str]) -> tuple[int, int]:
    while start > 0 and texts[start] == "":
        start -= 1
    while stop < len(texts) and texts[stop] == "":
        stop += 1
    return start, stop


def _painted(texts: list[str], styles: list[str]) -> Iterator[str]:
    """Cells as codes, one group for neighbours of one style."""
    start = 0
    for place in range(1, len(texts) + 1):
        if place == len(texts) or styles[place] != styles[start]:
            text, code = "".join(texts[start:place]), styles[start]
            yield f"\x1b[{code}m{text}\x1b[0m" if code else text
            start = place
