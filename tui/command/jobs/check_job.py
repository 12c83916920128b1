"""`squarm jobs check`: the verdict on a job; what is missing of it is read, or run, again."""

import argparse
import asyncio

from base.errors import EngineError
from operations.jobs import refill
from results.collecting import collect_to_end
from results.proving import Proof, changed_since, prove
from results.store import Store
from swarm.engine import Engine, JobState, JobView
from tui.command.front_end import perform
from tui.command.jobs.engine import chosen_engine, chosen_job
from tui.command.messages import say


async def check_job(arguments: argparse.Namespace) -> int:
    """Print the verdict: 1 where it is not complete. Raises SquarmError.

    What can be read is read without asking, as everything that collects does; units are run again
    only after asking, and not under `--read-only`.
    """
    async with chosen_engine(arguments) as engine:
        view = await chosen_job(engine, arguments)
        if view.state.live:
            raise EngineError(f"{view.id} is {view.state}: it is checked when it has ended.")
        if view.unknown:
            raise EngineError(f"{view.id} cannot be proved complete: {view.why}")
        with Store.open(arguments.results) as store:
            if why := changed_since(store, view.id, view.spec):
                raise EngineError(f"{view.id} cannot be proved complete: {why}")
            proof = await asyncio.to_thread(prove, store, view.id, view.spec)
            if not proof.whole:
                proof = await _read_again(engine, store, view, proof)
            if proof.whole:
                print(proof.verdict(view.id))
                return 0
            nodes = {task.unit: task.node for task in view.tasks}
            for unit, wrong in proof.flaws.items():
                say(f"unit {unit}{f' on {nodes[unit]}' if nodes.get(unit) else ''}: {wrong}.")
            if arguments.read_only or view.state is not JobState.COMPLETE:
                print(proof.verdict(view.id))
                return 1
            done = await perform(arguments, refill(engine, store, view, proof))
            print(done.sentence if done else proof.verdict(view.id))
            return 0 if done and done.value.whole else 1


async def _read_again(engine: Engine, store: Store, view: JobView, proof: Proof) -> Proof:
    """How the job stands once its logs have been read for what is missing."""
    await asyncio.to_thread(store.reopen, view.id, proof.flaws)
    try:
        await collect_to_end(engine, store, view.id, lambda _: None, tend=False)
    except TimeoutError as error:
        say(str(error))
    return await asyncio.to_thread(prove, store, view.id, view.spec)
