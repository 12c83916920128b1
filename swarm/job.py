"""What a job is: its specification, its limits, and its division into work units."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from base.errors import MALFORMED, UsageError
from base.text import size_text
from solver import VERSION
from solver.question import FEW_ORDER, Question, QuestionError

MIB = 1024 * 1024
MAX_COUNT = 1_000_000
MAX_UNITS = 2_000
MAX_REPLICAS = 1_000
MAX_CPUS = 64.0
MIN_MEMORY = 48 * MIB
USUAL_MEMORY = 128 * MIB
MAX_MEMORY = 64 * 1024 * MIB
MAX_SECONDS = 30 * 24 * 3600
MAX_SEED = 2**63 - 1
UNITS_PER_REPLICA = 4
"""So that a slow or lost replica costs the job a quarter of its share, not all of it."""
UNIT_COUNT = 1_000
"""At most so many squares a unit, so that a unit run again costs seconds."""
_SLOW_COUNTS = {11: 200, 12: 50}
"""The same for orders whose squares are searched for more slowly."""
_TRIPLE_COUNT = 50
_EXHAUST_UNITS = {7: 64, 8: 1_000}
"""Units that share out the reduced squares of an order; smaller ones take one a second or so."""


class SpecError(UsageError):
    """A job that cannot be run as asked; the text is one sentence for the user."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What to search for and with what.

    `count` answers to the question are wanted in all, or as many parts of a count of mates are
    there (see `with_parts`); `seconds` (0: no limit) bounds each unit's
    time; `replicas` units run at a time, each with `cpus` cores and `memory` bytes, on nodes that
    comply with `where` (rules as `swarm.placement` reads them; '' for all).
    """

    question: Question = field(default_factory=Question)
    count: int = 20
    seconds: int = 0
    replicas: int = 2
    cpus: float = 1.0
    memory: int = USUAL_MEMORY
    seed: int = 0
    where: str = ""

    def __post_init__(self) -> None:
        """Raises SpecError."""
        _within("count", self.count, 1, MAX_COUNT, "squares")
        _within("seconds", self.seconds, 0, MAX_SECONDS, "seconds")
        _within("replicas", self.replicas, 1, MAX_REPLICAS, "replicas")
        _within("seed", self.seed, 0, MAX_SEED, "")
        if not (math.isfinite(self.cpus) and 0.1 <= self.cpus <= MAX_CPUS):
            raise SpecError("cpus", f"Cpus must be between 0.1 and {MAX_CPUS:g}: {self.cpus:g}.")
        if not MIN_MEMORY <= self.memory <= MAX_MEMORY:
            raise SpecError(
                "memory",
                f"Memory must be between {MIN_MEMORY // MIB}M and {MAX_MEMORY // MIB // 1024}G: "
                f"the solver needs about 40M, {size_text(self.memory)} was asked for.",
            )

    @property
    def order(self) -> int:
        """The order of the squares."""
        return self.question.order

    @property
    def units(self) -> int:
        """How many work units the job is split into; the split depends on the spec alone."""
        question = self.question
        if question.exhausts:
            return min(self.count, _EXHAUST_UNITS.get(self.order, 1))
        if self.order <= FEW_ORDER:
            return 1
        if question.way == "file" and question.resumable and not question.mates:
            # Each square's mates are shared out, and a unit is taken up where it ended.
            return min(self.count, self.replicas * UNITS_PER_REPLICA)
        each = UNIT_COUNT
        if question.triple:
            each = _TRIPLE_COUNT
        elif question.way == "random":
            each = _SLOW_COUNTS.get(self.order, UNIT_COUNT)
        wanted = max(self.replicas * UNITS_PER_REPLICA, math.ceil(self.count / each))
        if question.squares:
            wanted = min(wanted, question.squares.count(",") + 1)
        return min(self.count, wanted, MAX_UNITS)

    @property
    def arguments(self) -> list[str]:
        """The solver's command line for the job, but for the unit."""
        given = [*self.question.arguments, "--count", str(self.count), "--units", str(self.units)]
        given += ["--seed", str(self.seed)]
        return [*given, "--seconds", str(self.seconds)] if self.seconds else given

    def to_json(self) -> str:
        """One line, read back by `from_json`: the question's fields beside the job's own."""
        body = asdict(self)
        written = {"version": VERSION}
        return json.dumps(body.pop("question") | body | written, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "JobSpec":
        """The spec in a label or file; fields of a newer version are ignored.

        Raises SpecError where it is not one.
        """
        try:
            body = json.loads(text)
            if isinstance(body, dict):
                if "version" not in body:
                    _read_as_before(body)
                with spec_errors():
                    return cls(Question(**_taken(body, Question)), **_taken(body, cls))
        except SpecError:
            raise
        except MALFORMED:
            pass
        raise SpecError("spec", "This is not a squarm job specification.")


def _read_as_before(body: dict[str, Any]) -> None:
    """Version 0.1 took one mate of each square where it now takes all."""
    if body.get("source") in ("exhaust", "file") and not body.get("triple"):
        body["mates"] = body.get("mates") or 1


@contextmanager
def spec_errors() -> Iterator[None]:
    """Turns a question that cannot be answered into a SpecError."""
    try:
        yield
    except QuestionError as error:
        raise SpecError(error.field, str(error)) from None


def with_parts(spec: JobSpec) -> JobSpec:
    """A job that counts mates, made to want every part of its square's count.

    Takes up to a second at order 12. Raises SpecError where there is nothing to count.
    """
    # Imported late: who runs other jobs needs no search.
    from solver.question import unpacked
    from solver.search.mate_count import MateCount

    (square,) = unpacked(spec.question.squares, spec.order)
    count = MateCount(square)
    if min(count.transversals, count.parts) < 0:
        raise SpecError("squares", "The square has more transversals than there is room for.")
    if not count.parts:
        raise SpecError("squares", "The square has no mate at all: there is nothing to count.")
    return replace(spec, count=count.parts)


def new_seed() -> int:
    """A seed for a job whose user named none; below 2**31, short enough to read aloud."""
    # Imported late, here and below: who lists jobs makes none.
    import secrets

    return secrets.randbelow(2**31)


def new_job_id(spec: JobSpec) -> str:
    """A short name that tells jobs apart on screen and is valid as a service name."""
    import secrets

    return f"mols{spec.order}-{secrets.token_hex(3)}"


def _taken(body: dict[str, Any], kind: type[Question | JobSpec]) -> dict[str, Any]:
    """The fields of `kind` in `body`; raises TypeError where one is of another type."""
    types = {each.name: type(each.default) for each in fields(kind) if each.name != "question"}
    taken = {name: body[name] for name in types if name in body}
    for name, value in taken.items():
        # A whole number will do for a number of any kind.
        if type(value) is not types[name] and (types[name], type(value)) != (float, int):
            raise TypeError(name)
    return taken


def _within(field: str, value: int, low: int, high: int, unit: str) -> None:
    if not low <= value <= high:
        of_what = f" {unit}" if unit and unit != field else ""
        bounds = f"between {low:,} and {high:,}{of_what}"
        raise SpecError(field, f"{field.capitalize()} must be {bounds}: {value:,} is not.")
