"""How verbs, and the deeds of a verb that has several, are defined."""

import argparse
from collections.abc import Callable

AddVerb = Callable[[str, str], argparse.ArgumentParser]
"""Makes the parser of a verb from its name and what it does."""


def subverbs(parser: argparse.ArgumentParser, name: str, text: str) -> AddVerb:
    """What makes the parsers of a verb's deeds; the chosen one's name is kept under `name`."""
    deeds = parser.add_subparsers(dest=name, metavar=name.upper(), required=True, help=text)

    def deed(called: str, does: str) -> argparse.ArgumentParser:
        return deeds.add_parser(called, help=does, description=does, allow_abbrev=False)

    return deed
