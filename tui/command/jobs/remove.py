"""`squarm remove`: forget an ended job."""

import argparse

from base.errors import EngineError, UsageError
from results.store import Store
from tui.command.jobs.engine import add_job, chosen_engine, chosen_job
from tui.command.jobs.follow_job import collect
from tui.command.messages import confirm


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    add_job(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=remove, changes="it removes a job")


async def remove(arguments: argparse.Namespace) -> int:
    """Forget an ended job, after asking, and after collecting what is left in its logs."""
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        if view.state.live:
            raise UsageError(f"Job {view.id} is {view.state}: cancel it first.")
        question = f"Remove job {view.id} and its logs? Its results stay."
        if not confirm(question, yes=arguments.yes):
            return 1
        with Store.open(arguments.results) as store:
            try:
                await collect(engine, store, view.id)
            except TimeoutError:
                raise EngineError(f"{view.id} stays: what it found is not all kept yet.") from None
        await engine.remove(view.id)
        print(f"{view.id} is removed; its results stay.")
    return 0
