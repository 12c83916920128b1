"""`squarm jobs`: the jobs, newest first."""

import argparse
import json
import time
from pathlib import Path

from base.errors import StoreError
from results.store import Store, default_path
from swarm.engine import JobView
from tui.command.jobs.engine import chosen_engine
from tui.command.messages import say


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=jobs)


async def jobs(arguments: argparse.Namespace) -> int:
    """List the jobs."""
    async with chosen_engine(arguments) as engine:
        views = await engine.jobs()
        name = engine.name
    found = _found(arguments.results, views)
    if arguments.json:
        for view in views:
            print(json.dumps(_as_json(view, found[view.id]), separators=(",", ":")))
    elif views:
        print(f"{'JOB':<16} {'STATE':<12} {'ORDER':>5} {'FOUND':>17} {'UNITS':>9} {'AGE':>5}  WHY")
        for view in views:
            print(_line(view, found[view.id]).rstrip())
    else:
        say(f"There are no jobs on the {name} engine yet: squarm run 10 starts one.")
    return 0


def _found(path: Path | None, views: tuple[JobView, ...]) -> dict[str, int | None]:
    """How much of each job is kept; None where the results file cannot say."""
    path = path or default_path()
    if not path.exists():
        return {view.id: 0 for view in views}
    try:
        with Store.open(path, read_only=True) as store:
            return {view.id: store.found(view.id) for view in views}
    except StoreError as error:
        say(str(error))
        return {view.id: None for view in views}


def _as_json(view: JobView, found: int | None) -> dict[str, object]:
    return {
        "id": view.id,
        "state": str(view.state),
        "found": found,
        "units_done": view.units_done,
        "units": view.spec.units,
        "created": view.created,
        "why": view.why,
        "spec": json.loads(view.spec.to_json()),
    }


def _line(view: JobView, found: int | None) -> str:
    spec = view.spec
    kept = f"{'?' if found is None else format(found, ',')}/{spec.count:,}"
    units = f"{view.units_done}/{spec.units}"
    age = _age(time.time() - view.created)
    numbers = f"{spec.order:>5} {kept:>17} {units:>9} {age:>5}"
    return f"{view.id:<16} {view.state:<12} {numbers}  {view.why}"


def _age(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"
