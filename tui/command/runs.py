"""`squarm runs`: the provisioning runs, and following one to its end, line by line."""

import asyncio
import shutil
import sys
import time

from base.text import clean_text
from fleet.ssh.credentials import Access, Credentials
from provision import inventory_file
from provision.runs.events import RunState
from provision.runs.folder import RunError
from provision.runs.logins import secrets_for
from provision.runs.runs import Runs
from provision.runs.view import CellState, Row, RunView
from tui.command.looking import refusals
from tui.command.speech import Progress, confirm, say


def list_runs() -> int:
    """Print the runs, newest first: 1 where there are none."""
    views = Runs().views()
    if not views:
        say("Nothing has been provisioned yet: squarm provision starts.")
        return 1
    print(f"{'RUN':<20} {'WHAT':<9} {'STATE':<12} {'DONE':>7} {'TOOK':>7}  WHY")
    for view in views:
        done = f"{sum(row.done for row in view.rows)}/{len(view.rows)}"
        took = _length((view.ended or time.time()) - view.started)
        what = f"{view.playbook}?" if view.check else view.playbook
        print(
            f"{view.id:<20} {what:<9} {view.state:<12} {done:>7} {took:>7}  {_why(view)}".rstrip()
        )
    return 0


async def follow(text: str) -> int:
    """Follow a run to its end: 0 where every machine is done."""
    with refusals():
        return await see_through(Runs(), text)


async def cancel(text: str, *, yes: bool) -> int:
    """End a run, and wait until it has ended."""
    runs = Runs()
    with refusals():
        view = runs.find(text)
        if view.over:
            say(f"The run {view.id} is {view.state}: there is nothing to cancel.")
            return 0
        if not confirm(f"Cancel the run {view.id}? What is half done stays so.", yes=yes):
            return 1
        runs.cancel(view.id)
        async for later in runs.follow(view.id):
            view = later
    print(f"{view.id} is {view.state}.")
    return 0


async def retry(text: str, access: Access) -> int:
    """Run once more for the machines that are not done."""
    runs = Runs()
    with refusals():
        view = runs.find(text)
        inventory = inventory_file.read(runs.request(view.id).inventory)
        if inventory is None:
            raise RunError(f"The inventory of the run {view.id} is gone: squarm provision anew.")
        credentials = Credentials(access, here=access.sudo_password)
        said = secrets_for(inventory.hosts, credentials)
        return await see_through(runs, await runs.again(view.id, said))


def log(text: str) -> int:
    """Print all that Ansible wrote in a run."""
    with refusals():
        view = Runs().find(text)
        try:
            with view.log.open("r", encoding="utf-8", errors="replace") as file:
                for line in file:
                    print(clean_text(line.rstrip("\n"), 2000))
        except OSError as error:
            raise RunError(f"{view.log} cannot be read ({error.strerror}).") from None
    return 0


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
    took = _length(view.ended - view.started)
    if view.check:
        print(f"{done} of {len(view.rows)} machines checked in {took}: nothing was changed.")
    else:
        print(f"{done} of {len(view.rows)} machines are in order after {took}.")
    if view.state is not RunState.DONE:
        say(f"squarm runs retry goes on with the others; squarm runs log {view.id} has it all.")
    return 0 if view.state is RunState.DONE else 1


def _ended(row: Row, view: RunView) -> bool:
    return view.over or row.state in (CellState.FAILED, CellState.UNREACHABLE)


def _tell(row: Row, view: RunView) -> None:
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
        parts.append(f"about {_length(view.remaining)} left")
    busy = [f"{row.name} {row.cell.step}" for row in view.rows if row.state is CellState.RUNNING]
    text = f"{', '.join(parts)}: {', '.join(busy) or 'starting'}"
    return text[: max(20, shutil.get_terminal_size().columns - 1)]


def _why(view: RunView) -> str:
    if view.message:
        return view.message
    bad = next((row for row in view.rows if row.state.bad), None)
    return f"{bad.name}: {bad.cell.message}" if bad else ""


def _length(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
