"""What the bot says: every sentence of it, as messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

from base.text import age_text
from chat.bot.commands import MOST_SQUARES
from chat.bot.limits import order_of_turns
from chat.bot.requests import Request, RequestState
from chat.message import Button, Buttons, Code, FactList, Message, Paragraph
from results.ledger import verdict
from results.reports import JobRow, Snapshot
from results.result import Result
from results.triples import PUBLISHED, board
from solver.published import MOST
from solver.question import FEW_ORDER
from solver.records import ImpossibleRecord
from solver.search.latin import MAX_ORDER
from swarm.engine import JobState, NodeView
from swarm.job import JobSpec

_ROWS = 25
_NAMED = 4
"""Nodes that a sentence names."""
SLOW_DOWN = "That is a lot at once: I read nothing more of yours until a minute has passed."
NOT_YOURS = "Only who asked for it, or an admin of squarm, may cancel that."
SECONDS = 600
"""The longest that a unit of the bot's jobs searches."""
IN_A_FILE = 600
"""The greatest order that is posted as a file: two megabytes."""
CSV_SETS = 2_000
"""In one file; the console gives all."""
PASTE = "Paste a square below the word analyse, one row a line, or attach it as a text file."
PLACES = 5
"""Of the leaderboard of triples."""
_HELP = (
    ("mols 10", "find a pair of orthogonal Latin squares of order 10"),
    ("mols 10 x5", f"find five of them (at most {MOST_SQUARES})"),
    ("mols 10 diagonal", "both diagonals of the first square hold every symbol"),
    ("mols 9 set of 3", "three squares, each two of them orthogonal"),
    (
        "triple",
        "hunt for three squares of order 10: the nearest of a few tries, and the leaderboard",
    ),
    ("analyse", "all there is to say of a square pasted below that word, or attached"),
    ("csv JOB", "the squares of a job as a file"),
    ("status", "how the swarm is"),
    ("nodes", "its machines"),
    ("jobs", "what it is working on, and what waits"),
    ("why JOB", "why it does not go on; why alone: of all that wait"),
    ("cancel JOB", "stop a job you asked for"),
    ("help", "this"),
)
NOT_SEEN = (
    "I have not seen the swarm yet: on the machine that runs me, squarm serve --check says why."
)


@dataclass(frozen=True, slots=True)
class End:
    """How an ended job stands in the store; `missing`: units of which not all is kept yet."""

    missing: int
    found: int
    verdict: str


def too_long(order: int, mols: int = 2) -> str:
    """What to do about squares that are larger than a file in Slack should be."""
    asked = f"{order} --mols {mols}" if mols > 2 else str(order)
    return f"They are too large to post: squarm solve {asked} writes them, row by row."


def sentence(text: str) -> Message:
    """One sentence."""
    return (Paragraph(text),)


def help_text() -> Message:
    """What the bot knows."""
    return (
        FactList(_HELP),
        Paragraph(
            f"Orders 1 to {MAX_ORDER} are searched, larger ones constructed, to {MOST:,}; "
            "orders 2 and 6 have no pair. In a channel, begin with mols (mols status); in a direct "
            "message or after /mols that word may be left out. I answer in a thread."
        ),
    )


def held(why: str) -> str:
    """What is said to whoever waits until Slack tells where, or whom, the bot answers."""
    because = f": {why.rstrip('.')}" if why else ""
    return f"Noted, but I cannot tell yet whether I may answer{because}. I will once I can."


def in_vain(why: str) -> str:
    """The same when that took too long."""
    because = f" ({why.rstrip('.')})" if why else ""
    return f"I could not tell for an hour whether I may answer{because}: ask again later."


def wanted(spec: JobSpec) -> str:
    """What is looked for, in words."""
    if spec.question.triple:
        return "three orthogonal Latin squares of order 10, the nearest to it (none are known)"
    diagonal = ", the first diagonal" if spec.question.diagonal else ""
    what = _sets(spec) if spec.count > 1 else f"a {_sets(spec)}"
    many = f"{spec.count:,} " if spec.count > 1 else ""
    return f"{many}{what} of orthogonal Latin squares of order {spec.order}{diagonal}"


def _sets(spec: JobSpec) -> str:
    """`pair`, `pairs`, `set of 3`, `sets of 3`."""
    plural = "s" if spec.count > 1 else ""
    mols = spec.question.mols
    return f"pair{plural}" if mols == 2 else f"set{plural} of {mols}"


