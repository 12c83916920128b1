"""`python -m solver`: the worker container's entry; records on standard output."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import fields
from types import FrameType

from solver import VERSION, score, self_test
from solver.question import Question, share
from solver.records import Checkpoint, lines
from solver.search.units import Unit, search

UNIT_VARIABLE = "SQUARM_UNIT"
ASKED = fields(Question)
"""Each is an argument of its own; what they mean says `solver.question`."""


def main(given: list[str] | None = None) -> int:
    """Run one work unit; 0 when it ended (found or not), 2 for bad input, 143 when terminated.

    With --self-test nothing else: 0 where the solver is well, else 1. With --score nothing else.
    """
    signal.signal(signal.SIGTERM, _terminate)
    arguments = _parser().parse_args(given)
    if arguments.expect not in ("", VERSION):
        print(
            f"solver: this is version {VERSION}, and version {arguments.expect} has begun to run "
            "it: start squarm anew, then resume the job.",
            file=sys.stderr,
        )
        return 2
    try:
        unit = Unit(
            question=Question(**{field.name: getattr(arguments, field.name) for field in ASKED}),
            count=share(arguments.count, arguments.units, arguments.unit),
            seed=arguments.seed,
            number=arguments.unit,
            seconds=arguments.seconds,
            units=arguments.units,
            checkpoint=Checkpoint.parse(arguments.checkpoint) if arguments.checkpoint else None,
        )
    except ValueError as error:
        print(f"solver: {error}", file=sys.stderr)
        return 2
    return _run(unit, arguments.parent)


def _run(unit: Unit, parent: int) -> int:
    def orphaned() -> bool:
        return bool(parent) and os.getppid() != parent

    try:
        for record in search(unit, time.monotonic, orphaned):
            print("\n".join(lines(record)), flush=True)
    except BrokenPipeError:
        # The reader has gone; without this Python complains once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="solver", description=__doc__)
    parser.add_argument(
        "--self-test", action=_SelfTest, nargs=0, help="say whether it gives what it must, and exit"
    )
    parser.add_argument(
        "--score",
        action=_Score,
        nargs="?",
        type=float,
        const=score.SECONDS,
        metavar="SECONDS",
        help="print how many pairs of order 10 it finds in a minute, and exit",
    )
    parser.add_argument("order", type=int, help="order of the squares")
    for field in ASKED[1:]:
        flag = "--" + field.name.replace("_", "-")
        if field.default is False:
            parser.add_argument(flag, action="store_true")
        else:
            parser.add_argument(flag, type=type(field.default), default=field.default)
    parser.add_argument("--count", type=int, default=1, help="squares the whole job wants")
    parser.add_argument("--units", type=_positive, default=1, help="units the job is split into")
    parser.add_argument(
        "--unit",
        type=int,
        default=_unit(os.environ.get(UNIT_VARIABLE, "")),
        help=f"this unit's number from 0 (default: ${UNIT_VARIABLE})",
    )
    parser.add_argument("--seed", type=int, default=0, help="the job's seed")
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after so long (0: never)")
    parser.add_argument("--checkpoint", default="", help="give only what comes after it")
    parser.add_argument("--expect", default="", help="do nothing where this is another version")
    parser.add_argument("--parent", type=int, default=0, help="stop when this process is gone")
    return parser


class _SelfTest(argparse.Action):
    """Takes the place of a unit, as --help does."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        del namespace, values, option_string
        parser.exit(self_test.main())


class _Score(argparse.Action):
    """Takes the place of a unit, too."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | float | None,
        option_string: str | None = None,
    ) -> None:
        del namespace, option_string
        if isinstance(values, float):
            print(score.score(values), flush=True)
        parser.exit()


def _unit(text: str) -> int:
    """The unit in a Swarm slot; slot 0 of a job is given as the node's id, not as a number."""
    return int(text) if text.isascii() and text.isdigit() else 0


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return value


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    # As a container's first process Python would otherwise ignore the request to stop.
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
