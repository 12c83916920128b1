"""Which of all the sets that are kept are meant: those of an order, of a job, of a main class."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from base.errors import UsageError
from base.text import clean_text
from results.result import Result
from swarm.job_values import parse_order

_ORDER = re.compile(r"\d{1,5}")
_CLASS = re.compile(r"[0-9a-f]{6,}")


@dataclass(frozen=True, slots=True)
class Selection:
    """At most one of these; all that is kept where it is none. `main_class` in hex."""

    order: int = 0
    job: str = ""
    main_class: str = ""

    def __str__(self) -> str:
        if self.order:
            return f"order {self.order}"
        if self.main_class:
            return f"class {self.main_class[:12]}"
        return self.job

    def holds(self, result: Result) -> bool:
        """Whether a set is one of them."""
        if self.order:
            return result.order == self.order and result.covered is None
        if self.main_class:
            return result.main_class == self.main_class and result.covered is None
        return self.job in ("", result.job)


def selection_of(
    words: str, jobs: Sequence[str], classes: Callable[[str], Sequence[str]]
) -> Selection:
    """What is asked for: an order, a job or its beginning, the beginning of a main class.

    `classes` gives the first two that begin so. Raises UsageError, SpecError for a bad order.
    """
    if _ORDER.fullmatch(words):
        return Selection(order=parse_order(words))
    begun = [job for job in jobs if job.startswith(words)]
    if words in jobs or len(begun) == 1:
        return Selection(job=words if words in jobs else begun[0])
    shown = clean_text(words, 64)
    if begun:
        raise UsageError(f"{len(begun)} jobs begin with {shown!r}: say more of the one you mean.")
    found = classes(words) if _CLASS.fullmatch(words) else ()
    if len(found) > 1:
        raise UsageError(f"Several classes begin with {shown!r}: say more of the one you mean.")
    if not found:
        raise UsageError(
            f"Nothing is kept of {shown!r}: say an order, a job, or six digits of a main class."
        )
    return Selection(main_class=found[0])
