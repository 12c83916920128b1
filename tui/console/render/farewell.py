"""What is said of jobs once the console has left the screen."""

from collections.abc import Collection, Sequence

_NAMED = 5


def farewell(stopped: Collection[str], live: Sequence[str]) -> str:
    """That local jobs were stopped on the way out, and that others go on; '' for neither."""
    lines = []
    if stopped:
        jobs = "1 job" if len(stopped) == 1 else f"{len(stopped)} jobs"
        lines.append(f"{jobs} stopped; r resumes in the console.")
    if live:
        go = "1 job goes" if len(live) == 1 else f"{len(live)} jobs go"
        lines.append(f"{go} on without the console: {', '.join(live[:_NAMED])}")
    return "\n".join(lines)
