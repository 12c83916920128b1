"""What the command line understands."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from base.errors import UsageError
from solver import VERSION
from swarm.job import JobSpec, new_seed, parse_decimal, parse_memory, parse_order, parse_whole
from tui.command import analyse_arguments
from tui.command.audit_arguments import add_audit
from tui.command.formats import FORMATS
from tui.command.node_arguments import add_node
from tui.command.pi_arguments import add_pi
from tui.command.provision_arguments import add_provision
from tui.command.question_arguments import add_question, asked
from tui.command.slack_arguments import add_slack

ENGINES = ("local", "swarm")
_EPILOG = """Without a verb the full-screen console opens. Exit status: 0 done, 1 nothing found or
not done, 2 a request that makes no sense or cannot be met, 130 stopped with Ctrl-C."""
_CHANGING = ("run", "cancel", "resume", "remove")


@dataclass(frozen=True, slots=True)
class Where:
    """Which engine and results file to use; None leaves the choice to squarm."""

    engine: str | None
    image: str | None
    results: Path | None


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(f"{message.replace(chr(10), ' ')}; see {self.prog} --help.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The arguments, `verb` '' where the console is wanted; raises UsageError."""
    # The common options may stand before the verb and after it: after it they have no default,
    # which would hide what was said before.
    parser = _Parser(
        prog="squarm",
        parents=[_common(None), _network("pi", None)],
        description="Search for orthogonal Latin squares, here or on a Docker Swarm.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"squarm {VERSION}")
    parser.set_defaults(verb="")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    common = _common(argparse.SUPPRESS)

    def verb(name: str, text: str, *more: _Parser) -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, parents=[common, *more], help=text, description=text, allow_abbrev=False
        )

    _add_solve(verb("solve", "find squares here and now, and print them"))
    _add_run(verb("run", "run a job, keep what it finds"))
    jobs = verb("jobs", "list the jobs")
    jobs.add_argument("--json", action="store_true", help="one JSON object a line")
    logs = verb("logs", "print what a job's workers wrote")
    logs.add_argument("job", help="the job's id, or its beginning")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until the job ends")
    _add_destructive(verb("cancel", "stop a job"))
    resume = verb("resume", "go on with a job that was stopped")
    resume.add_argument("job", help="the job's id, or its beginning")
    _add_destructive(verb("remove", "forget an ended job and its logs; its results stay"))
    network = _network(argparse.SUPPRESS, argparse.SUPPRESS)
    _add_nodes(verb("nodes", "list the Raspberry Pis and the swarm's nodes", network))
    _add_results(verb("results", "print the squares kept, newest first"))
    add_pi(verb)
    add_provision(verb)
    add_node(verb)
    add_audit(verb)
    add_slack(verb)
    analyse_arguments.add(verb)
    verb("version", "print the version")
    parsed = parser.parse_args(arguments)
    if parsed.read_only and parsed.verb in _CHANGING:
        raise UsageError(f"{parsed.verb} changes jobs, which --read-only refuses.")
    if parsed.read_only and (why := vars(parsed).get("changes")):
        raise UsageError(f"--read-only refuses this: {why}.")
    return parsed


def where(arguments: argparse.Namespace) -> Where:
    """The common options."""
    return Where(arguments.engine, arguments.image, arguments.results)


def job_spec(arguments: argparse.Namespace) -> JobSpec:
    """The job that `run` or `solve` asks for; raises SpecError or UsageError."""
    default = JobSpec()
    given = vars(arguments)
    if arguments.order is None and not arguments.triple:
        raise UsageError(f"{arguments.verb} needs the order: squarm {arguments.verb} 10.")

    def whole(name: str, otherwise: int) -> int:
        text = given.get(name)
        return otherwise if text is None else parse_whole(name, text)

    cpus, memory = given.get("cpus"), given.get("memory")
    return JobSpec(
        order=default.order if arguments.order is None else parse_order(arguments.order),
        count=whole("count", 1 if arguments.verb == "solve" else default.count),
        seconds=whole("seconds", default.seconds),
        replicas=whole("replicas", default.replicas),
        cpus=default.cpus if cpus is None else parse_decimal("cpus", cpus),
        memory=default.memory if memory is None else parse_memory(memory),
        seed=new_seed() if arguments.seed is None else parse_whole("seed", arguments.seed),
        **asked(arguments),
    )


def _common(default: object) -> _Parser:
    parser = _Parser(add_help=False)
    parser.add_argument(
        "--engine", choices=ENGINES, default=default, help="where jobs run (default: found)"
    )
    parser.add_argument("--image", default=default, help="the solver's image on a swarm")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", default=default, help="the results file"
    )
    parser.add_argument(
        "--read-only", action="store_true", default=default, help="refuse whatever changes anything"
    )
    return parser


def _network(user: str, default: object) -> _Parser:
    parser = _Parser(add_help=False)
    parser.add_argument(
        "--interface",
        metavar="IF",
        default=default,
        help="the network to look for Pis on, such as eth0; none: on none",
    )
    parser.add_argument("--user", default=user, help="log in to Pis as (default: pi)")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", default=default, help="log in with this private key"
    )
    return parser


def _add_search(parser: argparse.ArgumentParser) -> None:
    # Texts, not numbers: `swarm.job` says in a sentence what is wrong with them.
    parser.add_argument("order", nargs="?", help="order of the squares: 1 to 50 (triples: 10)")
    parser.add_argument("--count", metavar="N", help="how many to find")
    parser.add_argument("--seed", metavar="N", help="the same seed gives the same squares")
    parser.add_argument("--seconds", metavar="N", help="stop searching a unit after so long")
    add_question(parser)


def _add_solve(parser: argparse.ArgumentParser) -> None:
    _add_search(parser)
    parser.add_argument("--format", choices=FORMATS, default="grid", help="default: grid")


def _add_run(parser: argparse.ArgumentParser) -> None:
    _add_search(parser)
    parser.add_argument("--replicas", metavar="N", help="units that run at a time")
    parser.add_argument("--cpus", metavar="N", help="cores for each, such as 0.5")
    parser.add_argument("--memory", metavar="SIZE", help="memory for each, such as 128M")
    parser.add_argument("--detach", action="store_true", help="do not wait for it to end")


def _add_nodes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--watch", action="store_true", help="go on until Ctrl-C")
    parser.add_argument(
        "--ask-password", action="store_true", help="ask for a password; it is never kept"
    )
    parser.add_argument(
        "--trust-new",
        action="store_true",
        help="give the password also to Pis whose host key is seen for the first time",
    )


def _add_destructive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", help="the job's id, or its beginning")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--order", metavar="N", help="only squares of this order")
    parser.add_argument("--job", help="only what this job found")
    parser.add_argument("--triples", action="store_true", help="the leaderboard of --triple")
    parser.add_argument("--limit", metavar="N", default="20", help="at most so many (default: 20)")
    parser.add_argument(
        "--distinct", action="store_true", help="of squares that differ in names alone only one"
    )
    parser.add_argument("--format", choices=FORMATS, default="", help="default: grid")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
