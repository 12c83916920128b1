"""One worker process: the solver on one unit of a local job."""

import asyncio
import logging
import os
import resource
import signal
import sys
from contextlib import ExitStack, suppress
from typing import BinaryIO

from base.errors import EngineError
from base.processes import environment, lacking
from base.text import clean_text
from solver import VERSION
from swarm.job import MIB
from swarm.local.job_folder import JobFolder, disk_full, open_to_append, problem

_LOG = logging.getLogger(__name__)
BAD_INPUT = 2
"""The solver's exit code for what it will refuse every time."""
_NICE = 10


def command(folder: JobFolder, unit: int, checkpoint: str = "") -> list[str]:
    """The solver's command line; it ends by itself when this process is gone."""
    return [
        *(sys.executable, "-P", "-m", "solver", *folder.spec.arguments),
        *("--unit", str(unit), "--parent", str(os.getpid()), "--expect", VERSION),
        *(("--checkpoint", checkpoint) if checkpoint else ()),
    ]


async def work(folder: JobFolder, unit: int, generation: int, *, anew: bool = False) -> int:
    """Run a worker to its end and return its exit code; when cancelled, it is killed.

    It writes to the log of this `generation`. A long unit is taken up where that ends, unless it is
    run `anew`. Raises EngineError where
    its files cannot be written or the process cannot be made.
    """
    taken_up = folder.spec.question.resumable and not anew
    with ExitStack() as stack, problem(folder.path):
        checkpoint = (
            await asyncio.to_thread(folder.checkpoint, unit, generation) if taken_up else ""
        )
        log = stack.enter_context(folder.open_log(unit, generation))
        errors = stack.enter_context(open_to_append(folder.errors(unit)))
        process = await _start(command(folder, unit, checkpoint), log, errors)
    try:
        _limit(process.pid, folder.spec.memory)
        return await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def failure(folder: JobFolder, unit: int, code: int) -> str:
    """Why a worker that ended with `code` did not do its unit, in words for the user."""
    if disk_full(folder.path):
        return f"the disk that holds {folder.path} is full: make room, then resume the job"
    last = clean_text(folder.last_error(unit), 200)
    memory = folder.spec.memory
    allowed = _allowed(memory)
    if "MemoryError" in last:
        why = f"its worker ran out of its {allowed // MIB}M of memory"
    elif code < 0:
        why = f"its worker was killed by {_signal(-code)}"
    else:
        why = last.rstrip(".") or f"its worker ended with code {code} and not all of its records"
    if allowed < memory:
        # Too little memory has many faces: a library that cannot be mapped, a signal.
        why += (
            f"; the job is to have {memory // MIB}M for each, and the limit on data here (ulimit "
            f"-Hd) allows {allowed // MIB}M: raise it, then resume the job"
        )
    return why


def why_failed(job: str, unit: int, task: "asyncio.Task[str]") -> str:
    """Why an attempt that ended, in whatever way, fails its job; '' where it does not."""
    if task.cancelled():
        return ""
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, EngineError):
        return str(error)
    if why := lacking(error):
        return f"unit {unit} failed: {why}, then resume the job."
    _LOG.error("%s: an attempt at unit %d has failed", job, unit, exc_info=error)
    return (
        f"unit {unit} failed by squarm's own fault ({type(error).__name__}), its log file has the "
        f"details: squarm resume {job} tries again."
    )


def _signal(number: int) -> str:
    """What a signal is called; those for programs' own use, between two, have numbers alone."""
    known = {each.value: each.name for each in signal.Signals}
    return known.get(number, f"signal {number}")


async def _start(line: list[str], log: BinaryIO, errors: BinaryIO) -> asyncio.subprocess.Process:
    try:
        # A session of its own: Ctrl-C in the terminal is for the owner to decide about.
        return await asyncio.create_subprocess_exec(
            *line,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=errors,
            env=environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(
            f"A worker cannot be started ({error.strerror}): end other programs, then resume the "
            "job."
        ) from error


def _allowed(memory: int) -> int:
    """As much of it as our own limit leaves a worker, which an ordinary user cannot raise."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    return memory if hard == resource.RLIM_INFINITY else min(memory, hard)


def _limit(pid: int, memory: int) -> None:
    memory = _allowed(memory)
    # It may have ended already.
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
        # Who runs at a lower priority than this may not be able to raise it, and need not.
        nice = max(_NICE, os.getpriority(os.PRIO_PROCESS, pid))
        os.setpriority(os.PRIO_PROCESS, pid, nice)
