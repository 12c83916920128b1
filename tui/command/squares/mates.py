"""`squarm mates`: every mate of a square counted, by all cores; it goes on where it was stopped."""

import argparse
import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from base import paths, regular_file, safe_file
from base.errors import MALFORMED, EngineError, UsageError
from base.text import age_text
from solver import VERSION
from solver.classes.analysis import square_flaw
from solver.formats.reading import Given, Problem
from solver.records import Rows
from solver.search.latin import MAX_ORDER
from solver.search.mate_count import MateCount
from solver.search.shape import natural
from swarm.job_values import parse_whole
from tui.command.interrupts import INTERRUPTED
from tui.command.messages import Progress, say
from tui.command.parser import Parser
from tui.command.squares.square_files import squares_in

_SAVED = 5.0
"""Seconds between two savings of what has been counted."""
_SHOWN = 0.2
"""And between two looks at how far it has come."""
_MOST_PROCESSES = 256


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("file", metavar="FILE", help="the squares; - for standard input")
    parser.add_argument(
        "--processes", metavar="N", help="count with so many at a time (default: one a core)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a square")
    parser.set_defaults(run=mates)
    parser.add_examples(
        ("squarm mates square.txt", "how many squares are orthogonal to it, all of them"),
        ("squarm mates square.txt --processes 1", "with one core; Ctrl-C keeps what is counted"),
    )


@dataclass(slots=True)
class Tally:
    """The mates of one square as far as they are counted: by part, -1 where it is not yet.

    With `keep` they are kept in a file of the data directory, from one call to the next.
    """

    path: Path
    keep: bool
    transversals: int
    counts: list[int] = field(default_factory=list)

    @property
    def found(self) -> int:
        """How many are counted."""
        return sum(count for count in self.counts if count >= 0)

    @property
    def todo(self) -> list[int]:
        """The parts that are not."""
        return [part for part, count in enumerate(self.counts) if count < 0]

    @property
    def standing(self) -> str:
        """For people: how many there are so far, and how much is through."""
        share = 1 - len(self.todo) / len(self.counts)
        return f"{self.found:,} mates counted, {share:.1%}"

    def save(self) -> None:
        """Where they cannot be kept that is said once, and the count goes on without."""
        if not self.keep:
            return
        body = {"counts": self.counts, "checksum": self._checksum(self.counts)}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            safe_file.replace(self.path, json.dumps(body, separators=(",", ":")))
        except OSError as error:
            self.keep = False
            say(
                f"What is counted cannot be kept in {self.path.parent} ({error.strerror}): let it "
                "go on to its end, or make the folder yours, or room for it, and begin anew."
            )

    def load(self) -> None:
        """Take up what was counted before, if the file is as this version of the solver left it.

        Raises OSError.
        """
        try:
            body = json.loads(regular_file.read_bytes(self.path))
            counts = body["counts"]
            if len(counts) == len(self.counts) and body["checksum"] == self._checksum(counts):
                self.counts = counts
                return
        except FileNotFoundError:
            return
        except MALFORMED:
            pass
        say(f"{self.path} is damaged, or another squarm's: all mates are counted anew.")

    def _checksum(self, counts: list[int]) -> str:
        """Of these counts, for this square, by this solver."""
        told = json.dumps([VERSION, self.path.stem, self.transversals, counts])
        return hashlib.sha256(told.encode()).hexdigest()


def mates(arguments: argparse.Namespace) -> int:
    """Count the mates of each square: 1 where one is not Latin, 2 where something cannot be read.

    Raises UsageError, EngineError, or OSError where the file cannot be read.
    """
    processes = os.cpu_count() or 1
    if arguments.processes is not None:
        processes = parse_whole("processes", arguments.processes)
        if not 1 <= processes <= _MOST_PROCESSES:
            raise UsageError(
                f"Processes must be between 1 and {_MOST_PROCESSES}: {processes} is not."
            )
    worst = number = 0
    with Progress() as progress, squares_in(arguments.file, 1, progress) as items:
        for item in items:
            if isinstance(item, Problem):
                progress.clear()
                say(item.sentence)
                worst = 2
            for square in item.squares if isinstance(item, Given) else ():
                number += 1
                wrong = _unfit(square, item.line)
                if wrong:
                    progress.clear()
                    say(wrong)
                    worst = max(worst, 1)
                    continue
                try:
                    tally = _counted(square, processes, progress, keep=not arguments.read_only)
                except KeyboardInterrupt:
                    return INTERRUPTED
                progress.clear()
                print(_text(number, square, tally, as_json=arguments.json), flush=True)
    if not number and not worst:
        say(f"There are no squares in {arguments.file}: see docs/using/analyse.md.")
        return 2
    return worst


