"""Which job a user means by a name or its beginning."""

from collections.abc import Sequence

from base.errors import EngineError
from base.text import clean_text
from swarm.engine import JobView


def find_job(views: Sequence[JobView], text: str, hint: str) -> JobView:
    """The job of this id, or the only one whose id begins so; `hint` says where they are listed.

    Raises EngineError.
    """
    shown = clean_text(text, 64)
    matches = [view for view in views if view.id.startswith(text)]
    exact = [view for view in matches if view.id == text]
    if len(matches) == 1 or exact:
        return (exact or matches)[0]
    if not matches:
        raise EngineError(f"There is no job {shown!r}: {hint}.")
    some = ", ".join(view.id for view in matches[:4])
    raise EngineError(f"{shown!r} could be any of {len(matches)} jobs ({some}): {hint}.")
