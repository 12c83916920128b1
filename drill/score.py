"""What a fault did: squares compared with those that the solver finds here, times, and words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from results.result import Result
from solver.question import share
from solver.records import SquareRecord
from solver.search.units import Unit, search
from swarm.job import JobSpec

Found = dict[tuple[int, int], tuple[tuple[tuple[int, ...], ...], ...]]
"""Squares by unit and number."""


_LIVE = ("pending", "running")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a screen showed at `at` (seconds): squares found, the job's state, what was wrong.

    `running`: the job's tasks that ran, each by its unit and its id.
    """

    at: float
    found: int
    state: str
    wrong: tuple[str, ...]
    running: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one fault; times are seconds, None where it did not happen.

    `took`: to do it, which is part of all that follow. `noticed`: until the screen said that
    something was wrong. `again`: until each unit whose task was replaced ran in another.
    `stalled`: the longest time without a new square once it had begun. `recovered`: until nothing
    was said to be wrong any more. `able`: nodes that ran a task afterwards, of `nodes`; `closed`:
    those whose tasks then reached nothing, None where they could not be asked. `note`: what is to
    be known of the fault itself. `plain`: squares that `docker service logs` lost and doubled; None
    where it was not run.
    """

    fault: str
    found: int
    lost: int
    doubled: int
    wrong: int
    took: float
    noticed: float | None
    again: float | None
    stalled: float
    recovered: float | None
    able: int
    nodes: int
    closed: int | None
    said: tuple[str, ...]
    failed: str = ""
    note: str = ""
    plain: tuple[int, int] | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, doubled or wrong, and every node works again, closed."""
        costs = self.lost + self.doubled + self.wrong
        fit = self.able == self.nodes and self.closed in (None, self.nodes)
        return fit and not costs and not self.failed


def unheld(fault: str, why: str) -> Score:
    """The score of a drill that could not be held to its end."""
    return Score(
        fault,
        *(0, 0, 0, 0),
        took=0.0,
        noticed=None,
        again=None,
        stalled=0.0,
        recovered=None,
        able=0,
        nodes=0,
        closed=None,
        said=(),
        failed=why,
    )


@cache
def expected(spec: JobSpec) -> Found:
    """All that a job finds, by the solver run here."""
    found: Found = {}
    for unit in range(spec.units):
        count = share(spec.count, spec.units, unit)
        wanted = Unit(spec.question, count, spec.seed, unit, units=spec.units)
        for record in search(wanted, lambda: 0.0, lambda: False):
            if isinstance(record, SquareRecord):
                found[unit, record.seq] = record.squares
    return found


def compare(right: Found, kept: Iterable[Result]) -> tuple[int, int]:
    """How many squares are lost, and how many are wrong."""
    by_place = {(result.unit, result.seq): result.squares for result in kept}
    lost = sum(place not in by_place for place in right)
    wrong = sum(right.get(place) != squares for place, squares in by_place.items())
    return lost, wrong


def times(seen: Sequence[Reading], at: float) -> tuple[float | None, float]:
    """Seconds from the fault at `at` until it was noticed, and the longest stall after it."""
    noticed = next((look.at - at for look in seen if look.at >= at and look.wrong), None)
    stalled, last, found = 0.0, at, None
    for look in seen:
        if look.at < at:
            continue
        if found is None or look.found > found or look.state not in _LIVE:
            if found is not None:
                stalled = max(stalled, look.at - last)
            found, last = look.found, look.at
        if look.state not in _LIVE:
            break
    return noticed, stalled


def again(seen: Sequence[Reading], at: float) -> float | None:
    """Seconds from the fault until the last of its tasks that were replaced was; None for none.

    A unit that is replaced more than once counts by the first time.
    """
    before = next((look.running for look in reversed(seen) if look.at <= at), frozenset())
    units = {unit for unit, _ in before}
    replaced: dict[int, float] = {}
    for look in seen:
        if look.at > at:
            for unit, _ in look.running - before:
                if unit in units:
                    replaced.setdefault(unit, look.at - at)
    return max(replaced.values(), default=None)


def recovered(seen: Sequence[Reading], at: float, able_at: float | None) -> float | None:
    """Seconds from the fault until nothing was said to be wrong any more; None where nothing was.

    Where something still was when the job ended: until each node had run a task, at `able_at`.
    """
    looks = [look for look in seen if look.at >= at]
    last = max((number for number, look in enumerate(looks) if look.wrong), default=None)
    if last is None:
        return None
    after = looks[last + 1].at if last + 1 < len(looks) else able_at
    return None if after is None else after - at


def came_late(seen: Sequence[Reading], at: float) -> bool:
    """Whether the job had ended, as far as the screen knew, when the fault was done at `at`."""
    last = next((look for look in seen if look.at >= at), None)
    return last is None or last.state not in _LIVE


def words(seen: Sequence[Reading], at: float, most: int = 4) -> tuple[str, ...]:
    """What the screen said was wrong, from the fault on, each sentence once."""
    said = dict.fromkeys(text for look in seen if look.at >= at for text in look.wrong)
    return tuple(said)[:most]


def table(scores: Iterable[Score]) -> str:
    """The scores as a table in Markdown."""
    head = (
        "| fault | found | lost | doubled | wrong | docker logs lost | docker logs doubled "
        "| done in | on screen | again | stall | recovered | nodes able | closed | said |"
    )
    rule = "|---|" + "---:|" * 13 + "---|"
    return "\n".join([head, rule, *map(_row, scores)])


def _row(score: Score) -> str:
    said = "; ".join(text for text in (score.failed, score.note, *score.said) if text) or "-"
    plain = ("-", "-") if score.plain is None else score.plain
    cells = (
        *(score.fault, score.found, score.lost, score.doubled, score.wrong, *plain),
        *map(_seconds, (score.took, score.noticed, score.again, score.stalled, score.recovered)),
        *(_share(score.able, score.nodes), _share(score.closed, score.nodes)),
        said.replace("|", "/"),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _share(part: int | None, whole: int) -> str:
    return "-" if part is None else f"{part} of {whole}"


def _seconds(time: float | None) -> str:
    return "-" if time is None else f"{time:.0f} s"
