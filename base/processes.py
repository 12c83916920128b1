"""Processes of our own: what they need to be of the same squarm, and what they may lack."""

import errno
import os
from pathlib import Path

import solver


def environment() -> dict[str, str]:
    """What a worker needs to find the very solver this process has imported.

    `-P` keeps the user's current folder off the path, where a package `solver` of another kind
    may be.
    """
    root = Path(solver.__file__).parents[1]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if root.name not in ("site-packages", "dist-packages"):
        kept["PYTHONPATH"] = str(root)
    return kept


def lacking(error: BaseException) -> str:
    """What this process may not have more of, as the end of a sentence; '' for any other error."""
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many files are open: raise the limit on them (ulimit -n 1024)"
    # Python has no error of its own for a thread that the system refuses.
    threads = isinstance(error, RuntimeError) and "start new thread" in str(error)
    if threads or isinstance(error, MemoryError) or getattr(error, "errno", 0) == errno.ENOMEM:
        return (
            "there is too little memory for squarm, or too few threads are allowed: end other "
            "programs, or raise the limits (ulimit -a)"
        )
    return ""
