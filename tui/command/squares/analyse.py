"""`squarm analyse`: everything that can be said of squares, and of sets of them."""

import argparse
import json
import signal
import sys
from typing import Any

from base.errors import UsageError
from solver.classes.analysis import (
    MATES,
    STEPS,
    Count,
    SetFacts,
    SquareFacts,
    set_facts,
    set_flaw,
    square_facts,
    square_flaw,
)
from solver.classes.main_class import MainClass
from solver.formats.reading import Ended, Given, Problem
from solver.records import Rows
from solver.search.sets import EVERY
from solver.verify import flaw_of
from swarm.job_values import parse_whole
from tui.command.messages import Progress, say
from tui.command.parser import Parser
from tui.command.squares.large_files import analyse_large, is_large_file
from tui.command.squares.square_files import add_file, mols, squares_in

_YES = {True: "yes", False: "no"}
_UNKNOWN = "not found out: too large"
_DIGITS = "0123456789AB"


def add(parser: Parser) -> None:
    """Define its options."""
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a square")
    parser.add_argument(
        "--mates",
        metavar="N",
        help=f"count mates to N, however long it takes (default: {MATES:,}, for some seconds)",
    )
    parser.set_defaults(run=analyse)
    parser.add_examples(
        ("squarm analyse squares.txt", "all there is to say of each"),
        ("squarm solve 10 | squarm analyse -", "of a pair just found"),
        ("squarm analyse nine.txt --mols 3 --json", "of each three as one set, for a program"),
    )


def analyse(arguments: argparse.Namespace) -> int:
    """Print what there is to say of each square: 1 where one is not Latin or a set not orthogonal.

    2 where not everything could be read. Raises UsageError, or OSError where the file cannot be
    read.
    """
    name, counting, together = arguments.file, _counting(arguments.mates), mols(arguments.mols)
    if is_large_file(name):
        return analyse_large(name, together, as_json=arguments.json)
    # Compiled loops do not look at signals: Ctrl-C ends the process itself, between two lines.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    worst = squares = sets = 0
    with Progress() as progress, squares_in(name, together, progress) as items:
        for item in items:
            match item:
                case Problem():
                    progress.clear()
                    say(item.sentence)
                    worst = 2
                case Given():
                    sets += len(item.squares) > 1
                    found = _Set(item, sets, squares, counting)
                    squares += len(item.squares)
                    worst = max(worst, int(found.flawed))
                    progress.clear()
                    sys.stdout.write(found.json() if arguments.json else found.text())
                    sys.stdout.flush()
                case Ended():
                    pass
    if not squares and not worst:
        say(f"There are no squares in {name}: see docs/using/analyse.md for how to write them.")
        return 2
    return worst


def _counting(text: str | None) -> tuple[int, int]:
    """How far mates are counted, and in how many steps."""
    if text is None:
        return 0, STEPS
    cap = parse_whole("mates", text)
    if not 1 <= cap <= 10**12:
        raise UsageError(f"Mates must be between 1 and {10**12:,}: {cap:,} is not.")
    return cap, EVERY


class _Set:
    """What was found out about squares that were given together, or about one."""

    def __init__(self, given: Given, number: int, before: int, counting: tuple[int, int]) -> None:
        self.given = given
        self.number = number
        self.before = before
        self.flaws = [square_flaw(square) for square in given.squares]
        self.squares = [
            None if wrong else square_facts(square, *counting)
            for square, wrong in zip(given.squares, self.flaws, strict=True)
        ]
        self.set_flaw = ""
        self.facts: SetFacts | None = None
        if given.record is not None:
            self.set_flaw = flaw_of(given.record)
        elif len(given.squares) > 1:
            self.set_flaw = set_flaw(given.squares)
        if len(given.squares) > 1 and not self.set_flaw:
            self.facts = set_facts(given.squares, *counting)

    @property
    def flawed(self) -> bool:
        """Whether anything is not as it should be."""
        return bool(self.set_flaw) or any(self.flaws)

    def json(self) -> str:
        """One line a square."""
        lines = []
        for which, (square, wrong, facts) in enumerate(self._each()):
            body: dict[str, Any] = {
                "number": self.before + which + 1,
                "line": self.given.line,
                "order": len(square),
                "latin": not wrong,
                "why": wrong,
                **_square_json(facts),
            }
            if len(self.given.squares) > 1 or self.set_flaw:
                body["set"] = {"number": self.number, "square": which + 1, **self._set_json()}
            lines.append(json.dumps(body, separators=(",", ":")) + "\n")
        return "".join(lines)

    def text(self) -> str:
        """A paragraph a square, one for the set before them."""
        parts = [self._set_text()] if len(self.given.squares) > 1 or self.set_flaw else []
        for which, (square, wrong, facts) in enumerate(self._each()):
            number = self.before + which + 1
            head = f"square {number} (line {self.given.line}): order {len(square)}, "
            head += f"not Latin: {wrong}" if wrong else "Latin"
            parts.append("\n".join([head, *(_square_lines(facts) if facts else ())]))
        return "\n\n".join(parts) + "\n\n"

    def _each(self) -> list[tuple[Rows, str, SquareFacts | None]]:
        return list(zip(self.given.squares, self.flaws, self.squares, strict=True))

    def _set_json(self) -> dict[str, Any]:
        facts = self.facts
        order = len(self.given.squares[0]) if self.given.squares else 0
        return {
            "squares": len(self.given.squares),
            "verified": not self.set_flaw,
            "why": self.set_flaw,
            **_count_json("common_transversals", facts.common_transversals if facts else None),
            **_count_json("disjoint", facts.disjoint if facts else None),
            "missing": order - facts.disjoint.number if facts and facts.disjoint else None,
            **_count_json("extensions", facts.extensions if facts else None),
            "group": facts.main_class.group if facts and facts.main_class else None,
            **_class_json("class", facts.main_class if facts else None),
        }

    def _set_text(self) -> str:
        squares = self.given.squares
        what = "verified: mutually orthogonal" if self.facts else self.set_flaw
        head = f"set {self.number} (line {self.given.line}): {len(squares)} squares, {what}"
        if self.facts is None:
            return head
        order, more = len(squares[0]), len(squares) + 1
        disjoint = self.facts.disjoint
        far = _UNKNOWN
        if disjoint is not None:
            far = f"{_count_text(disjoint)} of the {order} that square {more} of a set needs"
        rows = [
            ("common transversals", _count_text(self.facts.common_transversals)),
            ("of them disjoint", far),
            (f"ways to {more} squares", _mates_text(self.facts.extensions)),
            *_class_rows(self.facts.main_class, "automorphisms", "class"),
        ]
        return "\n".join([head, *_aligned(rows)])


