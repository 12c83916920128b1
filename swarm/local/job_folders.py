"""The folders of all local jobs: made so that a power cut spoils none, read, and swept."""

import json
import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from base.errors import MALFORMED, EngineError
from base.safe_file import replace, sync_folder
from base.text import clean_text
from base.times import bounded_time
from solver.question import SQUARES_LIMIT, Question, QuestionError
from swarm.job import JobSpec, SpecError, new_job_id
from swarm.local.job_folder import UNIT_FILE, JobFolder, Lock, is_locked, problem

_SPEC_LIMIT = SQUARES_LIMIT + 16 * 1024
"""A job's squares, and all else that is asked for."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ORDER = re.compile(r"mols([1-9][0-9]{0,2})-")
_HALF_DONE = (".new-*", ".gone-*")
_DEAD = 3600.0
"""Seconds after which a folder half made or half deleted, that nobody holds, is left over."""


def create(root: Path, spec: JobSpec) -> tuple[JobFolder, Lock]:
    """A new job's folder below `root` and its lock: seen by others all at once, and held.

    It is on the disk when this returns. Raises EngineError.
    """
    with problem(root):
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(root)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        created = time.time()
        with problem(root):
            _write(made, spec, created)
            lock = JobFolder(made, spec, created).take()
            path = made.rename(root / new_job_id(spec))
            sync_folder(root)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    if lock is None:
        raise EngineError(f"Files in {root} cannot be locked: is it on a network disk?")
    return JobFolder(path, spec, created), lock


def read(path: Path) -> JobFolder | None:
    """The job in a folder; None where there is none, or it cannot be understood."""
    if not _NAME.fullmatch(path.name):
        return None
    try:
        asked = _asked(path)
    except OSError:
        return None
    return JobFolder(path, *asked) if asked else None


def spoilt(path: Path) -> str:
    """Why a folder in which units have run cannot be read as a job; '' for any other folder."""
    if not _NAME.fullmatch(path.name):
        return ""
    try:
        begun = any(UNIT_FILE.fullmatch(file.name) for file in path.iterdir())
        found = _asked(path) if begun else None
    except NotADirectoryError:
        return ""
    except FileNotFoundError:
        begun, found = path.exists(), None
    except OSError as error:
        where = clean_text(str(error.filename or path / "spec.json"), 400)
        return f"{where} cannot be read ({error.strerror}): make it readable."
    if not begun or found:
        return ""
    where = clean_text(str(path), 400)
    return (
        f"what was asked for cannot be read from {where}/spec.json any more: "
        f"cat {where}/unit-*.log | squarm verify - tells what was found; delete the folder when "
        "you are done with it."
    )


def stand_in(path: Path) -> JobFolder:
    """A spoilt job for the list of jobs: of what was asked for only its id tells the order."""
    order = _ORDER.match(path.name)
    question = Question()
    with suppress(QuestionError):
        question = Question(int(order[1])) if order else question
    created = 0.0
    with suppress(OSError):
        created = path.stat().st_mtime
    return JobFolder(path, JobSpec(question, count=1), created)


def _write(folder: Path, spec: JobSpec, created: float) -> None:
    body = {"created": created, "spec": json.loads(spec.to_json())}
    replace(folder / "spec.json", json.dumps(body) + "\n")
    if _asked(folder) != (spec, created):
        raise EngineError("This job is larger than what can be read back: ask for less.")


def _asked(path: Path) -> tuple[JobSpec, float] | None:
    """What was asked for, and when; None where that cannot be understood. Raises OSError."""
    file = path / "spec.json"
    if not file.is_file() or file.stat().st_size > _SPEC_LIMIT:
        return None
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        spec = JobSpec.from_json(json.dumps(body["spec"]))
        created = bounded_time(float(body["created"]))
    except (SpecError, *MALFORMED):
        return None
    return spec, file.stat().st_mtime if created is None else created


def _sweep(root: Path) -> None:
    """Deletes what processes left that died while they made or deleted a job."""
    for left in (path for pattern in _HALF_DONE for path in root.glob(pattern)):
        with suppress(OSError):
            old = time.time() - left.stat().st_mtime > _DEAD
            if old and not any(map(is_locked, (left / "lock", *left.glob("*/lock")))):
                shutil.rmtree(left)
