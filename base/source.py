"""Where the source is that playbooks carry to machines and build the solver's image out of."""

import sysconfig
from pathlib import Path

_CHECKOUT = Path(__file__).parents[1]
_INSTALLED = Path(sysconfig.get_path("data")) / "share" / "squarm"
"""Where setup.py has a wheel put it: a package `ansible` of ours would hide the real one."""


def source_tree() -> Path:
    """The checkout's root, or that of the wheel's copy of it: the same files at the same places."""
    return _CHECKOUT if (_CHECKOUT / "Dockerfile.solver").is_file() else _INSTALLED
