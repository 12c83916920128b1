"""The folders in which squarm keeps things (XDG base directories; their variables are honoured)."""

import os
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("squarm")


def data() -> Path:
    """What must not be lost: results, jobs, runs, keys, the inventory, the audit log."""
    return _DIRS.user_data_path


def shared() -> Path:
    """Where other programs of this user look for what they are given: completions, manuals."""
    return _DIRS.user_data_path.parent


def config() -> Path:
    """What the user writes."""
    return _DIRS.user_config_path


def state() -> Path:
    """What tells of earlier runs: the log."""
    return _DIRS.user_state_path


def cache() -> Path:
    """What can be made again."""
    return _DIRS.user_cache_path


def runtime() -> Path:
    """What is gone at the next boot: systemd's RuntimeDirectory, else the user's."""
    if folder := os.environ.get("RUNTIME_DIRECTORY"):
        return Path(folder)
    if folder := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(folder) / "squarm"
    return cache()


def typed(text: str) -> Path:
    """A path as a person types it; `~name` stays as it is where nobody is called so."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
