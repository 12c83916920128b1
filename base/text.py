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
