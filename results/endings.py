"""How a unit of a job can end, and what that says of a job that found less than was wanted."""

from typing import TYPE_CHECKING

from base.text import age_text
from solver.question import share
from swarm.job import JobSpec

if TYPE_CHECKING:
    # What shows jobs need not import what reads records.
    from solver.records import DoneRecord


def may_end(spec: JobSpec, end: "DoneRecord", *, proven: bool) -> bool:
    """Whether a unit of such a job can end so; `proven`: a proof that there is nothing was read.

    Less than its share comes only of what the job allows for.
    """
    wanted = share(spec.count, spec.units, end.unit)
    if end.count >= wanted:
        return end.count == wanted
    match end.reason:
        case "time":
            return spec.seconds > 0
        case "exhausted":
            return _has_an_end(spec)
        case "stalled":
            return not spec.question.exhausts
        case "impossible":
            return proven
        case _:
            return False


def shortfall(spec: JobSpec, found: int) -> str:
    """Why a job of which every unit has ended found less than was wanted; '' where it did not."""
    if found >= spec.count:
        return ""
    limit = f"their time limit of {age_text(spec.seconds)}"
    if _has_an_end(spec):
        through = "went through all that they had to try"
        why = f"{through}, or came to {limit}" if spec.seconds else through
    else:
        why = f"came to {limit}" if spec.seconds else "gave up after a long search in vain"
    what = "triples" if spec.question.triple else "squares"
    return f"{found:,} of {spec.count:,} {what} were found: its units {why}."


def _has_an_end(spec: JobSpec) -> bool:
    """Whether there are only so many Latin squares to try."""
    return spec.question.exhausts or spec.question.way == "file"
