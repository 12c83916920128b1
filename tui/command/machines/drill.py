"""`squarm drill`: a fault during a job, and what it costs."""

import argparse
from pathlib import Path

from base.safe_file import replace
from drill.cluster_ground import ClusterGround
from drill.faults import FAULTS, Fault, chosen, refuse_unknown
from drill.ground import Ground
from drill.lab_ground import LabGround
from drill.score import Score, table
from operations.drills import drill as drill_operation
from operations.engines import open_engine, reach_docker
from operations.kinds import Kind
from solver.question import Question
from swarm.job import JobSpec
from tui.command.front_end import admit, perform
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser

_COUNT = 12_000
_CPUS = 0.1
"""Of each solver: a job must outlast the fault that comes into it."""
_SEED = 2026


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("fault", nargs="*", metavar="FAULT", help="faults by name, or all")
    parser.add_argument(
        "--lab", type=int, metavar="NUMBER", help="hold it on this virtual lab: every fault"
    )
    parser.add_argument(
        "--count", type=int, default=_COUNT, metavar="N", help="squares that the job is to find"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table there, too")
    add_yes(parser)
    parser.set_defaults(run=drill)
    parser.add_examples(
        ("squarm drill", "lists the faults"),
        ("squarm drill node-drained", "a gentle one, on the swarm at hand, after asking"),
        ("squarm drill all --lab 0 --yes", "every one, on the virtual lab"),
    )


async def drill(arguments: argparse.Namespace) -> int:
    """Hold drills, and print their table: 1 where one did not pass."""
    if not arguments.fault:
        for fault in FAULTS:
            print(f"{fault.name:<22} {fault.what}{_where(fault)}")
        return 0
    admit(arguments, Kind.DRILL)
    refuse_unknown(arguments.fault)
    ground: Ground
    if arguments.lab is None:
        ground = await ClusterGround.open(reach_docker)
    else:
        ground = await LabGround.open(arguments.lab)
    faults = chosen(arguments.fault, ground)
    replicas = 2 * (len(ground.workers) + 1)
    spec = JobSpec(Question(10), count=arguments.count, replicas=replicas, cpus=_CPUS, seed=_SEED)
    engine = await open_engine("swarm", image=arguments.image)

    def write(scores: list[Score]) -> None:
        if arguments.report:
            replace(arguments.report, f"{table(scores)}\n")

    try:
        operation = drill_operation(engine, ground, faults, spec, say, write)
        done = await perform(arguments, operation)
    finally:
        await engine.close()
    if done is None:
        return 1
    print(table(done.value))
    print(done.sentence)
    return 0 if all(score.passed for score in done.value) else 1


def _where(fault: Fault) -> str:
    return "" if fault.gentle else " (on the lab only)"
