"""The leaderboard of triples of order 10: what was found here among what has been published."""

from collections.abc import Sequence
from dataclasses import dataclass

from results.result import Result


@dataclass(frozen=True, slots=True)
class Standing:
    """A place on the board: pairs of symbols of each two squares, the worst last; who found it.

    `result` is None for what has been published.
    """

    pairs: tuple[int, int, int]
    finder: str
    result: Result | None = None

    @property
    def text(self) -> str:
        """`100 + 100 + 91`."""
        return " + ".join(map(str, self.pairs))

    @property
    def group(self) -> int:
        """How many renamings leave ours as it is; 0 where that is not known."""
        return self.result.group if self.result else 0

    @property
    def times(self) -> int:
        """How many triples of its class are kept; 0 for what has been published."""
        return self.result.times if self.result else 0


PUBLISHED = (
    Standing((100, 100, 91), "J. Egan, I. M. Wanless, Math. Comp. 85 (2016)"),
    Standing((100, 100, 74), "J. W. Brown, turn-squares"),
)
"""The nearest to three orthogonal squares that was in print when this was written."""


def standing(result: Result) -> Standing:
    """The place of a triple."""
    one, other = result.covered or (0, 0)
    return Standing((result.order**2, max(one, other), min(one, other)), result.source, result)


def board(triples: Sequence[Result]) -> list[Standing]:
    """Our triples and the published ones, best first; of equals, what was published first."""
    rows = [*PUBLISHED, *map(standing, triples)]
    return sorted(rows, key=lambda row: sum(row.pairs), reverse=True)
