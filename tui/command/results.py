"""`squarm results`: the squares kept, newest first."""

import sys
from pathlib import Path

from base.errors import UsageError
from results.store import Store, default_path
from swarm.job import parse_order, parse_whole
from tui.command.formats import writer
from tui.command.speech import say
from tui.command.triples import triples as board

_PAGE = 200


def results(
    path: Path | None,
    order: str | None,
    job: str | None,
    limit: str,
    style: str,
    *,
    distinct: bool,
    triples: bool,
) -> int:
    """Print up to `limit` results; 1 where there are none.

    One of each class where `distinct`; with `triples` their leaderboard.
    """
    size = None if order is None else parse_order(order)
    left = parse_whole("limit", limit)
    if left < 1:
        raise UsageError(f"Limit must be 1 or more: {left} is not.")
    path = path or default_path()
    if not path.exists():
        say(f"There are no results in {path} yet: squarm run 10 finds some.")
        return 1
    if triples:
        return _triples(path, left, style)
    form = writer(style)
    before: int | None = None
    with Store.open(path, read_only=True) as store:
        while page := store.results(size, job, min(left, _PAGE), before, distinct=distinct):
            for result in page:
                sys.stdout.write(form.result(result))
            before = page[-1].id
            left -= len(page)
            if left <= 0:
                break
    if before is None:
        say(f"There are no such results in {path}.")
        return 1
    return 0


def _triples(path: Path, limit: int, style: str) -> int:
    with Store.open(path, read_only=True) as store:
        if not style:
            found = board(store, limit)
        else:
            form = writer(style)
            best = store.triples(limit)
            for result in best:
                sys.stdout.write(form.result(result))
            found = bool(best)
    if not found:
        say(f"There are no triples in {path} yet: squarm run --triple hunts for some.")
    return 0 if found else 1
