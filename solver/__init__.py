"""The search for orthogonal Latin squares, its record format and its verifier."""

VERSION = "0.1.0"
"""Part of every work unit's identity: the same version gives the same squares."""

HOW_TO_COMPILE = "interpreted, some 100 times slower; install gcc and python3-dev, then make setup"


def compiled() -> bool:
    """True where mypyc's build of the search is the one that runs."""
    from solver.search import mates

    return not str(mates.__file__).endswith(".py")
