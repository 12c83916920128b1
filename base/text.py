"""Text for people: foreign text made safe to show, ages and counts."""

import re
import unicodedata
from collections.abc import Collection

_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Letters and marks that nobody sees: Default_Ignorable_Code_Point of Unicode's
DerivedCoreProperties.txt, less those that are control or format characters by their category."""
_SHORT_WORD = 4
_BLANK = "\t\u2800"
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[^\x1b\n])?")


def clean_text(text: str, limit: int = 4096) -> str:
    """Foreign text made safe to show: no escapes, control, format, bidi or unseen characters.

    Every kind of blank and line end is one plain blank.
    """
    text = _ESCAPE.sub("", text[: limit * 2])
    if not text.isascii() or not text.isprintable():
        text = "".join(_shown(char) for char in _IGNORABLE.sub("", text))
    return text[:limit]


def clean_lines(text: str) -> str:
    """Foreign text without escapes, its lines as they were: each made safe to show."""
    return "\n".join(map(clean_text, _ESCAPE.sub("", text).splitlines()))


def _shown(char: str) -> str:
    kind = unicodedata.category(char)[0]
    if kind == "Z" or char in _BLANK:
        return " "
    return "" if kind == "C" else char


def shorten(text: str, limit: int) -> str:
    """The text, cut between words where it is longer than `limit`, and seen to be cut."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    return kept[: kept.rfind(" ", limit // 2)] + "…" if " " in kept[limit // 2 :] else kept + "…"


def count_text(number: int, one: str, more: str = "") -> str:
    """So many of something: 1 square, 2,000 squares; `more` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def size_text(size: int) -> str:
    """A size in memory: 48K, 512M, 1.5G."""
    if size < 1024 * 1024:
        return f"{size / 1024:.0f}K"
    mebibytes = size / (1024 * 1024)
    return f"{_rounded(mebibytes / 1024)}G" if mebibytes >= 1024 else f"{int(mebibytes)}M"


def _rounded(number: float) -> str:
    """To three digits, and all there are before the point."""
    return f"{number:.3g}" if number < 1000 else f"{number:.0f}"


def age_text(seconds: float) -> str:
    """A span of time in its largest whole unit: 40s, 12m, 3h, 2d; less than none is 0s."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit}"
    return f"{max(0, int(seconds))}s"


def nearest(word: str, known: Collection[str], otherwise: str = ".") -> str:
    """The end of a sentence on a word that is none of those known: which one was meant, if any."""
    # Imported late: most words are known.
    from difflib import get_close_matches

    # That both are options makes no two of them alike.
    bare = {one.lstrip("-"): one for one in known}
    meant = word.lstrip("-")
    # One letter of three is much, and one of seven is little.
    near = get_close_matches(meant, bare, n=1, cutoff=0.6 if len(meant) <= _SHORT_WORD else 0.75)
    return f": did you mean {bare[near[0]]}?" if near else otherwise
