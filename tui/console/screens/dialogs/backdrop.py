"""The screen behind a question, tinted. Textual's own works each piece's colours out anew."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import RulesMap
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions, Visual


class Backdrop(Visual):
    """What a `screen` shows, in this `color`; a translucent one lets it shine through."""

    def __init__(self, screen: Screen[object], color: Color) -> None:
        self._screen = screen
        self._color = color

    def render_strips(
        self, _width: int, _height: int | None, _style: VisualStyle, _options: RenderOptions
    ) -> list[Strip]:
        """Its lines as they are now."""
        strips = self._screen._compositor.render_strips()  # noqa: SLF001 - as BackgroundScreen does
        return [Strip(map(self._tint, strip), strip.cell_length) for strip in strips]

    def get_optimal_width(self, _rules: RulesMap, container_width: int) -> int:
        """All there is."""
        return container_width

    def get_height(self, _rules: RulesMap, _width: int) -> int:
        """That of the screen."""
        return self._screen.size.height

    def _tint(self, segment: Segment) -> Segment:
        return Segment(segment.text, _tinted(segment.style, self._color), segment.control)


@lru_cache(2048)
def _tinted(style: Style | None, color: Color) -> Style | None:
    (segment,) = BackgroundScreen.process_segments([Segment(" ", style)], color)
    return segment.style