def _unfit(square: Rows, line: int) -> str:
    order = len(square)
    if flaw := square_flaw(square):
        return f"Line {line}: this square is not Latin: {flaw}."
    if not 2 <= order <= MAX_ORDER:
        return f"Line {line}: mates are counted of orders 2 to {MAX_ORDER}, not of {order}."
    return ""


def _text(number: int, square: Rows, tally: Tally, *, as_json: bool) -> str:
    if as_json:
        body = {
            "number": number,
            "order": len(square),
            "transversals": tally.transversals,
            "mates": tally.found,
        }
        return json.dumps(body, separators=(",", ":"))
    found = "1 mate: this is all" if tally.found == 1 else f"{tally.found:,} mates: these are all"
    return f"square {number}: order {len(square)}, {tally.transversals:,} transversals, {found}"


def _counted(square: Rows, processes: int, progress: Progress, *, keep: bool) -> Tally:
    """All mates of a square; what was counted is kept when this is left before the end.

    Raises EngineError, and KeyboardInterrupt after it has said how to go on.
    """
    count = MateCount(square)
    if min(count.transversals, count.parts) < 0:
        raise EngineError("The square has more transversals than there is room for.")
    cells = bytes(symbol for row in natural(square) for symbol in row)
    path = paths.data() / "mates" / f"{hashlib.sha256(cells).hexdigest()[:32]}.json"
    tally = Tally(path, keep, count.transversals, [-1] * count.parts)
    tally.load()
    todo = tally.todo
    began = saved = shown = time.monotonic()
    try:
        for done, (part, found) in enumerate(_parts(square, todo, processes), 1):
            tally.counts[part] = found
            now = time.monotonic()
            left = (now - began) / done * (len(todo) - done)
            if now - shown >= _SHOWN:
                progress.show(f"{tally.standing}, {age_text(left)} left")
                shown = now
            if now - saved >= _SAVED:
                tally.save()
                saved = now
    finally:
        if tally.todo:
            tally.save()
            progress.clear()
            end = "the same command goes on from there" if tally.keep else "they are not kept"
            say(f"{tally.standing}: {end}.")
    if tally.todo:
        raise EngineError("A process that counted was ended, perhaps for want of memory.")
    if tally.keep:
        path.unlink(missing_ok=True)
    return tally


def _parts(square: Rows, todo: list[int], processes: int) -> Iterator[tuple[int, int]]:
    """Parts and their counts, as processes of their own find them; they end when this is left."""
    context = multiprocessing.get_context("fork")
    readers: list[Connection] = []
    workers = []
    try:
        for which in range(min(processes, len(todo))):
            reader, writer = context.Pipe(duplex=False)
            worker = context.Process(
                target=_work,
                args=(square, todo[which::processes], writer, os.getpid()),
                daemon=True,
            )
            worker.start()
            writer.close()
            readers.append(reader)
            workers.append(worker)
        while readers:
            ready = wait(readers)
            for reader in [one for one in readers if one in ready]:
                try:
                    yield reader.recv()
                except EOFError:
                    readers.remove(reader)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _work(square: Rows, parts: list[int], writer: Connection, parent: int) -> None:
    """Count parts, one after the other, in a session of its own: Ctrl-C is the parent's to hear."""
    os.setsid()
    count = MateCount(square)
    # Who reads may be gone; what is not counted is seen to be missing.
    with suppress(BrokenPipeError, MemoryError):
        for part in parts:
            if os.getppid() != parent:
                return
            writer.send((part, count.count(part)))
