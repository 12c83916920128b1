"""`squarm logs`: what a job's workers wrote."""

import argparse
import sys
from functools import partial

from base.text import clean_text
from results.log_text import Level, told
from solver.records import LINE_LIMIT
from swarm.engine import LogLine
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.parser import Parser
from tui.needle import Matches, matcher


def add(parser: Parser) -> None:
    """Define its options."""
    add_job(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the job ends")
    parser.add_argument(
        "--json", action="store_true", help="records as they are written, on a terminal too"
    )
    parser.add_argument(
        "--filter",
        metavar="WORDS",
        default="",
        help="lines with all of these, none behind !; behind a / a regular expression",
    )
    parser.add_argument(
        "--level",
        choices=[level.value for level in Level],
        default=Level.ALL.value,
        help="all lines; what was found and how units ended; what is wrong",
    )
    parser.add_argument("--no-time", action="store_true", help="leave the time out")
    parser.set_defaults(run=logs)
    parser.add_examples(
        ("squarm logs mols10-3f", "what its workers wrote so far"),
        ("squarm logs -f mols10-3f", "the same, until it ends"),
        ("squarm logs --level wrong mols10-3f", "what is wrong, and nothing else"),
    )


async def logs(arguments: argparse.Namespace) -> int:
    """Print records on standard output, in words for who reads them there; errors beside it."""
    words = sys.stdout.isatty() and not arguments.json
    show = partial(_show, arguments, words, matcher(arguments.filter))
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        if arguments.follow:
            async for line in engine.follow(view.id):
                show(line)
        else:
            for unit in range(view.spec.units):
                async for line in engine.reread(view.id, unit):
                    show(line)
    return 0


def _show(arguments: argparse.Namespace, words: bool, matches: Matches, line: LogLine) -> None:
    """Print a line that is asked for."""
    told_of = clean_text(told(line.text))
    meant = matches(f"{line.node} {line.job} {told_of} {line.text}", line.unit)
    if not meant or not Level(arguments.level).shows(line.text, stderr=line.stderr):
        return
    clock = "" if arguments.no_time else line.time[11:19]
    if words and told_of and not line.stderr:
        text = f"{clock} {clean_text(line.node, 40)} u{line.unit} {told_of}".lstrip()
    else:
        text = clean_text(line.text, LINE_LIMIT)
    print(text, file=sys.stderr if line.stderr else sys.stdout, flush=True)
