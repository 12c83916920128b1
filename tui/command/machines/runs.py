"""`squarm runs`: what was provisioned, and following it to its end."""

import argparse
import time

from base.text import age_text, clean_text
from fleet.ssh.credentials import Credentials
from fleet.watch_list import heard_since
from operations import provisioning
from operations.kinds import Kind
from provision.runs.folder import RunError
from provision.runs.runs import Runs
from provision.runs.view import RunView
from tui.command.front_end import admit, perform
from tui.command.machines.follow_run import see_through
from tui.command.machines.login_options import add_login, read_access
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser, subverbs


def add(parser: Parser) -> None:
    """Define what can be done about runs."""
    parser.set_defaults(run=list_runs)
    action = subverbs(parser, "what to do about runs", required=False)
    parser.add_examples(
        ("squarm runs", "the newest first"),
        ("squarm runs list", "with the ids that the others take"),
        ("squarm runs follow", "the newest, to its end"),
        ("squarm runs log | tail", "the last that Ansible wrote"),
        ("squarm runs cancel", "end the one under way"),
        ("squarm runs retry", "those machines again that are not done"),
    )
    action("list", "list the runs, newest first", list_runs)
    _add_run(action("follow", "follow a run to its end", follow))
    _add_run(action("log", "print all that Ansible wrote in a run", log))
    ending = action("cancel", "end a run", cancel)
    _add_run(ending)
    add_yes(ending)
    again = action("retry", "run once more for the machines that are not done", retry)
    _add_run(again)
    add_login(again)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="RUN", nargs="?", default="", help="its id (default: the newest)"
    )


def list_runs(_arguments: argparse.Namespace) -> int:
    """Print the runs, newest first."""
    views = Runs().views()
    if not views:
        say("Nothing has been provisioned yet: squarm provision starts.")
        return 0
    print(f"{'RUN':<20} {'WHAT':<9} {'STATE':<12} {'DONE':>7} {'TOOK':>7}  WHY")
    for view in views:
        done = f"{sum(row.done for row in view.rows)}/{len(view.rows)}"
        took = age_text((view.ended or time.time()) - view.started)
        what = f"{view.playbook}?" if view.check else view.playbook
        print(
            f"{view.id:<20} {what:<9} {view.state:<12} {done:>7} {took:>7}  {_why(view)}".rstrip()
        )
    return 0


async def follow(arguments: argparse.Namespace) -> int:
    """Follow a run to its end: 0 where every machine is done."""
    return await see_through(Runs(), arguments.name)


async def cancel(arguments: argparse.Namespace) -> int:
    """End a run, and wait until it has ended."""
    admit(arguments, Kind.CANCEL_RUN)
    runs = Runs()
    view = runs.find(arguments.name)
    done = await perform(arguments, provisioning.cancel_run(runs, view))
    if done is None:
        return 1
    say(done.sentence)
    async for later in runs.follow(view.id):
        view = later
    print(f"{view.id} is {view.state}.")
    return 0


async def retry(arguments: argparse.Namespace) -> int:
    """Run once more for the machines that are not done."""
    admit(arguments, Kind.RETRY_RUN)
    runs = Runs()
    view = runs.find(arguments.name)
    access = read_access(arguments)
    credentials = Credentials(access, here=access.sudo_password)
    today = heard_since(view.started)
    done = await perform(arguments, provisioning.retry_run(runs, view, credentials, today))
    if done is None:
        return 1
    say(done.sentence)
    return await see_through(runs, done.value)


def log(arguments: argparse.Namespace) -> int:
    """Print all that Ansible wrote in a run."""
    view = Runs().find(arguments.name)
    try:
        with view.log.open("r", encoding="utf-8", errors="replace") as file:
            for line in file:
                print(clean_text(line.rstrip("\n"), 2000))
    except OSError as error:
        raise RunError(f"{view.log} cannot be read ({error.strerror}).") from None
    return 0


def _why(view: RunView) -> str:
    if view.message:
        return view.message
    bad = next((row for row in view.rows if row.state.bad), None)
    return f"{bad.name}: {bad.cell.message}" if bad else ""
