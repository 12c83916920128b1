"""Following a provisioning run to its end, line by line."""

import asyncio
import shutil
import sys

from base.text import age_text
from provision.runs.events import RunState
from provision.runs.runs import Runs
from provision.runs.view import CellState, RunRow, RunView
from tui.command.messages import Progress, say


async def see_through(runs: Runs, run: str) -> int:
    """Follow a run, printing each machine's end; Ctrl-C leaves the run to itself."""
    view: RunView | None = None
    told: set[str] = set()
    try:
        with Progress() as progress:
            async for view in runs.follow(run):
                for row in view.rows:
                    if row.host not in told and _ended(row, view):
                        told.add(row.host)
                        progress.clear()
                        _tell(row, view)
                progress.show(_progress(view))
    except asyncio.CancelledError:
        say(
            f"The run goes on: squarm runs follow {run} shows it, squarm runs cancel {run} ends it."
        )
        raise
    if view is None:
        return 1
    if view.message:
        say(view.message)
    done = sum(row.done for row in view.rows)
    took = age_text(view.ended - view.started)
    if view.check:
        print(f"{done} of {len(view.rows)} machines checked in {took}: nothing was changed.")
    else:
        print(f"{done} of {len(view.rows)} machines are in order after {took}.")
    if view.state is not RunState.DONE:
        say(f"squarm runs retry goes on with the others; squarm runs log {view.id} has it all.")
    return 0 if view.state is RunState.DONE else 1


def _ended(row: RunRow, view: RunView) -> bool:
    return view.over or row.state in (CellState.FAILED, CellState.UNREACHABLE)


def _tell(row: RunRow, view: RunView) -> None:
    """One machine's end; a failure on standard error."""
    cell = row.cell
    if row.state.bad:
        task = f" ({cell.task})" if cell.task else ""
        say(f"{row.name}: {cell.step} {row.state}{task}: {cell.message or 'no reason given.'}")
    elif row.state is CellState.SKIPPED:
        say(f"{row.name}: nothing was done.")
    else:
        changes = [change for cell in row.cells for change in cell.changes]
        print(f"{row.name}: {len(changes)} changes{' to make' if view.check else ''}.")
        if view.check:
            for each in row.cells:
                for change in each.changes:
                    print(f"    {each.step}: {change}")
    sys.stdout.flush()


def _progress(view: RunView) -> str:
    parts = [f"{view.share:.0%}"]
    if view.remaining is not None:
        parts.append(f"about {age_text(view.remaining)} left")
    busy = [f"{row.name} {row.cell.step}" for row in view.rows if row.state is CellState.RUNNING]
    text = f"{', '.join(parts)}: {', '.join(busy) or 'starting'}"
    return text[: max(20, shutil.get_terminal_size().columns - 1)]
