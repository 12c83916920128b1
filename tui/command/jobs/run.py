"""`squarm run`: start a job and see it through, or leave it to the background."""

import argparse
import subprocess
import sys
from pathlib import Path

from base.processes import environment
from operations import jobs
from operations.kinds import Kind
from results.collecting import collect_to_end
from results.store import Store
from swarm.local.engine import LocalEngine
from swarm.local.job_folder import Lock
from tui.command.front_end import admit, perform
from tui.command.jobs.engine import chosen_engine
from tui.command.jobs.follow_job import not_all_kept, see_through
from tui.command.jobs.job_options import add_count, add_search, job_spec
from tui.command.messages import say
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_search(parser)
    add_count(parser, 20)
    parser.add_argument(
        "--count-mates",
        action="store_true",
        help="count every mate of the one square in --file",
    )
    work = parser.add_argument_group("how it is run")
    work.add_argument("--replicas", metavar="N", help="units that run at a time (default: 2)")
    work.add_argument("--cpus", metavar="N", help="cores for each, such as 0.5 (default: 1)")
    work.add_argument("--memory", metavar="SIZE", help="memory for each (default: 128M)")
    work.add_argument(
        "--where",
        metavar="RULES",
        help="on which nodes of the swarm: arch=aarch64, memory>=4G (default: on all)",
    )
    work.add_argument("--detach", action="store_true", help="do not wait for it to end")
    parser.set_defaults(run=run)
    parser.add_examples(
        ("squarm run 10", "20 pairs of order 10, kept"),
        ("squarm run 10 --count 1000 --replicas 8", "more of them, on eight cores of the swarm"),
        ("squarm run 10 --where arch=aarch64", "on the nodes of the swarm with this label"),
        ("squarm run 8 --detach", "prints the job's id and returns"),
        ("squarm run 10 --file square.txt --count-mates", "how many mates it has, all of them"),
        ("squarm run --triple --seconds 10m", "the hunt for three squares of order 10"),
    )


async def run(arguments: argparse.Namespace) -> int:
    """Start a job and, unless it is to be detached, see it through."""
    admit(arguments, Kind.START_JOB)
    spec = job_spec(arguments)
    async with chosen_engine(arguments) as engine:
        with Store.open(arguments.results) as store:
            done = await perform(arguments, jobs.start(engine, spec))
            if done is None:
                return 1
            say(done.sentence)
            if not arguments.detach:
                return await see_through(engine, store, done.value)
        if isinstance(engine, LocalEngine):
            await _leave_behind(engine, done.value, arguments.results)
        print(done.value)
        return 0


async def _leave_behind(engine: LocalEngine, job: str, results: Path | None) -> None:
    """Local workers belong to a process: a new one has the job, unless that is over already."""
    if lock := await engine.hand_over(job):
        _go_on_in_background(job, lock, results)
        return
    with Store.open(results) as store:
        try:
            await collect_to_end(engine, store, job, lambda _: None)
        except TimeoutError:
            say(not_all_kept(job))


def _go_on_in_background(job: str, lock: Lock, results: Path | None) -> None:
    number = lock.descriptor
    command = [sys.executable, "-P", "-m", "tui.command.jobs.background", job, str(number)]
    if results is not None:
        command.append(str(results.absolute()))
    subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
        pass_fds=(number,),
    )
    lock.release()
