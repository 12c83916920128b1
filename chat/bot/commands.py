"""What a person asks of the bot: a command out of any text at all."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from base.text import clean_text
from solver.published import MOST
from solver.question import HOPELESS, MOST_RECORDED, Question
from swarm.job import SpecError, spec_errors
from swarm.job_values import parse_order, parse_whole

MOST_SQUARES = 20
"""In one answer: more belong into a job of the console."""
_LONGEST = 200
_JOB = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_WORD = "mols"
_ANALYSE = ("analyse", "analyze")
_ALONE = ("status", "nodes", "jobs", "help", "triple")
_SET = re.compile(r"\bset of (\S+)")
_TRY = f"Orders 1 to {MOST:,} will do, as in mols 10."
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Route(StrEnum):
    """How a text reached the bot; in a channel it may not have been meant for it.

    FLOOD: as one of too many.
    """

    CHANNEL = "channel"
    MENTION = "mention"
    DIRECT = "direct"
    COMMAND = "command"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """`mols 10 diagonal set of 3 x5`: so many sets of `mols` squares of an order."""

    order: int
    count: int = 1
    mols: int = 2
    diagonal: bool = False

    @property
    def question(self) -> Question:
        """What is asked of the solver; raises SpecError where it has no answer."""
        with spec_errors():
            return Question(self.order, self.mols, diagonal=self.diagonal)


@dataclass(frozen=True, slots=True)
class ConstructCommand:
    """`mols 500`: squares of an order that no job carries, written down at once."""

    order: int
    mols: int = 2


@dataclass(frozen=True, slots=True)
class HuntCommand:
    """`triple`: the open problem, three squares of order 10."""


@dataclass(frozen=True, slots=True)
class CancelCommand:
    """`cancel JOB`, or `cancel 12` for a search that still waits."""

    what: str


@dataclass(frozen=True, slots=True)
class WhyCommand:
    """`why JOB`: why a job does not go on; of all that wait, where none is named."""

    what: str


@dataclass(frozen=True, slots=True)
class CsvCommand:
    """`csv JOB`: all squares of a job as a file."""

    what: str


@dataclass(frozen=True, slots=True)
class AnalyseCommand:
    """`analyse` and squares below it, or in an attached file."""

    squares: str


class Inquiry(StrEnum):
    """What is answered there and then."""

    STATUS = "status"
    NODES = "nodes"
    JOBS = "jobs"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Unclear:
    """What cannot be done, in one sentence."""

    why: str


Command: TypeAlias = (
    SearchCommand
    | ConstructCommand
    | HuntCommand
    | CancelCommand
    | WhyCommand
    | CsvCommand
    | AnalyseCommand
    | Inquiry
    | Unclear
)


def parse(text: str, route: Route) -> Command | None:
    """The request in a text; None where it is not one, and was not said to the bot."""
    addressed = route is not Route.CHANNEL
    # Only so much is looked at: the rest of 40,000 characters makes it no clearer.
    words = _words(text[: _LONGEST * 4])
    if words and words[0] == _WORD:
        addressed, words = True, words[1:]
    elif not addressed and not _is_alone(words):
        return None
    # What stands below it keeps a mark of Slack's at its end.
    if words and (word := words[0].strip("`*_~")) in _ANALYSE:
        return AnalyseCommand(_below(text, word))
    if len(text) > _LONGEST:
        return Unclear(f"That is too long: a command has at most {_LONGEST} characters.")
    if not words:
        return Inquiry.HELP
    try:
        return _command(words)
    except SpecError as error:
        return Unclear(str(error))


def _words(text: str) -> list[str]:
    text = re.sub(r"^\s*(?:<@[A-Z0-9]+(?:\|[^>]*)?>\s*)+", "", text)
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return clean_text(text.replace("\n", " ")).strip(" `*_~").lower().split()


def _below(text: str, word: str) -> str:
    """What stands behind the first `word`, as it was written, without a code block's fences."""
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    text = "\n".join(clean_text(line, len(line)) for line in text.split("\n"))
    # An underscore beside it is Slack's mark for italics.
    rest = re.split(rf"(?i)(?<![^\W_]){word}(?![^\W_])", text, maxsplit=1)[-1]
    return rest.replace("```", "\n").strip(" `\n") + "\n"


def _is_alone(words: list[str]) -> bool:
    """True for what nobody would say but to the bot."""
    if len(words) == 1:
        return words[0] in _ALONE
    return len(words) == 2 and words[0] == "cancel" and bool(re.fullmatch(r"mols\d.*", words[1]))


def _command(words: list[str]) -> Command:
    first, rest = words[0], words[1:]
    if first in tuple(Inquiry):
        return Inquiry(first)
    if first == "triple":
        return (
            HuntCommand() if not rest else Unclear("Say triple alone: there is one such problem.")
        )
    if first == "cancel":
        if len(rest) != 1 or not _JOB.fullmatch(rest[0].removeprefix("#")):
            return Unclear("Say which one: cancel JOB, with a job's name as jobs lists it.")
        return CancelCommand(rest[0].removeprefix("#"))
    if first == "why":
        if len(rest) > 1 or not all(_JOB.fullmatch(word.removeprefix("#")) for word in rest):
            return Unclear("Say which one: why JOB, with a job's name as jobs lists it.")
        return WhyCommand(rest[0].removeprefix("#") if rest else "")
    if first == "csv":
        if len(rest) != 1 or not _JOB.fullmatch(rest[0]):
            return Unclear("Say which one: csv JOB, with a job's name.")
        return CsvCommand(rest[0])
    if first[0].isalpha():
        return Unclear(f"I do not know {first[:40]!r}: help lists what I know. {_TRY}")
    return _search(first, " ".join(rest))


def _search(first: str, rest: str) -> Command:
    """The squares that are asked for; raises SpecError."""
    try:
        order = parse_whole("order", first)
        if order <= MOST_RECORDED:
            parse_order(first)
    except SpecError as error:
        return Unclear(f"{error} {_TRY}")
    if order > MOST:
        return Unclear(f"Order {order} is too large. {_TRY}")
    mols = 2
    if found := _SET.search(rest):
        mols = parse_whole("mols", found[1])
        rest = _SET.sub(" ", rest, 1)
    words = rest.split()
    diagonal = "diagonal" in words
    count = _count("".join(word for word in words if word != "diagonal"))
    if order > MOST_RECORDED:
        if count > 1 or diagonal:
            return Unclear(f"Above order {MOST_RECORDED} there is one set, as it is constructed.")
        return ConstructCommand(order, mols)
    search = SearchCommand(order, count, mols, diagonal)
    if search.question.order in HOPELESS and diagonal:
        return Unclear(f"Order {order} has not even a pair: mols {order} proves it.")
    if not 1 <= count <= MOST_SQUARES:
        return Unclear(
            f"I post 1 to {MOST_SQUARES} squares at a time, not {count:,}: for more, run a job "
            "in the console."
        )
    return search


def _count(text: str) -> int:
    """The number in x5, 5x or 5; 1 where there is none."""
    if not text:
        return 1
    bare = text.removeprefix("x").removesuffix("x") if len(text) > 1 else text
    try:
        return parse_whole("how many", bare)
    except SpecError:
        raise SpecError("count", f"Say how many as in mols 10 x5: {text[:40]!r} is not.") from None
