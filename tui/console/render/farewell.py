"""What is said of jobs once the console has left the screen."""

from collections.abc import Sequence

_NAMED = 5


def stopped(count: int) -> str:
    """Local jobs were stopped on the way out."""
    jobs = "1 job" if count == 1 else f"{count} jobs"
    return f"{jobs} stopped; r resumes in the console."


def going_on(jobs: Sequence[str]) -> str:
    """These jobs do not need the console; '' where there are none."""
    if not jobs:
        return ""
    go = "1 job goes" if len(jobs) == 1 else f"{len(jobs)} jobs go"
    return f"{go} on without the console: {', '.join(jobs[:_NAMED])}"
