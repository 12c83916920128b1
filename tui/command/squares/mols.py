"""`squarm mols`: how many orthogonal squares of an order are known, by what, and the bound."""

import argparse
import json

from base.errors import UsageError
from base.text import count_text
from solver.constructions import NotKnown, best_published, known
from solver.constructions.catalogue import methods
from solver.published import most_possible, source_of
from swarm.job_values import parse_whole
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("order", metavar="ORDER", help="order of the squares, 1 to 10,000")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=mols)
    parser.add_examples(
        ("squarm mols 10", "two are known, a third is an open problem"),
        ("squarm mols 7777 --json", "the same of order 7,777, for a program"),
    )


def mols(arguments: argparse.Namespace) -> int:
    """Print what is known of an order; raises UsageError where it is none."""
    order = parse_whole("order", arguments.order)
    try:
        best = best_published(order)
    except NotKnown as error:
        raise UsageError(str(error)) from None
    most, why = most_possible(order)
    ways = methods(order)
    if arguments.json:
        body = {
            "order": order,
            "constructed": known(order),
            "methods": [{"squares": count, "method": how} for count, how in ways],
            "published": best,
            "source": source_of(order),
            "at_most": most,
            "because": why,
        }
        print(json.dumps(body, separators=(",", ":")))
        return 0
    squares = count_text(known(order), "square is", "mutually orthogonal squares are")
    print(f"order {order}: {squares} constructed here")
    for count, how in ways:
        print(f"  {f'{count:,} by':>12}  {how}")
    print(f"  {f'published {best:,}':>12}  {source_of(order)}")
    print(f"  {f'at most {most:,}':>12}  {why}")
    return 0
