"""What has been read of a job, unit by unit: what is new, what repeats, what is missing.

Pure bookkeeping: it keeps nine bytes a square, never the squares.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from results.endings import may_end
from results.reports import UnitState, UnitView
from results.result import Collected
from solver.question import share
from solver.records import (
    NOTHING,
    Checkpoint,
    CountRecord,
    DoneRecord,
    FindRecord,
    ImpossibleRecord,
    PartRecord,
    ProgressRecord,
    Record,
    SquareRecord,
    TripleRecord,
    checksum,
    digest,
)
from swarm.job import JobSpec

_SUM = 8
_ENDS = 16
"""More different ends of one unit than any number of honest attempts gives; the last are kept."""
_STREAMS = 8
"""Beginnings of a contradicted unit that are followed; one more takes the place of the oldest."""

_REDUCED = {2: 1, 6: 9408}
"""The orders that have no pair, with how many reduced squares a proof must have gone through."""


class Novelty(StrEnum):
    """What a record is to the ledger."""

    NEW = "new"
    AGAIN = "again"
    CONFLICT = "conflict"
    FOREIGN = "foreign"


@dataclass(slots=True)
class _Stream:
    """What one attempt has given of a unit, in sequence from the first: checksums, and digest."""

    sums: list[str] = field(default_factory=list)
    chained: str = NOTHING


@dataclass(slots=True)
class _Unit:
    sums: bytearray = field(default_factory=bytearray)
    have: bytearray = field(default_factory=bytearray)
    seen: int = 0
    top: int = 0
    ends: tuple[Collected, ...] = ()
    tried: int = 0
    share: float = 0.0
    seconds: float = 0.0
    node: str = ""
    contradicted: bool = False
    streams: tuple[_Stream, ...] = ()
    overruled: tuple[str, ...] = ()
    collected: Collected | None = None
    checkpoint: Checkpoint | None = None
    chained: tuple[int, str] = (0, NOTHING)
    generation: int = 0
    closed: bool = False


class Ledger:
    """The account of one job; `finished` units were collected before and are not read again.

    `known`: numbers and checksums of squares of other units that are kept already. A unit may have
    been taken up where a node took those to its grave.
    """

    def __init__(
        self,
        spec: JobSpec,
        finished: Mapping[int, Collected],
        known: Mapping[int, Sequence[tuple[int, str]]] = MappingProxyType({}),
    ) -> None:
        self.spec = spec
        self._units = [_Unit() for _ in range(spec.units)]
        for number, collected in finished.items():
            if number < spec.units:
                self._units[number].collected = collected
                self._units[number].closed = True
        for number, kept in known.items():
            most = share(spec.count, spec.units, number) if number < spec.units else 0
            # What other versions of the solver gave has numbers beyond.
            for seq, value in ((seq, value) for seq, value in kept if seq < most):
                _put(self._units[number], seq, bytes.fromhex(value))
        self.proof: ImpossibleRecord | None = None

    def __len__(self) -> int:
        return len(self._units)

    def close(self, number: int) -> None:
        """What still comes of a collected unit is not compared any more: frees its memory."""
        unit = self._units[number]
        if unit.collected is not None:
            unit.sums, unit.have, unit.ends, unit.streams = bytearray(), bytearray(), (), ()
            unit.closed = True

    def generation(self, number: int) -> int:
        """Which generation of attempts at the unit is accounted for."""
        return self._units[number].generation

    def begin_anew(self, number: int, generation: int) -> None:
        """Account for a unit from its beginning, unless it is whole: another version runs it."""
        if self._units[number].collected is None:
            self._units[number] = _Unit(generation=generation)

    def distrust(self, number: int) -> None:
        """Account for a unit from its beginning: what was read of it could not all be kept."""
        before = self._units[number]
        self._units[number] = _Unit(generation=before.generation, contradicted=True)

    def enter(self, record: Record, node: str) -> Novelty:
        """Account for one record; a square counts as new the first time it comes."""
        if record.unit >= len(self._units):
            return Novelty.FOREIGN
        unit = self._units[record.unit]
        if unit.closed:
            return Novelty.AGAIN
        entry = self._enter(unit, record)
        if entry is not Novelty.FOREIGN:
            unit.node = node or unit.node
        if entry is Novelty.CONFLICT:
            unit.contradicted = True
        return entry

    def missing(self, number: int) -> tuple[int, ...]:
        """Sequence numbers known to exist (a later one, or the unit's end, was read) and unread."""
        unit = self._units[number]
        if unit.collected is not None or unit.seen == _extent(unit):
            return ()
        have = unit.have
        return tuple(seq for seq in range(_extent(unit)) if seq >= len(have) or not have[seq])

    def collected(self, number: int) -> Collected | None:
        """The unit's count and digest once all of it has been read, else None."""
        return self._units[number].collected

    def checkpoint(self, number: int) -> Checkpoint | None:
        """Where the unit can be taken up: the last that holds by the squares read before it."""
        return self._units[number].checkpoint

    def has_begun(self, number: int) -> bool:
        """True once anything of the unit has been read."""
        unit = self._units[number]
        return bool(unit.seen or unit.tried or unit.ends)

    def suspect(self, number: int) -> bool:
        """True where something of the unit is known to be lost or altered on its way."""
        unit = self._units[number]
        if unit.collected is not None:
            return False
        return unit.contradicted or bool(unit.ends) or unit.seen < unit.top

    def overruled(self, number: int) -> tuple[str, ...]:
        """Checksums of what is held of a unit although an attempt, whole by itself, gave others."""
        return self._units[number].overruled if number < len(self._units) else ()

    def view(self, number: int, state: UnitState) -> UnitView:
        """The unit for the screen; `state` applies unless it is complete."""
        unit = self._units[number]
        found, done = unit.seen, unit.share
        if unit.collected is not None:
            state = UnitState.COMPLETE
            found = max(found, unit.collected.count)
            done = 1.0
        elif self.spec.question.count_mates:
            done = found / share(self.spec.count, self.spec.units, number)
        return UnitView(number, state, found, unit.tried, unit.node, done)

    def _enter(self, unit: _Unit, record: Record) -> Novelty:
        match record:
            case SquareRecord() | TripleRecord():
                return self._enter_square(unit, record)
            case CountRecord():
                return self._enter_count(unit, record)
            case PartRecord():
                return self._enter_part(unit, record)
            case DoneRecord():
                return self._enter_end(unit, record)
            case ImpossibleRecord():
                return self._enter_proof(record)
            case ProgressRecord():
                # A unit that is taken up has tried much in its first second.
                if record.seconds <= unit.seconds and record.tried <= unit.tried:
                    return Novelty.AGAIN
                if record.checkpoint is not None and _holds(unit, record.checkpoint):
                    unit.checkpoint = record.checkpoint
                unit.seconds = record.seconds
                unit.tried = max(unit.tried, record.tried)
                unit.share = max(unit.share, min(record.share, 1.0))
                return Novelty.NEW

    def _enter_part(self, unit: _Unit, record: PartRecord) -> Novelty:
        """A part counts for nothing until its square is whole, but shows that there is one."""
        seq = record.seq
        counts = self.spec.question.count_mates
        if counts or seq >= share(self.spec.count, self.spec.units, record.unit):
            return Novelty.FOREIGN
        if seq < len(unit.have) and unit.have[seq]:
            return Novelty.AGAIN
        unit.top = max(unit.top, seq + (record.part == record.of - 1))
        return Novelty.NEW

    def _enter_square(self, unit: _Unit, record: FindRecord) -> Novelty:
        seq = record.seq
        spec = self.spec
        if (
            record.order != spec.order
            or spec.question.count_mates
            or seq >= share(spec.count, spec.units, record.unit)
            or isinstance(record, TripleRecord) != spec.question.triple
            or (not spec.question.triple and len(record.squares) != spec.question.mols)
        ):
            return Novelty.FOREIGN
        unit.tried = max(unit.tried, record.tried)
        return self._enter_numbered(unit, record)

    def _enter_count(self, unit: _Unit, record: CountRecord) -> Novelty:
        """A count is one of a part that is the unit's, as `solver.search.tries` shares them out."""
        spec, seq = self.spec, record.seq
        if (
            not spec.question.count_mates
            or (record.order, record.of) != (spec.order, spec.count)
            or record.part != record.unit + seq * spec.units
        ):
            return Novelty.FOREIGN
        unit.tried = max(unit.tried, seq + 1)
        return self._enter_numbered(unit, record)

    def _enter_numbered(self, unit: _Unit, record: FindRecord | CountRecord) -> Novelty:
        seq = record.seq
        value = bytes.fromhex(checksum(record))
        # Of two counts nobody can verify either.
        if unit.contradicted and not isinstance(record, CountRecord):
            _follow(unit, seq, value.hex())
        if seq < len(unit.have) and unit.have[seq]:
            known = unit.sums[_SUM * seq : _SUM * (seq + 1)]
            return Novelty.AGAIN if known == value else Novelty.CONFLICT
        _put(unit, seq, value)
        _settle(unit)
        return Novelty.NEW

    def _enter_end(self, unit: _Unit, record: DoneRecord) -> Novelty:
        if not may_end(self.spec, record, proven=self.proof is not None):
            return Novelty.FOREIGN
        _overrule(unit, record)
        end = Collected(record.count, record.digest, record.reason, record.bounds)
        if end in unit.ends:
            return Novelty.AGAIN
        rival = any(other.count == end.count for other in unit.ends)
        unit.ends = (*unit.ends[1 - _ENDS :], end)
        _settle(unit)
        # The one that agrees with all that is held is the unit's, whatever was told before.
        return Novelty.CONFLICT if rival and unit.collected != end else Novelty.NEW

    def _enter_proof(self, record: ImpossibleRecord) -> Novelty:
        if record.order != self.spec.order or record.squares != _REDUCED.get(record.order):
            return Novelty.FOREIGN
        if self.proof is not None:
            return Novelty.AGAIN
        self.proof = record
        return Novelty.NEW


def verdict(proof: ImpossibleRecord) -> str:
    """The sentence of a proof for the user."""
    what = (
        f"all {proof.squares:,} reduced Latin squares of order {proof.order} were searched"
        if proof.squares > 1
        else f"the only reduced Latin square of order {proof.order} was searched"
    )
    return f"No pair of orthogonal Latin squares of order {proof.order} exists: {what}."


def _put(unit: _Unit, seq: int, value: bytes) -> None:
    """Note a square's checksum."""
    if seq >= len(unit.have):
        grown = max(seq + 1, 2 * len(unit.have))
        unit.sums.extend(bytes(_SUM * grown - len(unit.sums)))
        unit.have.extend(bytes(grown - len(unit.have)))
    unit.sums[_SUM * seq : _SUM * (seq + 1)] = value
    unit.have[seq] = 1
    unit.seen += 1
    unit.top = max(unit.top, seq + 1)


def _sums(unit: _Unit, count: int, first: int = 0) -> Iterator[str]:
    """The checksums of the unit's squares below number `count`, from the `first` on."""
    return (unit.sums[_SUM * seq : _SUM * (seq + 1)].hex() for seq in range(first, count))


def _holds(unit: _Unit, checkpoint: Checkpoint) -> bool:
    """True where every square that the unit had given by then has been read, as it gave it."""
    found = checkpoint.found
    if found > unit.seen or not all(unit.have[:found]):
        return False
    # A unit tells its last one every few seconds, of a thousand squares maybe: go on from there.
    first, before = unit.chained if unit.chained[0] <= found else (0, NOTHING)
    chained = digest(_sums(unit, found, first), before)
    if chained != checkpoint.digest:
        return False
    unit.chained = (found, chained)
    return True


def _follow(unit: _Unit, seq: int, value: str) -> None:
    """Note in which attempts a square is the next: what a liar throws in is in none."""
    if seq == 0:
        unit.streams = (*unit.streams[1 - _STREAMS :], _Stream())
    for stream in unit.streams:
        if len(stream.sums) == seq:
            stream.sums.append(value)
            stream.chained = digest([value], stream.chained)


def _overrule(unit: _Unit, end: DoneRecord) -> None:
    """Note what is held against an attempt that ends here, and is whole by itself."""
    for stream in unit.streams:
        if (len(stream.sums), stream.chained) == (end.count, end.digest):
            held = _sums(unit, min(end.count, len(unit.have)))
            unit.overruled = tuple(
                sum_
                for seq, (sum_, told) in enumerate(zip(held, stream.sums, strict=False))
                if unit.have[seq] and sum_ != told
            )


def _extent(unit: _Unit) -> int:
    """How many squares the unit is known to have given."""
    return max([unit.top, *(end.count for end in unit.ends)])


def _settle(unit: _Unit) -> None:
    """Note that a unit is whole: no square is missing, and the digest of an end agrees.

    One end is enough: with a time limit two attempts end after different counts, and an end that
    was altered on its way agrees with nothing.
    """
    if unit.collected is not None or not unit.ends or unit.seen < unit.top:
        return
    for end in unit.ends:
        if end.count <= unit.seen and digest(_sums(unit, end.count)) == end.digest:
            unit.collected = end
            return
