"""`squarm run`: start a job and see it through, or leave it to the background."""

import argparse
import subprocess
import sys
from pathlib import Path

from base.processes import environment
from results.store import Store
from tui.command.jobs.engine import chosen_engine
from tui.command.jobs.follow_job import see_through
from tui.command.jobs.job_options import add_search, job_spec


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    add_search(parser)
    parser.add_argument("--replicas", metavar="N", help="units that run at a time")
    parser.add_argument("--cpus", metavar="N", help="cores for each, such as 0.5")
    parser.add_argument("--memory", metavar="SIZE", help="memory for each, such as 128M")
    parser.add_argument("--detach", action="store_true", help="do not wait for it to end")
    parser.set_defaults(run=run, changes="it starts a job")


async def run(arguments: argparse.Namespace) -> int:
    """Start a job and, unless it is to be detached, see it through."""
    spec = job_spec(arguments)
    async with chosen_engine(arguments) as engine:
        with Store.open(arguments.results) as store:
            job = await engine.submit(spec)
            if not arguments.detach:
                return await see_through(engine, store, job)
        if engine.name == "local":
            # Local workers belong to a process: let a new one in the background take them over.
            await engine.close()
            _resume_in_background(arguments.results, job)
        print(job)
        return 0


def _resume_in_background(results: Path | None, job: str) -> None:
    command = [sys.executable, "-P", "-m", "tui", "resume", job, "--engine", "local"]
    if results is not None:
        command += ["--results", str(results.absolute())]
    subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )
