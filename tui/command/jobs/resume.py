"""`squarm resume`: go on with a job that was stopped."""

import argparse

from operations import jobs
from operations.kinds import Kind
from results.store import Store
from swarm.engine import JobState
from tui.command.front_end import admit, perform
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.jobs.follow_job import see_through
from tui.command.messages import say
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_job(parser)
    parser.set_defaults(run=resume)
    parser.add_examples(
        ("squarm resume mols10-3f", "runs what is left of it, and keeps what it finds"),
    )


async def resume(arguments: argparse.Namespace) -> int:
    """Go on with a stopped job, or with collecting an ended one, and see it through."""
    admit(arguments, Kind.RESUME_JOB)
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        with Store.open(arguments.results) as store:
            if view.state is not JobState.COMPLETE:
                done = await perform(arguments, jobs.resume(engine, view))
                say(done.sentence if done else f"{view.id} is left as it is.")
            return await see_through(engine, store, view.id)
