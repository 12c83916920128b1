"""`squarm cancel`: stop a job."""

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
    parser.set_defaults(run=cancel)
    parser.add_examples(
        ("squarm cancel mols10-3f", "asks, then stops it"),
        ("squarm cancel mols10-3f --yes", "does not ask"),
    )


async def cancel(arguments: argparse.Namespace) -> int:
    """Stop a job, after asking."""
    admit(arguments, Kind.CANCEL_JOB)
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        with Store.open(arguments.results) as store:
            return await perform_and_say(arguments, jobs.cancel(engine, store, view))
