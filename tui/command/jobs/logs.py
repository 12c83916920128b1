"""`squarm logs`: what a job's workers wrote."""

import argparse
import sys

from base.text import clean_text
from results.log_text import told
from solver.records import LINE_LIMIT
from swarm.engine import LogLine
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_job(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the job ends")
    parser.add_argument(
        "--json", action="store_true", help="records as they are written, on a terminal too"
    )
    parser.set_defaults(run=logs)
    parser.add_examples(
        ("squarm logs mols10-3f", "what its workers wrote so far"),
        ("squarm logs -f mols10-3f", "the same, until it ends"),
    )


async def logs(arguments: argparse.Namespace) -> int:
    """Print records on standard output, in words for who reads them there; errors beside it."""
    words = sys.stdout.isatty() and not arguments.json
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        if arguments.follow:
            async for line in engine.follow(view.id):
                _print(line, words=words)
        else:
            for unit in range(view.spec.units):
                async for line in engine.reread(view.id, unit):
                    _print(line, words=words)
    return 0


def _print(line: LogLine, *, words: bool) -> None:
    text = "" if line.stderr or not words else clean_text(told(line.text))
    text = (
        f"{line.time[11:19]} {clean_text(line.node, 40)} u{line.unit} {text}".lstrip()
        if text
        else clean_text(line.text, LINE_LIMIT)
    )
    print(text, file=sys.stderr if line.stderr else sys.stdout, flush=True)
