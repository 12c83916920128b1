"""`squarm remove`: forget an ended job."""

import argparse

from operations import jobs
from operations.kinds import Kind
from results.store import Store
from tui.command.front_end import admit, perform_and_say
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.options import add_yes
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_job(parser)
    add_yes(parser)
    parser.add_argument(
        "--force", action="store_true", help="also where not all that it found can be read"
    )
    parser.set_defaults(run=remove)
    parser.add_examples(
        ("squarm remove mols10-3f", "keeps what is in its logs, then forgets it"),
    )


async def remove(arguments: argparse.Namespace) -> int:
    """Forget an ended job, after asking, and after collecting what is left in its logs."""
    admit(arguments, Kind.REMOVE_JOB)
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        with Store.open(arguments.results) as store:
            removal = jobs.remove(engine, store, view, force=arguments.force)
            return await perform_and_say(arguments, removal)
