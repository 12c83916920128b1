"""What can be shared, as messages: a square, a job, a node, log lines, the screen."""

import time
from collections.abc import Sequence

from base.text import count_text, size_text
from chat.message import Code, FactList, Heading, Message, Paragraph, Picture, Screen, TextRun
from results.pictures import LARGEST_PNG, Grid, square_png
from results.result import Result
from results.triples import standing
from solver.formats.notation import grid
from swarm.engine import JobView, LogLine, NodeView

_GRID = 2_900
_LINES = 200
"""Log lines in one message at most; Slack's own limit cuts most before."""


def square(result: Result) -> Message:
    """A set of squares: the classical grid, the coloured picture, and where it was found."""
    what = f"{amount(len(result.squares))} of order {result.order}"
    words = f"{what}, coloured"
    near: tuple[tuple[str, str], ...] = ()
    if result.covered is not None:
        what = f"Nearly three orthogonal Latin squares of order {result.order}"
        near = (("pairs", f"{standing(result).text} of {result.order**2} each"),)
    picture: tuple[Picture, ...] = ()
    text = ""
    if result.order <= LARGEST_PNG:
        text = grid(result.squares)
        picture = (Picture(square_png(Grid(result.squares)), f"square-{result.id}.png", words),)
    if not text or len(text) > _GRID:
        text = f"Too large for a message: squarm results --job {result.job} prints it."
    return (
        Heading(what),
        Code(text),
        *picture,
        FactList(
            (
                *near,
                ("verified", f"yes, square #{result.id}"),
                ("job", f"{result.job}, unit {result.unit}, no. {result.seq}"),
                ("node", result.node),
                ("source", result.source),
                ("found", moment(result.found_at)),
            )
        ),
    )


def job(view: JobView, found: int | None, verdict: str = "") -> Message:
    """A job's summary; `found` squares are kept of it (None: unknown), `verdict` is its proof.

    Of a job that counts, `found` are the mates counted so far.
    """
    spec = view.spec
    wanted = "mates" if spec.question.count_mates else f"of {spec.count:,}"
    facts = [
        ("state", f"{view.state}{f': {view.why}' if view.why else ''}"),
        ("found", f"{'?' if found is None else format(found, ',')} {wanted}"),
        ("units", f"{view.units_done:,} of {spec.units:,} done"),
        (
            "asks for",
            f"{spec.replicas:,} at a time, {spec.cpus:g} of a core, {size_text(spec.memory)}",
        ),
        ("seed", str(spec.seed)),
        ("started", moment(view.created)),
    ]
    told = (Paragraph(verdict),) if verdict else ()
    return (Heading(f"Job {view.id}, order {spec.order}"), *told, FactList(tuple(facts)))


def node(view: NodeView) -> Message:
    """One machine of the swarm."""
    used = "-" if view.cpu_used is None else f"{view.cpu_used:.0%} in use"
    memory = "" if view.memory_used is None else f"{size_text(view.memory_used)} of "
    facts = (
        ("state", f"{view.state}, {view.availability}"),
        ("role", view.role),
        ("platform", view.platform),
        ("processors", f"{view.cpus}, {used}"),
        ("memory", f"{memory}{size_text(view.memory)}"),
    )
    return (Heading(f"Node {view.name}"), FactList(facts))


def log_lines(lines: Sequence[LogLine]) -> Message:
    """Lines of a log, as they stand there."""
    jobs = sorted({line.job for line in lines})
    shown = "\n".join(f"{line.job}/{line.unit} {line.text}" for line in lines[:_LINES])
    more = len(lines) - _LINES
    rest = (Paragraph(f"and {count_text(more, 'more line')}"),) if more > 0 else ()
    return (Heading(f"Log of {', '.join(jobs[:3])}"), Code(shown), *rest)


def screen(rows: Sequence[Sequence[TextRun]], title: str) -> Message:
    """The console as it looks now."""
    return (
        Heading(title),
        Screen(tuple(tuple(row) for row in rows), f"the screen of squarm: {title}"),
    )


def hello(means: str) -> Message:
    """What `squarm slack setup` says when all is well."""
    return (Paragraph(f"Hello from squarm. I am here with {means}."),)


def amount(squares: int) -> str:
    """How many squares a set has, in words."""
    names = {2: "A pair of orthogonal Latin squares", 3: "Three orthogonal Latin squares"}
    return names.get(squares, f"{squares} mutually orthogonal Latin squares")


def moment(seconds: float) -> str:
    """A time of day with its zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(seconds))