def proved(proof: ImpossibleRecord) -> str:
    """The sentence of a proof, and what it says of all Latin squares of the order."""
    order = proof.order
    every = proof.squares * factorial(order) * factorial(order - 1)
    these = "one of these" if proof.squares > 1 else "that one"
    return (
        f"{verdict(proof)} Each of the {every:,} Latin squares of order {order} is {these} with "
        "rows and columns in another order."
    )


def begun(spec: JobSpec, user: str) -> Message:
    """The first answer: it is looked for at once."""
    return (Paragraph(f"Looking for {wanted(spec)} ...", user),)


def _command(spec: JobSpec) -> str:
    """The words that ask for the same again."""
    question = spec.question
    if question.triple:
        return "mols triple"
    diagonal = " diagonal" if question.diagonal else ""
    mols = f" set of {question.mols}" if question.mols > 2 else ""
    count = f" x{spec.count}" if spec.count > 1 else ""
    return f"mols {spec.order}{diagonal}{mols}{count}"


def queued(request: Request, spec: JobSpec, place: int, user: str) -> Message:
    """The first answer where others come before."""
    return (
        Paragraph(
            f"Noted, {wanted(spec)}: {ordinal(place)} in the queue (cancel {request.id} takes it "
            "back).",
            user,
        ),
        Buttons((Button("Take it back", f"cancel {request.id}"),)),
    )


def under_way(spec: JobSpec, row: JobRow | None, user: str) -> Message:
    """The progress message."""
    if row is None:
        return begun(spec, user)
    tried = sum(unit.tried for unit in row.units)
    text = f"Looking for {wanted(spec)}, job {row.job.id} is {row.job.state}"
    if spec.count > 1 or row.found:
        text += f", {row.found:,} of {spec.count:,} found"
    if tried:
        text += f", {tried:,} Latin squares tried"
    if row.job.why:
        text += f". {row.job.why}"
    return (Paragraph(text, user), Buttons((Button("Cancel", f"cancel {row.job.id}"),)))


def below(spec: JobSpec, user: str) -> Message:
    """What becomes of the progress message where the end is a message of its own."""
    return (Paragraph(f"Looked for {wanted(spec)}; how that ended stands below.", user),)


def over(spec: JobSpec, row: JobRow, end: End, seconds: float, user: str) -> Message:
    """How a search ended, and truthfully why there is less than was asked for.

    `seconds`: since it was asked for.
    """
    state = row.job.state
    found = end.found
    if end.verdict:
        return (Paragraph(end.verdict, user),)
    got = f"{found:,} of {spec.count:,} found"
    if state is JobState.CANCELLED:
        return (Paragraph(f"Cancelled: {got}; what was found is kept.", user),)
    if state is JobState.FAILED:
        why = row.job.why.rstrip(".") or "its tasks ended without a word"
        return (Paragraph(f"It failed, {got}: {why}.", user),)
    if end.missing:
        parts = "one part" if end.missing == 1 else f"{end.missing} parts"
        left = f"so job {row.job.id} is left for you to look at"
        text = f"{got}; {parts} of its output could not be read, {left}."
        return (Paragraph(text, user),)
    if found and spec.question.triple:
        best = " + ".join(map(str, PUBLISHED[0].pairs))
        text = f"The best of {found:,} tries. Nearest of all that is published: {best} pairs."
        return (Paragraph(text, user),)
    if found >= spec.count:
        few = f"the {_sets(spec)}" if spec.count == 1 else f"all {spec.count:,} {_sets(spec)}"
        names = sorted({unit.node for unit in row.units if unit.found and unit.node})
        where = f" on {len(names)} nodes" if len(names) > _NAMED else f" on {', '.join(names)}"
        took = f"{age_text(seconds)} after it was asked for"
        found_on = where if names else ""
        told = Paragraph(f"Found {few} of order {spec.order}{found_on}, {took}.", user)
        more = Button("Find another" if spec.count == 1 else "Find more", _command(spec))
        return (told, Buttons((more, Button("All as CSV", f"csv {row.job.id}"))))
    if spec.order <= FEW_ORDER:
        why = "that is all the search finds, pairs of so small an order are few"
    else:
        why = f"the {SECONDS // 60} minutes that I may search are up"
    return (Paragraph(f"{got} of order {spec.order}: {why}.", user),)


