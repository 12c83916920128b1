"""`squarm cancel`: stop a job."""

import argparse

from results.collecting import keep_now
from results.store import Store
from swarm.engine import JobState
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.messages import confirm, say


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    add_job(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=cancel, changes="it stops a job")


async def cancel(arguments: argparse.Namespace) -> int:
    """Stop a job, after asking."""
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        if not view.state.live and view.state is not JobState.INTERRUPTED:
            say(f"Job {view.id} is {view.state}: there is nothing to cancel.")
            return 0
        done = f"{view.units_done} of {view.spec.units} units done"
        question = f"Cancel job {view.id} (order {view.spec.order}, {done})?"
        if not confirm(question, yes=arguments.yes):
            return 1
        # A swarm throws the logs of running tasks away when it stops them.
        with Store.open(arguments.results) as store:
            await keep_now(engine, store, view)
        await engine.cancel(view.id)
        print(f"{view.id} is cancelled; what it found stays.")
    return 0
