"""What is said of jobs once the console has left the screen."""

from collections.abc import Collection, Sequence

_NAMED = 5


def farewell(stopped: Collection[str], live: Sequence[str]) -> str:
    """That local jobs were stopped on the way out, or that a swarm's go on; '' for neither."""
    if stopped:
        jobs = "1 job" if len(stopped) == 1 else f"{len(stopped)} jobs"
        return f"{jobs} stopped; r resumes in the console."
    if live:
        go = "1 job goes" if len(live) == 1 else f"{len(live)} jobs go"
        return f"{go} on without the console: {', '.join(live[:_NAMED])}"
    return ""
