"""A line of a log: coloured by the kind of its record, and whole on a page of its own."""

from rich.style import Style

from swarm.engine import LogLine
from tui.console.render.labels import labelled
from tui.console.render.spans import Line, Span
from tui.console.render.theme import BAD, DIM, DONE, GOOD, PLAIN, STRONG, WARN

_KINDS: tuple[tuple[str, Style], ...] = (
    ('{"type":"square"', DONE),
    ('{"type":"triple"', DONE),
    ('{"type":"progress"', PLAIN),
    ('{"type":"done"', GOOD),
    ('{"type":"impossible"', WARN),
)


def log_spans(line: LogLine, shift: int = 0) -> list[Span]:
    """A line's text in colours: the kind of a record stands out, its content does not."""
    text = line.text[shift : shift + 512]
    if line.stderr:
        return [("! ", WARN), (text, WARN)]
    for prefix, style in _KINDS:
        if line.text.startswith(prefix):
            cut = max(0, len(prefix) - shift)
            return [(text[:cut], style), (text[cut:], DIM)]
    return [(text, BAD if line.text.startswith("{") and not shift else PLAIN)]


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
        [(line.text, log_spans(line)[-1][1] if line.stderr else PLAIN)],
    ]
