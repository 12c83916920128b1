"""What a filter shows: what is typed behind `/`, as a question to a text."""

import re
from collections.abc import Callable, Sequence

_UNIT = re.compile(r"u[0-9]{1,9}")
_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|.", re.DOTALL)
"""Of an expression: an escape, a class of characters, how an extension begins, a character."""
_MOST_CHOICES = 2
_SEARCHED = (2_000, 1_000, 300)
"""Characters of a text in which an expression is looked for, by how many choices it has."""
_LEADING = re.compile(r"(?:\.\*\??)+")
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

    Behind a `/` all is a regular expression with at most two of `*`, `+`, `?`, `{` and of `|` in
    groups, and no repeated group; one that is none is looked for as it stands.
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
    expressions = [(re.compile(word, re.IGNORECASE), _SEARCHED[0]) for word in sought]
    if slash and pattern and (compiled := _compiled(pattern)):
        expressions.append(compiled)
    found = (match.span() for each, most in expressions for match in each.finditer(text[:most]))
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
    # What may stand in front changes nothing, and is looked for from every place anew.
    leading = _LEADING.match(pattern)
    compiled = _compiled(pattern[leading.end() :] if leading else pattern)
    if compiled is None:
        return lambda text, _: pattern.lower() in text
    expression, most = compiled
    return lambda text, _: expression.search(text[:most]) is not None


def _compiled(pattern: str) -> tuple[re.Pattern[str], int] | None:
    """With the characters of a text that it is to be given; None: it is looked for as it stands."""
    # Python's search has no limit of time: what could take for ever is not begun.
    choices = _choices(pattern)
    if choices is None or choices > _MOST_CHOICES:
        return None
    try:
        return re.compile(pattern, re.IGNORECASE), _SEARCHED[choices]
    except (re.error, RecursionError, OverflowError):
        return None


def _choices(pattern: str) -> int | None:
    """At how many places of an expression a search may go on in several ways.

    They multiply; None where they do so without end, as a repeated group may.
    """
    found = depth = 0
    before = ""
    for part in _PARTS.findall(pattern):
        if part in ("(", "(?"):
            depth += 1
        elif part == ")":
            depth -= 1
        elif part in ("*", "+", "?", "{"):
            if before == ")":
                return None
            # Behind another it only says in which order.
            found += before not in ("*", "+", "?", "{", "}")
        elif (part == "|" and depth) or re.match(r"\\[1-9]", part):
            found += 1
        before = part
    return found + pattern.count("(?P=")
