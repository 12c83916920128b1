"""`squarm jobs`: the jobs, newest first."""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

from base.errors import StoreError
from base.text import age_text
from results.endings import ending
from results.proving import changed_since
from results.reports import as_kept
from results.store import Store, default_path
from swarm.engine import JobState, JobView
from tui.command.jobs.engine import add_job, chosen_engine
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser, subverbs


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--ids", action="store_true", help="their ids alone")
    parser.set_defaults(run=jobs)
    action = subverbs(parser, "one job", required=False)
    checking = action("check", "prove that a job is complete, or fill what is missing", check)
    add_job(checking)
    add_yes(checking)
    parser.add_examples(
        ("squarm jobs", "what runs, what ended, and why"),
        ("squarm jobs --json --engine swarm", "of the swarm, for a program"),
        ("squarm jobs check mols10-3f", "is all of it kept? each unit, by numbers and digest"),
    )


async def jobs(arguments: argparse.Namespace) -> int:
    """List the jobs."""
    async with chosen_engine(arguments) as engine:
        views = await engine.jobs()
        name = engine.name
    if arguments.ids:
        for view in views:
            print(view.id)
        return 0
    kept = _kept(arguments.results, views)
    views = tuple(as_kept(view, whole=kept[view.id].whole) for view in views)
    if arguments.json:
        for view in views:
            print(json.dumps(_as_json(view, kept[view.id]), separators=(",", ":")))
    elif views:
        print(f"{'JOB':<16} {'STATE':<12} {'ORDER':>5} {'FOUND':>17} {'UNITS':>9} {'AGE':>5}  WHY")
        for view in views:
            print(_line(view, kept[view.id]).rstrip())
    else:
        say(f"There are no jobs on the {name} engine yet: squarm run 10 starts one.")
    return 0


async def check(arguments: argparse.Namespace) -> int:
    """Print whether a job is proved complete, after reading again what is missing of it."""
    from tui.command.jobs.check_job import check_job

    return await check_job(arguments)


class _Kept(NamedTuple):
    """How much of a job is kept, None where the results file cannot say; why there is no more.

    `parts`: of a job that counts mates, those of its square that are counted. `whole`: each of its
    units is kept to its end.
    """

    found: int | None
    why: str
    parts: int = 0
    whole: bool = False


def _kept(path: Path | None, views: tuple[JobView, ...]) -> dict[str, _Kept]:
    path = path or default_path()
    if not path.exists():
        return {view.id: _Kept(0, view.why) for view in views}
    try:
        with Store.open(path, read_only=True) as store:
            return {view.id: _kept_of(store, view) for view in views}
    except StoreError as error:
        say(str(error))
        return {view.id: _Kept(None, view.why) for view in views}


def _kept_of(store: Store, view: JobView) -> _Kept:
    whole = len(store.finished_units(view.id)) == view.spec.units
    view = as_kept(view, whole=whole)
    if not view.spec.question.count_mates:
        found = store.found(view.id)
        return _Kept(found, _why(store, view, found), whole=whole)
    parts, mates = store.mates_counted(view.id)
    return _Kept(mates, _why(store, view, mates, parts), parts, whole)


def _why(store: Store, view: JobView, found: int, parts: int = 0) -> str:
    """What holds it up; of a complete one why it found less than was wanted, if it did."""
    if view.state is JobState.INTERRUPTED and not view.why:
        return f"stopped before its end: squarm resume {view.id} goes on with it."
    if parts and view.state.live and not view.why:
        return f"{parts / view.spec.count:.1%} of it is counted."
    if view.why or view.state is not JobState.COMPLETE:
        return view.why
    if proof := store.proof(view.id):
        # Imported late: few jobs end with a proof.
        from results.ledger import verdict

        return verdict(proof)
    if changed := changed_since(store, view.id, view.spec):
        return changed
    ends = tuple(store.finished_units(view.id).values())
    left = view.spec.units - len(ends)
    if left:
        return f"{left} of its units are not read to their end: squarm resume {view.id} reads them."
    return ending(view.spec, found, ends, parts)


def _as_json(view: JobView, kept: _Kept) -> dict[str, object]:
    counted = {"parts": kept.parts} if view.spec.question.count_mates else {}
    return {
        "id": view.id,
        "state": str(view.state),
        "found": kept.found,
        **counted,
        "units_done": view.units_done,
        "units": view.spec.units,
        "created": view.created,
        "why": kept.why,
        "spec": json.loads(view.spec.to_json()),
    }


def _line(view: JobView, kept: _Kept) -> str:
    spec = view.spec
    found = "?" if kept.found is None else f"{kept.found:,}"
    found += "" if spec.question.count_mates else f"/{spec.count:,}"
    units = f"{view.units_done}/{spec.units}"
    age = age_text(time.time() - view.created)
    numbers = f"{spec.order:>5} {found:>17} {units:>9} {age:>5}"
    return f"{view.id:<16} {view.state:<12} {numbers}  {kept.why}"
