"""The options that every verb takes, before its name or after it, and those that some share."""

import argparse
from collections.abc import Set
from pathlib import Path

ENGINE = frozenset({"engine", "image"})
RESULTS = frozenset({"results"})
NETWORK = frozenset({"interface"})
LOGIN = frozenset({"user", "key"})
COMMON = ENGINE | RESULTS | NETWORK | LOGIN
READ_ONLY = "read_only"
DEBUG = "debug"
ENGINES = ("local", "swarm")
FORMATS = ("grid", "oneline", "csv", "json", "sage", "gap", "latex", "oa", "oeis")
"""How squares are printed."""
EVERYTHING = 2**62
"""A limit that nothing reaches, and that SQLite still counts to."""


def add_format(parser: argparse.ArgumentParser, default: str = "grid") -> None:
    """Define how squares are printed."""
    parser.add_argument(
        "--format", choices=FORMATS, default=default, help="how squares are printed (default: grid)"
    )


def add_limit(parser: argparse.ArgumentParser, default: int) -> None:
    """Define how much is printed at most."""
    parser.add_argument(
        "--limit",
        metavar="N",
        default=str(default),
        help=f"at most so many, or all (default: {default})",
    )


def read_limit(arguments: argparse.Namespace) -> int:
    """How much is printed at most; raises UsageError."""
    # Imported late: only verbs with a limit need it.
    from base.errors import UsageError
    from swarm.job_values import parse_whole

    if arguments.limit == "all":
        return EVERYTHING
    limit = parse_whole("limit", arguments.limit)
    if limit < 1:
        raise UsageError(f"Limit must be 1 or more, or all: {limit} is not.")
    return limit


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The option of verbs that ask before they do something."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def add_common(
    parser: argparse.ArgumentParser, shown: Set[str] = COMMON, *, after_verb: bool = True
) -> None:
    """Define the common options; those that are not `shown` are taken, and left out of the help.

    After a verb they have no default: it would hide what was said before the verb.
    """
    group = parser.add_argument_group("options of every verb")

    def option(name: str, text: str, default: object = None, **more: object) -> None:
        group.add_argument(
            "--" + name.replace("_", "-"),
            help=text if name in shown or name in (READ_ONLY, DEBUG) else argparse.SUPPRESS,
            default=argparse.SUPPRESS if after_verb else default,
            **more,  # type: ignore[arg-type]
        )

    option("engine", "where jobs run (default: a swarm if there is one)", choices=ENGINES)
    option("image", "the solver's image on a swarm", metavar="IMAGE")
    option("results", "the results file", type=Path, metavar="FILE")
    option(
        "interface",
        "the network to look for Pis on, such as eth0; none: on none (default: found)",
        metavar="IF",
    )
    option("user", "log in to Pis as (default: as last time, at first pi)", "", metavar="USER")
    option("key", "log in to Pis with this private key", type=Path, metavar="FILE")
    option(READ_ONLY, "refuse whatever changes anything", default=False, action="store_true")
    option(DEBUG, "write all there is into the log file", default=False, action="store_true")
