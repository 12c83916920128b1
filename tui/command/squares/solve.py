"""`squarm solve`: one worker process, its squares verified and printed as they come."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from base.errors import EngineError
from base.processes import environment
from base.text import clean_text
from results.ledger import verdict
from solver.records import (
    BadRecord,
    DoneRecord,
    ImpossibleRecord,
    PartRecord,
    Parts,
    ProgressRecord,
    Record,
    SquareRecord,
    TripleRecord,
    checksum,
    decode,
    digest,
    encode,
)
from solver.verify import flaw_of
from swarm.job import JobSpec
from tui.command.jobs.job_options import add_search, job_spec
from tui.command.messages import Progress, say
from tui.command.squares.formats import FORMATS, writer


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    add_search(parser)
    parser.add_argument("--format", choices=FORMATS, default="grid", help="default: grid")
    parser.set_defaults(run=solve)


def solve(arguments: argparse.Namespace) -> int:
    """Search in a worker until it ends; 1 where nothing was found.

    Raises EngineError where the worker fails, or gives what does not verify.
    """
    spec, style = job_spec(arguments), arguments.format
    form = writer(style)
    sums: list[str] = []
    with Progress() as progress, _worker(spec) as records:
        for record in records:
            match record:
                case SquareRecord() | TripleRecord():
                    if wrong := flaw_of(record):
                        raise EngineError(f"The solver gave squares that are none: {wrong}")
                    sums.append(checksum(record))
                    progress.clear()
                    sys.stdout.write(form.record(record))
                    sys.stdout.flush()
                case ProgressRecord():
                    progress.show(_standing(spec, record))
                case ImpossibleRecord():
                    if style == "json":
                        print(encode(record))
                    say(verdict(record))
                    return 1
                case DoneRecord():
                    progress.clear()
                    return _end(spec, record, sums)
    raise EngineError("The solver ended before it was done.")


def _standing(spec: JobSpec, record: ProgressRecord) -> str:
    """How far the search has come, with its rate and, where it has an end, the time left."""
    seconds = max(record.seconds, 0.1)
    text = (
        f"{record.found:,} of {spec.count:,} found, {record.tried:,} Latin squares tried, "
        f"{record.tried / seconds:,.0f} a second, {record.seconds:.0f} s"
    )
    if record.share:
        left = seconds / record.share - seconds
        text += f", {record.share:.1%} done, {timedelta(seconds=round(left))} left"
    return text


def _end(spec: JobSpec, end: DoneRecord, sums: list[str]) -> int:
    if end.count != len(sums) or end.digest != digest(sums):
        raise EngineError("The solver's output did not arrive whole: run it again.")
    if len(sums) < spec.count:
        why = {
            "time": f"its time of {spec.seconds:,} s is up",
            "exhausted": "there are no others",
            "stalled": "the search finds no others",
        }.get(end.reason, clean_text(end.reason))
        say(f"{len(sums):,} of {spec.count:,} found: {why}.")
    return 0 if sums else 1


@contextmanager
def _worker(spec: JobSpec) -> Iterator[Iterator[Record]]:
    """A worker's records; it is killed when they are left."""
    command = [sys.executable, "-P", "-m", "solver", *spec.question.arguments]
    command += ["--count", str(spec.count), "--seed", str(spec.seed)]
    command += ["--seconds", str(spec.seconds), "--parent", str(os.getpid())]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"A worker could not be started: {error.strerror}.") from None
    with process:
        try:
            yield _records(process)
        finally:
            process.kill()


def _records(process: "subprocess.Popen[bytes]") -> Iterator[Record]:
    parts = Parts()
    for line in process.stdout or ():
        try:
            record = decode(line.decode("utf-8", "replace"))
            if isinstance(record, PartRecord):
                record = parts.add(record)
        except BadRecord as error:
            raise EngineError(f"The solver's output cannot be read: {error}.") from None
        if record is not None:
            yield record
    if code := process.wait():
        raise EngineError(f"The solver failed with exit status {code}.")
