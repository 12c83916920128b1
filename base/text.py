"""Text for people: foreign text made safe to show, ages and counts."""

import re
import unicodedata

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")


def clean_text(text: str, limit: int = 4096) -> str:
    """Foreign text made safe to show: no escapes, control, format or bidi characters."""
    text = _ESCAPE.sub("", text[: limit * 2])
    if not text.isascii() or not text.isprintable():
        text = "".join(
            " " if char == "\t" else char
            for char in text
            if char == "\t" or unicodedata.category(char)[0] != "C"
        )
    return text[:limit]


def size_text(size: int) -> str:
    """A size in memory: 48K, 512M, 1.5G."""
    if size < 1024 * 1024:
        return f"{size / 1024:.0f}K"
    mebibytes = size / (1024 * 1024)
    return f"{mebibytes / 1024:.3g}G" if mebibytes >= 1024 else f"{int(mebibytes)}M"


def age_text(seconds: float) -> str:
    """A span of time in its largest whole unit: 40s, 12m, 3h, 2d; less than none is 0s."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit}"
    return f"{max(0, int(seconds))}s"
