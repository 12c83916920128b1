"""What a filter shows: what is typed behind `/`, as a question to a text."""

import re
from collections.abc import Callable, Sequence

_UNIT = re.compile(r"u[0-9]{1,9}")
_REPEATED_GROUP = re.compile(r"\)[*+{?]")
_REPEATS = re.compile(r"[*+{]")
_MOST_REPEATS = 2
_SEARCHED = 2_000
"""Characters of a text in which an expression is looked for."""
Test = Callable[[str, int | None], bool]
Spans = list[tuple[int, int]]
"""Beginnings and ends in a text."""


class Matches:
    """Whether a text is shown; the number of its unit, where it has one, is meant by `u7`."""

    def __init__(self, tests: Sequence[Test]) -> None:
        self._tests = tests

    def __call__(self, text: str, unit: int | None = None) -> bool:
        """True where it is."""
        lower = text.lower()
        return all(test(lower, unit) for test in self._tests)


def matcher(needle: str) -> Matches:
    """Every word must be in the text, none behind `!`; letters in this order behind `~`.

    Behind a `/` all is a regular expression with at most two `*`, `+` or `{`, and none of these
    behind a group; one that is none is looked for as it stands.
    """
    words, slash, pattern = needle.partition("/") if _has_pattern(needle) else (needle, "", "")
    tests = [_word(word) for word in words.lower().split() if word not in ("!", "~")]
    if slash and pattern:
        tests.append(_expression(pattern))
    return Matches(tests)


def spans(needle: str, text: str) -> Spans:
    """Where in a text the words of a needle and what its expression finds are."""
    words, slash, pattern = needle.partition("/") if _has_pattern(needle) else (needle, "", "")
    sought = [re.escape(word) for word in words.split() if not word.startswith(("!", "~"))]
    expressions = [re.compile(word, re.IGNORECASE) for word in sought]
    if slash and pattern and (expression := _compiled(pattern)):
        expressions.append(expression)
    found = (match.span() for each in expressions for match in each.finditer(text[:_SEARCHED]))
    return [(first, last) for first, last in found if first < last]


def _has_pattern(needle: str) -> bool:
    return needle.startswith("/") or " /" in needle


def _word(word: str) -> Test:
    if word.startswith("!"):
        inner = _word(word[1:])
        return lambda text, unit: not inner(text, unit)
    if word.startswith("~"):
        return lambda text, _: _in_order(word[1:], text)
    if _UNIT.fullmatch(word):
        number = int(word[1:])
        return lambda text, unit: word in text if unit is None else unit == number
    return lambda text, _: word in text


def _in_order(letters: str, text: str) -> bool:
    left = iter(text)
    return all(letter in left for letter in letters)


def _expression(pattern: str) -> Test:
    expression = _compiled(pattern)
    if expression is None:
        return lambda text, _: pattern.lower() in text
    return lambda text, _: expression.search(text[:_SEARCHED]) is not None


def _compiled(pattern: str) -> re.Pattern[str] | None:
    # Python's search has no limit of time: what could take for ever is not begun.
    if _REPEATED_GROUP.search(pattern) or len(_REPEATS.findall(pattern)) > _MOST_REPEATS:
        return None
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError):
        return None
