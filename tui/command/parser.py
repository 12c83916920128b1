"""The parser of the command line, built only as far as the words at hand need it."""

import argparse
import importlib
import itertools
import re
import sys
import textwrap
from collections.abc import Callable, Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from base.errors import UsageError
from base.text import nearest
from solver import VERSION
from tui.command.options import COMMON, add_common
from tui.command.verbs import GROUPS, VERBS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_CHOICE = re.compile(r"argument (.+): invalid choice: (.+) \(choose from (.+)\)")
_MISSING = re.compile(r"the following arguments are required: (.+)")
_NO_NUMBER = re.compile(r"argument (.+): invalid int value: (.+)")
_NOTHING = re.compile(r"--[a-z-]+=\s*")
_TOO_MUCH = re.compile(r"argument (.+): ignored explicit argument (.+)")
_WIDTH = 80
"""Columns of a help."""
_COMMAND = 38
"""Of these, those that a command has at most beside what it does."""
_INTRODUCTION = """Search for orthogonal Latin squares, here or on a Docker Swarm.
Without a verb the full-screen console opens."""
_EXAMPLES = """examples:
  squarm                            open the console
  squarm solve 10                   one pair of order 10, here and now
  squarm run 10 --count 1000        a job, on the swarm if there is one
  squarm nodes                      the Pis on the network
  squarm VERB --help                what a verb takes

exit status:
  0 done, 1 nothing found or not done, 2 a request that makes no sense or cannot
  be met, 70 squarm failed by its own fault, 130 stopped with Ctrl-C"""

