"""Drills: a fault during a job, on purpose."""

from collections.abc import Callable

from base.errors import SquarmError
from drill.drill import Say, hold
from drill.faults import Fault
from drill.ground import DrillError, Ground
from drill.score import Score, unheld
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from swarm.engine import Engine
from swarm.job import JobSpec


def drill(
    engine: Engine,
    ground: Ground,
    faults: list[Fault],
    spec: JobSpec,
    say: Say,
    scored: Callable[[list[Score]], None],
) -> Operation[list[Score]]:
    """Hold these drills one after the other; raises DrillError where a job runs that would suffer.

    `say` gets a sentence on each step, `scored` all scores so far after each drill.
    """
    names = ", ".join(fault.name for fault in faults)
    count = f"{len(faults)} {'drill' if len(faults) == 1 else 'drills'}"
    caution = Caution(
        f"Hold {count} on {engine.place}?",
        f"Machines fail on purpose ({names}), and jobs of your own that run there suffer with it.",
        agree="Hold them",
        decline="Leave it alone",
    )

    async def work(tell: Tell) -> Done[list[Score]]:
        if any(view.state.live for view in await engine.jobs()):
            raise DrillError("A job runs there: wait for its end, or cancel it first.")
        scores: list[Score] = []
        for fault in faults:
            tell(Step(f"{fault.name} ({len(scores) + 1} of {len(faults)})"))
            try:
                scores.append(await hold(fault, ground, engine, spec, say))
            except SquarmError as error:
                # What one fault has come to says nothing of the next.
                say(str(error))
                scores.append(unheld(fault.name, str(error)))
            scored(scores)
        passed = sum(score.passed for score in scores)
        return Done(f"{passed} of {len(scores)} drills passed.", scores)

    return Operation(
        kind=Kind.DRILL,
        target=names if len(faults) == 1 else count,
        caution=caution,
        keep=None,
        work=work,
    )
