"""Themes: three that are built in, and the user's own, `themes/NAME.toml` beside the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from base import paths, regular_file
from base.colours import contrast
from base.errors import UsageError

BUILT_IN = ("dark", "light", "contrast")
INKS = ("quiet", "text", "bright", "accent", "green", "blue", "amber", "red")
GROUNDS = ("background", "raised", "cursor")
COLOURS = (*GROUNDS, "line", *INKS)
"""What a file may give, as `#rrggbb`: by what each is for on the screen."""
LEAST = 3.0
"""The least contrast (WCAG 2.1) of an ink on a ground: below it, few can read it."""
_LARGEST = 10_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Theme:
    """One that is built in, and what is different in it."""

    base: str
    colours: Mapping[str, str] = field(default_factory=dict)


def path(name: str) -> Path:
    """Where a theme of the user's own is, or would be."""
    return paths.config() / "themes" / f"{name}.toml"


def is_one(name: object) -> bool:
    """Whether a theme of this name can be asked for."""
    return name in BUILT_IN or (
        isinstance(name, str) and bool(_NAME.fullmatch(name)) and path(name).is_file()
    )


def read(name: str) -> Theme:
    """A theme by its name; raises UsageError with a sentence for each mistake in its file."""
    if name in BUILT_IN:
        return Theme(name)
    # Imported late: few have such a file.
    import tomllib

    file = path(name)
    try:
        text = regular_file.read_bytes(file, _LARGEST).decode()
        body = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text in UTF-8: byte {error.start} is not.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no TOML: {error}.") from None
    mistakes = _mistakes(body)
    if mistakes:
        raise UsageError(" ".join(f"{file}{_line(text, key)}: {said}" for key, said in mistakes))
    theme = Theme(str(body.get("base", "dark")), {key: body[key] for key in COLOURS if key in body})
    _check(name, theme)
    return theme


def _check(name: str, theme: Theme) -> None:
    """Raises UsageError where an ink of a theme, by its name, cannot be read on a ground."""
    # Imported late: few have such a file.
    from tui.console.render.palette import Depth, palette

    for depth in (Depth.TRUE, Depth.XTERM):
        drawn = palette(depth, theme.base, theme.colours)
        _check_colours(name, {each: getattr(drawn, each) for each in COLOURS})


def _check_colours(name: str, colours: Mapping[str, str]) -> None:
    found, ink, ground = min(
        (contrast(colours[ink], colours[ground]), ink, ground) for ink in INKS for ground in GROUNDS
    )
    if found < LEAST:
        raise UsageError(
            f"{path(name)}: {ink} on {ground} has a contrast of {found:.1f}, "
            f"and can be read from {LEAST:g} on."
        )


def _mistakes(body: Mapping[str, object]) -> list[tuple[str, str]]:
    mistakes = []
    for key, value in body.items():
        if key == "base" and value not in BUILT_IN:
            mistakes.append((key, f"base must be one of {', '.join(BUILT_IN)}: {value!r} is not."))
        elif key != "base" and key not in COLOURS:
            known = ", ".join(COLOURS)
            mistakes.append((key, f"{key!r} is no colour of a theme: it has base, {known}."))
        elif key != "base" and not (isinstance(value, str) and _COLOUR.fullmatch(value)):
            mistakes.append((key, f"{key} must be such as '#10141b': {value!r} is not."))
    return mistakes


def _line(text: str, key: str) -> str:
    lines = enumerate(text.splitlines(), 1)
    found = (number for number, line in lines if re.match(rf"\s*{re.escape(key)}\s*=", line))
    return next((f":{number}" for number in found), "")