def _square_json(facts: SquareFacts | None) -> dict[str, Any]:
    found = facts.main_class if facts else None
    return {
        **_count_json("transversals", facts.transversals if facts else None),
        **_count_json("mates", facts.mates if facts else None),
        **_count_json("diagonal_transversals", facts.diagonal_transversals if facts else None),
        **_count_json("diagonal_mates", facts.diagonal_mates if facts else None),
        "diagonal": facts.diagonal if facts else None,
        "self_orthogonal": facts.self_orthogonal if facts else None,
        "doubly_self_orthogonal": facts.doubly if facts else None,
        "extended_self_orthogonal": facts.extended if facts else None,
        "diagonal_form": facts.diagonal_form if facts else None,
        "symmetric": facts.symmetric if facts else None,
        "intercalates": facts.intercalates if facts else None,
        "autoparatopisms": found and found.group,
        **_class_json("main_class", found),
    }


def _square_lines(facts: SquareFacts) -> list[str]:
    return _aligned(
        [
            ("transversals", _count_text(facts.transversals)),
            ("mates", _mates_text(facts.mates)),
            ("diagonal transversals", _count_text(facts.diagonal_transversals)),
            ("diagonal mates", _mates_text(facts.diagonal_mates)),
            ("diagonal", _YES[facts.diagonal]),
            ("self-orthogonal", "yes, doubly" if facts.doubly else _YES[facts.self_orthogonal]),
            *_diagonal_rows(facts),
            ("symmetric", _YES[facts.symmetric]),
            ("intercalates", f"{facts.intercalates:,}"),
            *_class_rows(facts.main_class, "autoparatopisms", "main class"),
        ]
    )


def _diagonal_rows(facts: SquareFacts) -> list[tuple[str, str]]:
    """Of a diagonal square: what goes with its class among these."""
    if not facts.diagonal:
        return []
    extended = _UNKNOWN if facts.extended is None else _YES[facts.extended]
    rows = [("extended self-orth.", extended)]
    if facts.diagonal_form:
        word = "".join(_DIGITS[symbol] for row in facts.diagonal_form for symbol in row)
        rows.append(("diagonal form", word))
    return rows


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    return [f"  {name:<21} {value}" for name, value in rows]


def _class_rows(found: MainClass | None, group: str, name: str) -> list[tuple[str, str]]:
    if found is None:
        return [(group, _UNKNOWN), (name, _UNKNOWN)]
    return [(group, f"{found.group:,}"), (name, found.digest.hex())]


def _class_json(name: str, found: MainClass | None) -> dict[str, Any]:
    return {
        name: found.digest.hex() if found else None,
        "canonical": found.squares if found else None,
    }


def _count_json(name: str, count: Count | None) -> dict[str, Any]:
    """The number, and whether that is all; both null where it was not found out."""
    return {
        name: count.number if count else None,
        f"{name}_whole": count.whole if count else None,
    }


def _count_text(count: Count | None) -> str:
    if count is None:
        return _UNKNOWN
    return f"{count.number:,}" if count.whole else f"at least {count.number:,}"


def _mates_text(count: Count | None) -> str:
    lift = "" if count is None or count.whole else " (--mates N counts to N, however long it takes)"
    return _count_text(count) + lift