Run = Callable[[argparse.Namespace], Any]
"""Does a verb's work: returns the exit code, or a coroutine that does."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence."""

    def __init__(self, prog: str, text: str = "", shown: frozenset[str] = COMMON) -> None:
        super().__init__(
            prog,
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.shown = shown
        """The common options that its help tells of."""
        self.below: dict[str, Parser] = {}
        """The parsers of its verbs, or of what a verb can do."""
        self.examples: Sequence[tuple[str, str]] = ()

    def all(self) -> "Iterator[Parser]":
        """Itself, and all below it."""
        yield self
        for parser in self.below.values():
            yield from parser.all()

    def under(self, word: str) -> "Parser":
        """The parser of one of its verbs, or of what a verb can do; raises UsageError."""
        if not self.below:
            self.refuse(word)
        if word not in self.below:
            what = "action" if " " in self.prog else "verb"
            near = nearest(word, list(self.below))
            raise UsageError(f"There is no {what} {word!r}{near} See {self.prog} --help.")
        return self.below[word]

    @property
    def actions(self) -> Sequence[argparse.Action]:
        """Its options and arguments."""
        return self._actions

    @property
    def options(self) -> frozenset[str]:
        """The names of its options."""
        return frozenset(text for action in self.actions for text in action.option_strings)

    def add_examples(self, *examples: tuple[str, str]) -> None:
        """Commands, and what each does, for the end of the help; of each action its own."""
        self.examples = examples
        for action in self.below.values():
            self.hand_down(action)
        width = min(_COMMAND, max(len(command) for command, _ in examples)) + 2
        lines = [line for example in examples for line in _example(*example, width)]
        self.epilog = "\n".join(["examples:", *lines])

    def hand_down(self, action: "Parser") -> None:
        """Give the parser of an action the examples that are of it."""
        own = [each for each in self.examples if f"{each[0]} ".startswith(f"{action.prog} ")]
        if own:
            action.add_examples(*own)

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        message = message.replace("\n", " ")
        if match := _CHOICE.fullmatch(message):
            sentence = _no_such(*match.groups())
        elif match := _MISSING.fullmatch(message):
            sentence = f"{self.prog} needs {match[1]}."
        elif match := _NO_NUMBER.fullmatch(message):
            sentence = f"{match[1]} must be a whole number: {match[2]} is not."
        elif match := _TOO_MUCH.fullmatch(message):
            sentence = f"{match[1]} takes no value: {match[2]} is too much."
        else:
            sentence = _capital(message) if message.endswith("?") else f"{_capital(message)}."
        raise UsageError(f"{sentence} See {self.prog} --help.")

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """A help, or the version. To argparse it is all the same whether it could be written."""
        print(message, end="", file=file)
        sys.stdout.flush()

    def refuse(self, word: str) -> NoReturn:
        """Raises UsageError for a word that it does not take."""
        known = sorted(self.options) if word.startswith("-") else ()
        near = nearest(word.partition("=")[0], known)
        raise UsageError(f"{self.prog} does not take {word!r}{near} See {self.prog} --help.")


def parse(arguments: list[str], otherwise: Run) -> argparse.Namespace:
    """The arguments; without a verb their `run` is `otherwise`. Raises UsageError."""
    parser = build(arguments)
    parser.set_defaults(run=otherwise)
    parsed, unknown = parser.parse_known_args(arguments)
    verb = parser.below.get(parsed.verb, parser)
    below = verb.below.get(vars(parsed).get("action", ""), verb)
    _refuse_passed_over(verb, below, arguments)
    verb = below
    if any(not word.strip() or _NOTHING.fullmatch(word) for word in arguments):
        verb.error("what is empty names nothing: is a variable of the shell not set?")
    if unknown:
        verb.refuse(unknown[0])
    return parsed


def _refuse_passed_over(verb: Parser, below: Parser, arguments: list[str]) -> None:
    """Raises UsageError for an option of the verb's that what it is to do would not heed."""
    unheeded = verb.options - below.options
    for word in itertools.takewhile(lambda word: word != "--", arguments):
        if word.partition("=")[0] in unheeded:
            below.refuse(word)


def build(words: Container[str] = VERBS, *, grouped: bool = True) -> Parser:
    """The parser, with the options of those verbs that are among the words.

    `grouped`: its help lists the verbs in groups, which argparse's own list cannot be; else that
    list is there, for what is made from the parser.
    """
    parser = Parser("squarm", _INTRODUCTION)
    parser.epilog = _EXAMPLES
    parser.usage = "squarm [OPTION ...] [VERB ...]"
    parser.add_argument(
        "--version", action="version", version=f"squarm {VERSION}", help="print the version"
    )
    add_common(parser, after_verb=False)
    if grouped:
        parser.description = f"{_INTRODUCTION}\n{_list()}"
    hidden = argparse.SUPPRESS if grouped else None
    verbs = parser.add_subparsers(
        dest="verb", metavar="VERB", prog="squarm", title="verbs", help=hidden
    )
    parser.set_defaults(verb="")
    for verb in VERBS.values():
        added = verbs.add_parser(verb.name, help=verb.text, text=verb.text, shown=verb.options)
        parser.below[verb.name] = added
        if verb.name in words:
            importlib.import_module(f"tui.command.{verb.module}").add(added)
            add_common(added, verb.options)
    return parser


def subverbs(
    parser: Parser, what: str, *, required: bool = True
) -> Callable[[str, str, Run], Parser]:
    """What makes the parsers of what a verb can do, from name, text and work of each.

    Not `required`: the verb alone does something, too.
    """
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", prog=parser.prog, required=required, title=what
    )
    parser.set_defaults(action="")

    def add(name: str, text: str, run: Run) -> Parser:
        added = actions.add_parser(name, help=text, text=text, shown=parser.shown)
        parser.below[name] = added
        parser.hand_down(added)
        add_common(added, parser.shown)
        added.set_defaults(run=run)
        return added

    return add


def _example(command: str, text: str, width: int) -> list[str]:
    """Its lines: one that takes more than its column has what it does below it."""
    told = textwrap.wrap(text, _WIDTH - 2 - width)
    first = told.pop(0) if len(command) + 2 <= width else ""
    return [f"  {command:<{width}}{first}".rstrip(), *(f"{'':{width + 2}}{line}" for line in told)]


def _list() -> str:
    """The verbs in their groups."""
    width = max(map(len, VERBS))
    lines = []
    for group, verbs in GROUPS.items():
        lines += ["", f"{group}:", *(f"  {verb.name:<{width}}  {verb.text}" for verb in verbs)]
    return "\n".join(lines)


def _no_such(argument: str, value: str, choices: str) -> str:
    """What to say of a word that is not one of those that can stand there."""
    known = re.findall(r"[\w-]+", choices)
    if not argument.isupper():
        return f"{_capital(argument)} must be {' or '.join(known)}: {value} is not."
    near = nearest(value.strip("'\""), known)
    return f"There is no {argument.lower()} {value}{near}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
