"""`squarm version`: the version, and whether the solver is compiled."""

import argparse

from solver import HOW_TO_COMPILE, VERSION, compiled


def add(parser: argparse.ArgumentParser) -> None:
    """Define what it does."""
    parser.set_defaults(run=version)


def version(_arguments: argparse.Namespace) -> int:
    """Print it."""
    print(f"squarm {VERSION}, solver {'compiled' if compiled() else HOW_TO_COMPILE}")
    return 0
