"""Whether a job is complete: proved by what the store holds, whatever Docker says."""

from collections.abc import Mapping
from dataclasses import dataclass

from base.text import count_text
from results.result import GENERATION, Collected
from results.store import Store
from solver.records import digest
from swarm.job import JobSpec


@dataclass(frozen=True, slots=True)
class Proof:
    """What is held of a job: how many `squares` of those of its `units` that are whole.

    Of a job that counts they are the `parts` that are counted.

    `flaws`: of the others, by number, what is wrong, as the end of a sentence.
    """

    units: int
    squares: int
    flaws: dict[int, str]
    what: str = "squares"

    @property
    def whole(self) -> bool:
        """True where nothing is wrong."""
        return not self.flaws

    def verdict(self, job: str) -> str:
        """One sentence."""
        if self.whole:
            found = count_text(self.squares, self.what.removesuffix("s"))
            units = "its unit is" if self.units == 1 else f"all {self.units:,} units are"
            return (
                f"{job} is proved complete: {units} held to the end, {found} in sequence, and each "
                "unit's digest agrees."
            )
        return (
            f"{job} is not complete: {len(self.flaws):,} of {self.units:,} units are not held to "
            f"their end; the others are, {self.squares:,} {self.what}."
        )


def changed_since(store: Store, job: str, spec: JobSpec) -> str:
    """Why a job's spec is not the one that it ran by, in a sentence; '' where it may be."""
    if all(unit < spec.units for unit in store.finished_units(job)):
        return ""
    return "more units of it are kept than it has: what was asked for was changed since."


def prove(store: Store, job: str, spec: JobSpec) -> Proof:
    """Go through every unit's squares by their numbers, and form its digest anew."""
    finished = store.finished_units(job)
    flaws: dict[int, str] = {}
    squares, what = 0, "parts" if spec.question.count_mates else "squares"
    for unit in range(spec.units):
        sums = dict(store.unit_checksums(job, unit))
        end = finished.get(unit)
        if end is None:
            flaws[unit] = f"its end has not been read, {len(sums):,} of its {what} are kept"
            continue
        # Another version of the solver may have given some of it before: see which one ended it.
        generations = {seq // GENERATION for seq in sums} | {0}
        wrong = [
            _flaw(sums, end, generation, what) for generation in sorted(generations, reverse=True)
        ]
        if all(wrong):
            flaws[unit] = wrong[0]
        else:
            squares += end.count
    return Proof(spec.units, squares, flaws, what)


def _flaw(sums: Mapping[int, str], end: Collected, generation: int, what: str) -> str:
    """What keeps the squares of a generation from being those that the unit ended with."""
    first = generation * GENERATION
    there = [sums[seq] for seq in range(first, first + end.count) if seq in sums]
    if len(there) < end.count:
        return f"{end.count - len(there):,} of its {end.count:,} {what} are missing"
    return "" if digest(there) == end.digest else f"its {what} are not those that it ended with"
