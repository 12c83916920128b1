"""The search for orthogonal Latin squares, its record format and its verifier."""

from importlib.util import find_spec

VERSION = "0.5.0"
"""Part of every work unit's identity: the same version gives the same squares."""

SEEDED = "0.1.0"
"""What random numbers begin with: another version only where their squares are to be others."""

HOW_TO_COMPILE = "interpreted, some 300 times slower; install gcc and python3-dev, then make setup"


def compiled() -> bool:
    """True where mypyc's build of the search is the one that runs."""
    # Found, not imported: who only says so need not wait for it.
    spec = find_spec("solver.search.mates")
    return spec is not None and not str(spec.origin).endswith(".py")
