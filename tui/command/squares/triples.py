"""`squarm results --triples`: the leaderboard of the hunt for three squares of order 10."""

import time
from collections.abc import Sequence

from results.result import Result
from results.triples import board


def print_board(ours: Sequence[Result]) -> None:
    """Print our best, of each class one, beside what has been published."""
    print(f"{'':3}  {'PAIRS':16}  {'GROUP':>5}  {'TIMES':>5}  FOUND BY")
    for place, row in enumerate(board(ours), 1):
        where = "published"
        if row.result is not None:
            day = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.result.found_at))
            where = f"{row.result.job} on {row.result.node}, {day}"
        counts = f"{row.group or '':>5}  {row.times or '':>5}"
        print(f"{place:3}  {row.text:16}  {counts}  {row.finder}: {where}")
