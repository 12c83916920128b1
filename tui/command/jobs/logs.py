"""`squarm logs`: what a job's workers wrote."""

import argparse
import sys

from base.text import clean_text
from solver.records import LINE_LIMIT
from swarm.engine import LogLine
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_job(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the job ends")
    parser.set_defaults(run=logs)
    parser.add_examples(
        ("squarm logs mols10-3f", "what its workers wrote so far"),
        ("squarm logs -f mols10-3f", "the same, until it ends"),
    )


async def logs(arguments: argparse.Namespace) -> int:
    """Print records on standard output, errors on standard error."""
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        if arguments.follow:
            async for line in engine.follow(view.id):
                _print(line)
        else:
            for unit in range(view.spec.units):
                async for line in engine.reread(view.id, unit):
                    _print(line)
    return 0


def _print(line: LogLine) -> None:
    text = clean_text(line.text, LINE_LIMIT)
    print(text, file=sys.stderr if line.stderr else sys.stdout, flush=True)