def leaderboard(triples: Sequence[Result]) -> Message:
    """The nearest to three orthogonal squares of order 10, ours among the published."""
    rows = [f"{'PAIRS':<18} {'GROUP':>5} {'TIMES':>5} FOUND BY"]
    for place in board(triples)[:PLACES]:
        job = f", job {place.result.job} on {place.result.node}" if place.result else ""
        counts = f"{place.group or '':>5} {place.times or '':>5}"
        rows.append(f"{place.text:<18} {counts} {place.finder}{job}")
    return (Code("\n".join(rows)),)


def reasons(what: str, rows: Sequence[JobRow], requests: Sequence[Request]) -> Message:
    """Why a job, or a search that waits, does not go on; without `what`, of each that waits."""
    told = [
        (one.id, f"{ordinal(place)} in the queue: others were asked for before it")
        for place, one in enumerate(order_of_turns(requests), 1)
        if what in ("", str(one.id))
    ]
    live = [row for row in rows if (row.job.why or what) and what in (row.job.id, "")]
    live = live or [row for row in rows if what and row.job.id.startswith(what)]
    facts = [(str(number), why) for number, why in told]
    facts += [(row.job.id, row.job.why or f"it is {row.job.state}, {_done(row)}") for row in live]
    if not facts:
        none = f"I know no job {what[:40]!r}: jobs lists them." if what else "Nothing waits."
        return sentence(none)
    return (FactList(tuple(facts[:_ROWS])),)


def _done(row: JobRow) -> str:
    return f"{row.job.units_done:,} of {row.job.spec.units:,} units are done"


def status(
    snapshot: Snapshot | None, requests: Sequence[Request], age: float, problem: str
) -> Message:
    """How all is."""
    if snapshot is None:
        return sentence(problem or "I have not seen the swarm yet: I have only just started.")
    up = sum(node.state == "ready" for node in snapshot.nodes)
    running = sum(row.job.state.live for row in snapshot.jobs)
    waiting = sum(request.state is RequestState.QUEUED for request in requests)
    facts = [
        ("engine", f"{snapshot.engine}, {snapshot.place}"),
        ("nodes", f"{up} of {len(snapshot.nodes)} up"),
        ("jobs", f"{running} running, {waiting} waiting in my queue"),
        ("squares", f"{snapshot.kept:,} kept"),
        ("seen", f"{age:.0f} s ago"),
    ]
    if problem := problem or snapshot.problem:
        facts.append(("problem", problem))
    return (FactList(tuple(facts)),)


def nodes(views: Sequence[NodeView]) -> Message:
    """The machines."""
    if not views:
        return sentence("The swarm shows no nodes.")
    lines = [f"{'NODE':<16} {'STATE':<8} {'TAKES':<8} {'PLATFORM':<14} CPUS  CPU"]
    for view in views[:_ROWS]:
        used = "-" if view.cpu_used is None else f"{view.cpu_used:.0%}"
        lines.append(
            f"{view.name[:16]:<16} {view.state:<8} {view.availability:<8} {view.platform:<14} "
            f"{view.cpus:>4} {used:>4}"
        )
    return _table(lines, len(views))


def jobs(rows: Sequence[JobRow], queue: Sequence[tuple[Request, JobSpec]]) -> Message:
    """What is worked on, and what waits."""
    if not rows and not queue:
        return sentence("There are no jobs: mols 10 starts one.")
    lines = [f"{'JOB':<16} {'STATE':<12} ORDER      FOUND"]
    for row in rows[:_ROWS]:
        spec = row.job.spec
        wanted = f" {row.share:.0%}" if spec.question.count_mates else f"/{spec.count:,}"
        lines.append(
            f"{row.job.id[:16]:<16} {row.job.state:<12} {spec.order:>5} "
            f"{f'{row.found:,}{wanted}':>10}"
        )
    for place, (request, spec) in enumerate(queue[:_ROWS], 1):
        lines.append(
            f"{request.id:<16} {ordinal(place) + ' in queue':<12} {spec.order:>5} {'-':>10}"
        )
    return _table(lines, len(rows) + len(queue))


def ordinal(place: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    tens = place % 100
    ending = "th" if 10 <= tens <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _table(lines: list[str], rows: int) -> Message:
    more = rows - len(lines) + 1
    rest = (Paragraph(f"and {more:,} more"),) if more > 0 else ()
    return (Code("\n".join(lines)), *rest)
