"""Which job a user means by a name or its beginning."""

from collections.abc import Sequence

from base.errors import EngineError
from base.text import clean_text
from swarm.engine import JobView


def find_job(views: Sequence[JobView], text: str, hint: str) -> JobView:
    """The job of this id, or the only one whose id begins so; `hint` says where they are listed.

    Raises EngineError.
    """
    named = match_job([view.id for view in views], text, hint)
    if named is None:
        raise EngineError(f"There is no job {clean_text(text, 64)!r}: {hint}.")
    return next(view for view in views if view.id == named)


def match_job(jobs: Sequence[str], text: str, hint: str) -> str | None:
    """The job of this id, or the only one whose id begins so, None for none; raises EngineError."""
    if not text:
        raise EngineError(f"No job is named: {hint}.")
    matches = [job for job in jobs if job.startswith(text)]
    if text in matches or len(matches) < 2:
        return text if text in matches else next(iter(matches), None)
    some = ", ".join(matches[:4])
    raise EngineError(
        f"{clean_text(text, 64)!r} could be any of {len(matches)} jobs ({some}): {hint}."
    )
