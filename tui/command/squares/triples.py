"""`squarm results --triples`: the leaderboard of the hunt for three squares of order 10."""

import time

from results.store import Store
from results.triples import board


def triples(store: Store, limit: int) -> bool:
    """Print the `limit` best beside what has been published; False where there is none of ours."""
    ours = store.triples(limit)
    for place, row in enumerate(board(ours), 1):
        where = "published"
        if row.result is not None:
            day = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.result.found_at))
            where = f"{row.result.job} on {row.result.node}, {day}"
        print(f"{place:3}  {row.text:16}  {row.finder}: {where}")
    return bool(ours)
