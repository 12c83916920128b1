"""How a unit of a job can end, and what that says of a job: all found and proved, or why not."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from base.text import age_text
from solver.question import Question, QuestionError, share
from swarm.job import JobSpec

if TYPE_CHECKING:
    # What shows jobs need not import what reads records.
    from results.result import Collected
    from solver.records import DoneRecord

_OTHERS = "there may be others"
_EXHAUST = 5
"""Order up to which going through every reduced square takes no time."""


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
            # A count has as many parts as were wanted, no fewer.
            return spec.question.finite and not spec.question.count_mates
        case "stalled":
            return not spec.question.exhausts
        case "impossible":
            return proven
        case _:
            return False


def ending(
    spec: JobSpec, found: int, ends: "Sequence[Collected | DoneRecord]", parts: int = 0
) -> str:
    """What the ends of all of a job's units say of what it found; '' where there is nothing to say.

    That there are no others only where that is proved. `parts`: those of a count that are held.
    """
    question = spec.question
    if question.count_mates:
        return _counted(spec, found, ends, parts)
    if found >= spec.count and not question.finite:
        return ""
    what = "triples" if question.triple else "sets" if question.mols > 2 else "pairs"
    head = f"{found:,} of {spec.count:,} {what} found"
    if all_found(question, ends):
        answer = "there is none" if not found else "these are all there are"
        return f"{head}: {answer}, {_gone_through(question)}."
    if reasons := _reasons(spec, ends):
        return f"{head}: {' and '.join(reasons)}; {_OTHERS}."
    return f"{head}; {_OTHERS}."


def _counted(
    spec: JobSpec, mates: int, ends: "Sequence[Collected | DoneRecord]", parts: int
) -> str:
    head = "1 mate" if mates == 1 else f"{mates:,} mates"
    if parts == spec.count:
        return f"{head}: {'this is all' if mates == 1 else 'these are all'}."
    why = "".join(f": {reason}" for reason in _reasons(spec, ends)[:1])
    return f"{head} in {parts:,} of {spec.count:,} parts{why}; {_OTHERS}."


def all_found(question: Question, ends: "Sequence[Collected | DoneRecord]") -> bool:
    """Whether it is proved that a job found all there is, by how all of its units ended."""
    through = all(end.reason == "exhausted" and end.bounds == () for end in ends)
    return question.finite and bool(ends) and through


def _reasons(spec: JobSpec, ends: "Sequence[Collected | DoneRecord]") -> list[str]:
    """Why there may be others, as parts of a sentence."""
    said = {end.reason for end in ends}
    reasons = []
    if spec.question.finite and not spec.question.count_mates and "found" in said:
        whose = "the search" if len(ends) == 1 else "units that had found their share"
        reasons.append(f"{whose} stopped there (a higher --count goes on)")
    if "time" in said:
        reasons.append(f"the time limit of {age_text(spec.seconds)} came first (--seconds)")
    if "stalled" in said:
        reasons.append(f"the search gave up after a long time in vain{_remedy(spec.question)}")
    bounds = {bound for end in ends for bound in end.bounds or ()}
    return reasons + [_bound(spec.question, bound) for bound in sorted(bounds)]


def _remedy(question: Question) -> str:
    if question.order <= _EXHAUST and question.source != "file":
        # The question itself knows which of its kind can be gone through.
        with suppress(QuestionError):
            replace(question, source="exhaust")
            return " (--source exhaust goes through all)"
    return ""


def _gone_through(question: Question) -> str:
    """What was gone through to its end."""
    if question.esodls:
        of = "" if question.exhausts else " of the file"
        return f"each diagonal square{of} was compared with all of its main class"
    if question.exhausts:
        what = f"every reduced Latin square of order {question.order}"
        return f"{what} and every mate of each was gone through"
    squares = f"each square of the file{_taken(question)}"
    if question.self_orthogonal:
        return f"{squares} was compared with its transpose"
    return f"every mate of {squares} was gone through"


def _taken(question: Question) -> str:
    """Which squares of a file were taken at all, where not all were."""
    needs = [
        need
        for need, asked in (
            ("is diagonal as it stands", question.odls),
            ("can be made diagonal", question.diagonal or question.dsodls),
            (f"has a subsquare of order {question.subsquare}", question.subsquare),
            (f"has {question.transversals:,} transversals or more", question.transversals),
        )
        if asked
    ]
    return f" that {' and '.join(needs)}" if needs else ""


def _bound(question: Question, bound: str) -> str:
    """What a bound kept from being found, and how it is lifted."""
    if question.triple and bound == "steps":
        return "the nearest third square is looked for within a bound"
    return {
        "mates": f"no more than {question.mates:,} of a square were taken (leave out --mates)",
        "transversals": "squares with more transversals than there is room for were passed over",
        "steps": "the search for some squares' mates came to its bound (--source file has none)",
    }.get(bound, "memory did not suffice for some squares")
