"""Whether a results file is what it claims to be: the file itself, and all that is in it."""

from collections.abc import Iterator

from results.result import Result, Unreadable
from results.store.store import Store
from solver.records import FindRecord, SquareRecord, TripleRecord
from solver.verify import flaw_of

_PAGE = 500


def flaws(store: Store) -> Iterator[str | int]:
    """One sentence for each thing wrong, and now and then how many results have been verified.

    The file's own structure, every set of squares, the numbers that are shown of them. Raises
    StoreError where not even that can be read.
    """
    yield from store.damage()
    yield from store.miscounted()
    after = checked = 0
    while page := store.everything(_PAGE, after):
        for result in page:
            if isinstance(result, Unreadable):
                yield f"result {result.id}, of {result.job}: it cannot be read any more."
            elif wrong := _flaw(store, result):
                yield f"result {result.id}, of {result.job}: {wrong}"
        after = page[-1].id
        checked += len(page)
        yield checked


def _flaw(store: Store, result: Result) -> str:
    place = (result.unit, result.seq, result.order, result.squares)
    record: FindRecord
    if result.covered is None:
        record = SquareRecord(*place, result.source, 0, 0)
    else:
        record = TripleRecord(*place, result.covered, result.source, 0)
    if wrong := flaw_of(record):
        return wrong
    known = store.knows(result.squares)
    return "" if known else "its squares are not those that were kept under its digest."
