"""A line of a log: in words or as it is, and whole on a page of its own."""

from itertools import pairwise

from rich.style import Style

from results.log_text import told
from swarm.engine import LogLine
from tui.console.log_ring import is_drawn
from tui.console.render.labels import labelled
from tui.console.render.spans import Line, Span
from tui.console.render.theme import BAD, DIM, DONE, GOOD, MATCH, PLAIN, STRONG, WARN

_KINDS: tuple[tuple[str, Style], ...] = (
    ('{"type":"square"', DONE),
    ('{"type":"triple"', DONE),
    ('{"type":"part"', DONE),
    ('{"type":"progress"', PLAIN),
    ('{"type":"done"', GOOD),
    ('{"type":"impossible"', WARN),
)


_MOST = 2_000
"""Characters of a line that are shown: Enter shows all."""


def log_spans(line: LogLine, shift: int = 0, *, words: bool = False) -> list[Span]:
    """A line's text in colours, by the kind of its record; in `words` where it is one."""
    if line.stderr:
        return [("! ", WARN), (line.text[shift : shift + _MOST], WARN)]
    style = next((style for prefix, style in _KINDS if line.text.startswith(prefix)), None)
    if words and style and (text := told(line.text)):
        head, colon, row = text.partition(":")
        spans = [(f"{head}{colon}", style), (row, DIM)]
    else:
        broken = line.text.startswith("{") and style is None
        cut = len(line.text.partition(",")[0]) if style else len(line.text)
        spans = [(line.text[:cut], BAD if broken else style or PLAIN), (line.text[cut:], DIM)]
    return _shifted(spans, shift)


def _shifted(spans: list[Span], shift: int) -> list[Span]:
    shifted: list[Span] = []
    for text, style in spans:
        if text[shift:]:
            shifted.append((text[shift : shift + _MOST], style))
        shift = max(0, shift - len(text))
    return shifted


def with_matches(spans: list[Span], found: list[tuple[int, int]]) -> list[Span]:
    """The same text, in which these parts stand out."""
    cuts = sorted({0, *(place for part in found for place in part)})
    marked: list[Span] = []
    at = 0
    for text, style in spans:
        inside = [cut - at for cut in cuts if at < cut < at + len(text)]
        for first, last in pairwise([0, *inside, len(text)]):
            lit = any(begin <= at + first < end for begin, end in found)
            marked.append((text[first:last], MATCH if lit else style))
        at += len(text)
    return marked


def line_text(line: LogLine, *, words: bool, times: bool) -> str:
    """A line as it is shown, for a file."""
    if is_drawn(line):
        return line.text
    text = (told(line.text) if words and not line.stderr else "") or line.text
    clock = f"{clock_text(line)} " if times and line.time else ""
    mark = "! " if line.stderr else ""
    return f"{clock}{line.node} {line.job} u{line.unit} {mark}{text}"


def clock_text(line: LogLine) -> str:
    """The time of day in a line's RFC 3339 timestamp, as its node gave it; '' for none."""
    return line.time[11:19]


def log_page(line: LogLine) -> list[Line]:
    """One line of a log, whole."""
    return [
        labelled("job", line.job, STRONG),
        labelled("unit", str(line.unit)),
        labelled("node", line.node),
        labelled("task", line.task),
        labelled("time", line.time or clock_text(line)),
        labelled("written to", "standard error" if line.stderr else "standard output"),
        [],
        *([[(text, PLAIN)], []] if not line.stderr and (text := told(line.text)) else []),
        [(line.text, WARN if line.stderr else PLAIN)],
    ]
