"""`squarm solve`: one worker process, its squares verified and printed as they come."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NoReturn

from base.errors import EngineError
from base.text import age_text
from solver.parts import Parts
from solver.record_reader import BadRecord, decode
from solver.records import (
    DoneRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    Record,
    SquareRecord,
    TripleRecord,
    checksum,
    digest,
    encode,
)
from swarm.job import JobSpec
from tui.command.jobs.job_options import add_count, add_search, job_spec
from tui.command.messages import Progress, say
from tui.command.options import add_format
from tui.command.parser import Parser
from tui.command.squares.large import is_large, write_large


def add(parser: Parser) -> None:
    """Define its options."""
    add_search(parser)
    add_count(parser, 1)
    add_format(parser)
    parser.set_defaults(run=solve)
    parser.add_examples(
        ("squarm solve 10", "a pair of order 10"),
        ("squarm solve 9 --mols 4 --format csv", "four squares, each two orthogonal, as CSV"),
        ("squarm solve 8 --count 5 --diagonal --seed 7", "five pairs, the same each time"),
        ("squarm solve 6", "the proof that order 6 has none"),
        ("squarm solve 7777", "a pair of order 7,777, row by row"),
    )


def solve(arguments: argparse.Namespace) -> int:
    """Search in a worker until it ends; 1 where nothing was found.

    Raises EngineError where the worker fails, or gives what does not verify.
    """
    if is_large(arguments):
        return write_large(arguments)
    spec, style = job_spec(arguments), arguments.format
    with Progress() as progress, _worker(spec) as records:
        # Imported while the worker searches.
        from results.ledger import verdict
        from solver.verify import flaw_of
        from tui.command.squares.formats import writer

        form = writer(style)
        sums: list[str] = []
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
        text += f", {record.share:.1%} done, {age_text(left)} left"
    return text


def _end(spec: JobSpec, end: DoneRecord, sums: list[str]) -> int:
    if end.count != len(sums) or end.digest != digest(sums):
        raise EngineError("The solver's output did not arrive whole: run it again.")
    # Imported while the worker searches, as in `solve`.
    from results.endings import ending

    if said := ending(spec, len(sums), (end,)):
        say(said)
    return 0 if sums else 1


@contextmanager
def _worker(spec: JobSpec) -> Iterator[Iterator[Record]]:
    """A worker's records; it is killed when they are left.

    It is forked, which spares it the start of another Python: half of what a first pair takes.
    """
    given = [*spec.question.arguments, "--count", str(spec.count), "--seed", str(spec.seed)]
    given += ["--seconds", str(spec.seconds), "--parent", str(os.getpid())]
    sys.stdout.flush()
    ours, theirs = os.pipe()
    try:
        worker = os.fork()
    except OSError as error:
        raise EngineError(f"A worker could not be started: {error.strerror}.") from None
    if not worker:
        # Who holds the end that is read would write to itself for ever, once we are gone.
        os.close(ours)
        _work(given, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as output:
        try:
            yield _records(output, worker)
        finally:
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)


def _work(given: list[str], output: int) -> NoReturn:
    """Be the worker: in a session of its own, for Ctrl-C is the parent's to hear."""
    code = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        os.dup2(output, sys.stdout.fileno())
        # Imported here: the parent need not wait for the search, nor what is only constructed.
        from solver.__main__ import main

        code = main(given)
        sys.stdout.flush()
    finally:
        # Nothing of the parent's is ended or cleaned up by its copy.
        os._exit(code)


def _records(output: BinaryIO, worker: int) -> Iterator[Record]:
    parts = Parts()
    for line in output:
        try:
            record = decode(line.decode("utf-8", "replace"))
            if isinstance(record, PartRecord):
                record = parts.add(record)
        except BadRecord as error:
            raise EngineError(f"The solver's output cannot be read: {error}.") from None
        if record is not None:
            yield record
    # Its number stays its own until the last look at it, where its records are left.
    ended = os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
    if ended is not None and ended.si_status:
        raise EngineError(f"The solver failed with exit status {ended.si_status}.")
