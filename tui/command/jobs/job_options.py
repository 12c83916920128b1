"""The job that `solve` and `run` ask for: `swarm.job` and `solver.question` as options."""

import argparse

from base.errors import UsageError
from solver.question import SOURCES, TRIPLE_ORDER, Question
from swarm.job import JobSpec, new_seed, spec_errors
from swarm.job_values import (
    parse_decimal,
    parse_memory,
    parse_order,
    parse_whole,
)
from swarm.placement import parse_rules
from tui.command.parser import Parser


def add_search(parser: Parser) -> None:
    """Define what both take: texts, of which `swarm.job_values` says what is wrong with them."""
    parser.add_argument(
        "order", metavar="ORDER", nargs="?", help="order of the squares, 1 to 128; solve: to 10,000"
    )
    wanted = parser.add_argument_group("what is searched for")
    wanted.add_argument("--mols", metavar="K", help="squares to a set, all orthogonal (default: 2)")
    wanted.add_argument(
        "--diagonal", action="store_true", help="the first square has both diagonals full"
    )
    wanted.add_argument(
        "--odls", action="store_true", help="every square of a set has both diagonals full"
    )
    wanted.add_argument(
        "--self-orthogonal", action="store_true", help="squares orthogonal to their transpose"
    )
    wanted.add_argument(
        "--dsodls", action="store_true", help="diagonal squares orthogonal to both transposes"
    )
    wanted.add_argument(
        "--esodls", action="store_true", help="diagonal squares orthogonal to one of their class"
    )
    wanted.add_argument("--subsquare", metavar="S", help="the first has a subsquare of order S")
    wanted.add_argument("--transversals", metavar="T", help="the first has T transversals or more")
    wanted.add_argument(
        "--triple", action="store_true", help="hunt for the nearest to three squares of order 10"
    )
    search = parser.add_argument_group("how it is searched for")
    search.add_argument(
        "--source",
        metavar="SOURCE",
        help=f"where Latin squares come from: {', '.join(SOURCES)} (default: auto)",
    )
    search.add_argument(
        "--file", metavar="FILE", help="the squares to search from, with --source file; - is stdin"
    )
    search.add_argument(
        "--mates",
        metavar="N",
        help="at most so many sets from one Latin square (default: the source's choice)",
    )
    search.add_argument(
        "--seed", metavar="N", help="the same seed gives the same squares (default: random)"
    )
    search.add_argument(
        "--seconds",
        metavar="TIME",
        help="stop searching a unit after so long: 90, 10m, 2h (default: no limit)",
    )


def add_count(parser: Parser, default: int) -> None:
    """Define how many are wanted."""
    parser.add_argument("--count", metavar="N", help=f"how many to find (default: {default})")


def job_spec(arguments: argparse.Namespace) -> JobSpec:
    """The job that is asked for; raises SpecError or UsageError."""
    default = JobSpec()
    given = vars(arguments)
    if arguments.order is None and not arguments.triple:
        raise UsageError(f"{arguments.verb} needs the order: squarm {arguments.verb} 10.")
    if given.get("count_mates") and arguments.count is not None:
        raise UsageError("--count-mates counts all mates there are: leave out --count.")
    cpus, memory, where = given.get("cpus"), given.get("memory"), given.get("where") or ""
    parse_rules(where)
    return JobSpec(
        _question(arguments),
        count=_whole(arguments, "count", 1 if arguments.verb == "solve" else default.count),
        seconds=_whole(arguments, "seconds", default.seconds),
        replicas=_whole(arguments, "replicas", default.replicas),
        cpus=default.cpus if cpus is None else parse_decimal("cpus", cpus),
        memory=default.memory if memory is None else parse_memory(memory),
        seed=new_seed() if arguments.seed is None else parse_whole("seed", arguments.seed),
        where=where.strip(),
    )


def _question(arguments: argparse.Namespace) -> Question:
    default = Question()
    with spec_errors():
        return Question(
            order=default.order if arguments.order is None else parse_order(arguments.order),
            mols=_whole(arguments, "mols", default.mols),
            source=arguments.source or ("file" if arguments.file else default.source),
            mates=_whole(arguments, "mates", default.mates),
            diagonal=arguments.diagonal or arguments.dsodls,
            odls=arguments.odls or arguments.esodls,
            self_orthogonal=arguments.self_orthogonal or arguments.dsodls,
            dsodls=arguments.dsodls,
            esodls=arguments.esodls,
            subsquare=_whole(arguments, "subsquare", default.subsquare),
            transversals=_whole(arguments, "transversals", default.transversals),
            triple=arguments.triple,
            squares=_squares(arguments.file, arguments.order) if arguments.file else "",
            count_mates=vars(arguments).get("count_mates", default.count_mates),
        )


def _whole(arguments: argparse.Namespace, name: str, otherwise: int) -> int:
    text = vars(arguments).get(name)
    return otherwise if text is None else parse_whole(name, text)


def _squares(file: str, order: str | None) -> str:
    """The file's squares as a job carries them; raises UsageError, OSError, SpecError."""
    # Imported late: few name a file.
    from tui.command.squares.square_files import packed_squares

    return packed_squares(file, TRIPLE_ORDER if order is None else parse_order(order))
