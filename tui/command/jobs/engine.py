"""The engine that the options choose, and the jobs on it."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from operations.engines import open_engine
from swarm.engine import Engine, JobView
from swarm.job_names import find_job


@asynccontextmanager
async def chosen_engine(arguments: argparse.Namespace) -> AsyncIterator[Engine]:
    """The engine, until the block is left; raises EngineError."""
    engine = await open_engine(arguments.engine, image=arguments.image)
    try:
        yield engine
    finally:
        await engine.close()


def add_job(parser: argparse.ArgumentParser) -> None:
    """The argument that names a job."""
    parser.add_argument("job", metavar="JOB", help="the job's id, or its beginning")


async def chosen_job(engine: Engine, arguments: argparse.Namespace) -> JobView:
    """The job that was named; raises EngineError or UsageError."""
    return find_job(await engine.jobs(), arguments.job, "squarm jobs lists them")
