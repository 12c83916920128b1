"""What the console knows: the newest snapshot, the newest lines, the newest squares."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.pi_state import PiState
from results.reports import Event, FoundBatch, JobRow, LogBatch, Snapshot
from results.result import Result
from swarm.engine import LogLine, NodeView
from tui.console.log_ring import CAPACITY, LogRing
from tui.console.node_row import AlertHistory, NodeChoice, NodeRow, named, node_rows
from tui.console.pulse import Pulse

if TYPE_CHECKING:
    from fleet.snapshot import FleetSnapshot, PiView

_LET_IN = (PiState.KNOWN, PiState.IN_SWARM)
SQUARES = 120
"""Squares kept at hand; the store has them all."""


@dataclass(frozen=True, slots=True)
class AwaitedPi:
    """A Pi that is to show itself as `name`, and to let `key` in as `user`.

    `since`: when its card was written, in seconds since the epoch. `before`: the machines that
    there were, by id and host key: none of them is it.
    """

    name: str
    user: str
    key: Path
    since: float
    before: frozenset[tuple[str, str]]

    def found_in(self, pis: "Sequence[PiView]") -> "PiView | None":
        """The machine that shows itself so; of several the one that lets squarm in."""
        called = [
            pi
            for pi in pis
            if self.name in (pi.hostname, pi.name)
            and pi.state is not PiState.LOST
            and (pi.id, pi.fingerprint) not in self.before
        ]
        return max(called, key=lets_in, default=None)


def lets_in(pi: "PiView") -> bool:
    """Whether squarm is logged in there."""
    return pi.state in _LET_IN


class Model:
    """Touched on the event loop only; what it hands out is immutable."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.fleet: FleetSnapshot | None = None
        self.node_rows: Sequence[NodeRow] = ()
        self.choice = NodeChoice()
        self.progress: dict[str, str] = {}
        self.alerts = AlertHistory()
        self.awaited: tuple[AwaitedPi, ...] = ()
        """Pis whose cards were written here, and that have not come yet."""
        self.pulse = Pulse()
        self.ring = LogRing()
        self.squares: Sequence[Result] = ()
        self.to_compare: Result | None = None
        """What the next square that is chosen for it is compared with."""

    def take(self, snapshot: Snapshot | None, fleet: "FleetSnapshot | None") -> None:
        """Take in what is new of the swarm, of the network, or of both."""
        self.snapshot = snapshot or self.snapshot
        self.fleet = fleet or self.fleet
        self.node_rows = node_rows(self.snapshot, self.fleet, self.progress, self.alerts)
        if new := [each.taken for each in (snapshot, fleet) if each]:
            self.pulse.take(self.node_rows, max(new))

    def tell_progress(self, target: str, text: str) -> None:
        """How far what is being done to a node or a job is, by its name; '' where it is over."""
        others = {name: told for name, told in self.progress.items() if name != target}
        self.progress = {**others, target: text} if text else others
        self.take(None, None)

    @property
    def on_swarm(self) -> bool:
        """Whether jobs run on a swarm."""
        return self.snapshot is not None and self.snapshot.engine == "swarm"

    @property
    def nodes(self) -> tuple[NodeView, ...]:
        """The nodes there are."""
        return self.snapshot.nodes if self.snapshot else ()

    @property
    def pis(self) -> "tuple[PiView, ...]":
        """The machines on the network."""
        return self.fleet.pis if self.fleet else ()

    @property
    def jobs(self) -> tuple[JobRow, ...]:
        """The jobs there are."""
        return self.snapshot.jobs if self.snapshot else ()

    def named(self, name: str) -> list[NodeRow]:
        """The machines that are called so, or have this address or id; names may repeat."""
        return named(name, self.node_rows)

    def job(self, name: str) -> JobRow | None:
        """A job by its id."""
        return next((row for row in self.jobs if row.job.id == name), None)

    def has_row(self, target: str) -> bool:
        """Whether this is the name of a machine or of a job."""
        return bool(self.named(target)) or self.job(target) is not None

    def add_squares(self, found: Sequence[Result]) -> None:
        """Take in results in any order."""
        known = {result.id: result for result in (*self.squares, *found)}
        self.squares = sorted(known.values(), key=lambda result: -result.id)[:SQUARES]


class Inbox:
    """Events wait here until the screen is ready for them: the newest snapshot, and batches."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.fleet: FleetSnapshot | None = None
        self.lines: list[LogLine] = []
        self.found: list[Result] = []

    def put(self, event: Event) -> None:
        """What `Watch` calls; on the event loop."""
        match event:
            case Snapshot():
                self.snapshot = event
            case LogBatch():
                # A slow terminal must not make these grow; the ring and the store hold no less.
                self.lines.extend(event.lines)
                del self.lines[:-CAPACITY]
            case FoundBatch():
                self.found.extend(event.results)
                del self.found[:-SQUARES]

    def put_fleet(self, fleet: "FleetSnapshot") -> None:
        """What the fleet calls; on the event loop."""
        self.fleet = fleet

    def take_fleet(self) -> "FleetSnapshot | None":
        """The newest snapshot of the fleet since the last call."""
        fleet, self.fleet = self.fleet, None
        return fleet

    def take_snapshot(self) -> Snapshot | None:
        """The newest snapshot since the last call."""
        snapshot, self.snapshot = self.snapshot, None
        return snapshot

    def take_lines(self) -> Sequence[LogLine]:
        """The lines since the last call."""
        lines, self.lines = self.lines, []
        return lines

    def take_found(self) -> Sequence[Result]:
        """The squares since the last call."""
        found, self.found = self.found, []
        return found
