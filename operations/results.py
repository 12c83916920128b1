"""What is kept: added to from a file, put back from a copy."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from base.text import count_text
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Step, Tell
from results.copies.importing import Import
from results.copies.restoring import flaws_in, put_back
from results.store import Store
from solver.formats.items import Item


def bring_in(
    store: Store, name: str, items: Iterator[Item], refuse: Callable[[str], None]
) -> Operation[int]:
    """Keep the squares read from a file that are what they claim; gives how many are not.

    `refuse` is told one sentence for each of these, in a thread.
    """

    async def work(tell: Tell) -> Done[int]:
        taking = Import(store, items, refuse)
        while await asyncio.to_thread(taking.step):
            tell(Step(f"{taking.kept:,} kept, {taking.known:,} known, {taking.refused:,} refused"))
        sentence = f"Imported {count_text(taking.kept, 'set')} from {name}"
        known = f"; {count_text(taking.known, 'was', 'were')} kept already"
        refused = f", {count_text(taking.refused, 'was', 'were')} refused" if taking.refused else ""
        return Done(f"{sentence}{known}{refused}.", taking.refused)

    return Operation(kind=Kind.IMPORT_RESULTS, target=name, caution=None, keep=None, work=work)


def restore(
    path: Path, copy: Path, verified: Callable[[int], None] | None = None
) -> Operation[Path | None]:
    """Put a copy in the place of the results file, which is kept beside it; gives its new name.

    Every square of the copy is verified first: `verified` is told how many. Raises StoreError
    where it is no copy.
    """
    wrong = flaws_in(copy, path, verified)
    things = "1 thing is" if wrong == 1 else f"{wrong:,} things are"
    flawed = f"{things} wrong in {copy} (squarm results check --results {copy} says what)."
    caution = Caution(
        f"Restore {path} from {copy}?",
        (f"{flawed} " if wrong else "")
        + "What was found since the copy was made is then only in the file as it is now, which is "
        "kept under another name. Jobs that are still listed are collected again.",
        agree="Restore",
        decline="Leave it",
    )

    async def work(_tell: Tell) -> Done[Path | None]:
        aside = await asyncio.to_thread(put_back, copy, path)
        was = f" What was there is {aside} now." if aside else ""
        return Done(f"Restored {path} from {copy}.{was}{f' {flawed}' if wrong else ''}", aside)

    return Operation(
        kind=Kind.RESTORE_RESULTS, target=str(path), caution=caution, keep=None, work=work
    )
