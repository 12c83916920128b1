"""A copy put in the place of the results file, once it is seen to be one, and what is in it."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from base.database import held_by_another, led_to
from base.errors import StoreError
from base.safe_file import sync_folder
from base.text import clean_text
from results.copies.backup import copy_whole, forget
from results.store import Store
from results.store.check import flaws
from results.store.file import RESULTS_FILE


def flaws_in(copy: Path, path: Path, verified: Callable[[int], None] | None = None) -> int:
    """How much is wrong in a copy that is to be put in the place of `path`, whose disk it needs.

    `verified` is told now and then how many results have been. Raises StoreError where it is not
    whole, or no results file.
    """
    wrong = 0
    with _fresh(copy, led_to(path)) as fresh, Store.open(fresh, read_only=True) as store:
        for told in flaws(store):
            if isinstance(told, str):
                wrong += 1
            elif verified is not None:
                verified(told)
    return wrong


def put_back(copy: Path, path: Path) -> Path | None:
    """Put a copy in the place of the results file; where that is now, None where there was none.

    Raises StoreError where the copy is not whole, or another squarm uses the file.
    """
    # A results file on another disk, to which a link leads, stays on that.
    path = led_to(path)
    with _fresh(copy, path) as fresh:
        aside = _set_aside(path)
        fresh.replace(path)
        sync_folder(path.parent)
    return aside


@contextmanager
def _fresh(copy: Path, path: Path) -> Iterator[Path]:
    """A copy of the copy beside the results file, as squarm makes them; gone at the end."""
    if not copy.exists():
        raise StoreError(f"There is no copy {copy}: squarm results restore says which there are.")
    fresh = path.with_name(f".{path.name}.restored")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget(fresh)
        try:
            copy_whole(copy, fresh)
            _refuse_what_is_not_ours(fresh, copy)
            yield fresh
        finally:
            forget(fresh)
    except OSError as error:
        raise StoreError(f"{path} cannot be restored: {error.strerror}.") from None


def _refuse_what_is_not_ours(fresh: Path, copy: Path) -> None:
    """A trigger, a table or an index more, or less, would decide what is kept from now on."""
    with RESULTS_FILE.sentences(copy), closing(sqlite3.connect(fresh)) as database:
        if strange := RESULTS_FILE.differences(database):
            names = ", ".join(clean_text(name, 60) for name in strange[:3])
            raise StoreError(
                f"{copy} is not as squarm makes its {RESULTS_FILE.name} ({names}): take another "
                "copy."
            )
        # As a file that squarm makes: who reads does not wait for who writes.
        database.execute("PRAGMA journal_mode = WAL")


def _set_aside(path: Path) -> Path | None:
    if not path.exists():
        return None
    stem = time.strftime(f"{path.stem}-until-%Y-%m-%d-%H%M%S")
    names = (f"{stem}{more}{path.suffix}" for more in ("", *(f"-{n}" for n in range(2, 99))))
    aside = next(free for name in names if not (free := path.with_name(name)).exists())
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as database:
        try:
            # Folds the write-ahead log into the file; whoever has it open too is in the way.
            database.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if not held_by_another(error):
                # Damaged, or on a failing disk: that is what copies are for.
                raise
            raise StoreError(
                f"{path} is in use: close the console, and stop squarm serve, first."
            ) from None
    try:
        # Under two names for a moment: whoever is killed here leaves the one or the other file.
        aside.hardlink_to(path)
    except OSError:
        # There are file systems without.
        path.rename(aside)
    for kind in ("wal", "shm"):
        # Only a damaged file has left one: it belongs to that, and to no other.
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}-{kind}").rename(aside.with_name(f"{aside.name}-{kind}"))
    return aside
