"""Records that came in parts, for being longer than a line may be, put together again."""

from solver.record_reader import BadRecord, decode
from solver.records import FindRecord, PartRecord, SquareRecord, TripleRecord

_WAITING = 256
_WAITING_SIZE = 8 * 1024 * 1024
"""Records whose parts are waited for at a time, and characters of these: beyond either the oldest
are given up, and read again later. The largest record has a tenth of that.
"""


class Parts:
    """Puts records together again whose parts come in any order, again, or never."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, int], dict[int, str]] = {}
        self._size = 0

    def add(self, part: PartRecord) -> FindRecord | None:
        """The record that this was the last missing part of; raises BadRecord where it is none."""
        key = (part.unit, part.seq)
        texts = self._waiting.setdefault(key, {})
        self._size += len(part.text) - len(texts.get(part.part, ""))
        texts[part.part] = part.text
        if len(texts) < part.of:
            while len(self._waiting) > _WAITING or self._size > _WAITING_SIZE:
                self._forget(next(iter(self._waiting)))
            return None
        self._forget(key)
        record = decode("".join(text for _, text in sorted(texts.items())))
        if isinstance(record, SquareRecord | TripleRecord) and key == (record.unit, record.seq):
            return record
        raise BadRecord(f"the parts of square {part.seq} of unit {part.unit} make no record")

    def _forget(self, key: tuple[int, int]) -> None:
        self._size -= sum(map(len, self._waiting.pop(key).values()))
