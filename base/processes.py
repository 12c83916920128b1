"""Processes of our own: what they need to be of the same squarm."""

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
