"""`squarm help`: what a verb takes, as `squarm VERB --help` prints it."""

import argparse

from tui.command.parser import Parser, build


def add(parser: Parser) -> None:
    """Define what it takes."""
    parser.add_argument(
        "words", nargs="*", metavar="VERB", help="the verb, or the verb and its action"
    )
    parser.set_defaults(run=show)
    parser.add_examples(
        ("squarm help run", "what run takes"),
        ("squarm help pi add", "what its action add takes"),
    )


def show(arguments: argparse.Namespace) -> int:
    """Print it; raises UsageError where there is no such verb."""
    parser = build(arguments.words)
    for word in arguments.words:
        parser = parser.under(word)
    parser.print_help()
    return 0
