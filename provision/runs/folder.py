"""Where provisioning runs are kept: a folder each, from which any console can follow a run.

    request.json    what was asked for; nothing secret
    events.jsonl    what happened, as it happens (provision.runs.events)
    log.txt         all that Ansible wrote
    problem.txt     what the run's own process had to complain about
    cancel          made by whoever wants it to end, with his name in it

One run is under way at a time: its process holds a lock that goes with it, however it ends.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from base import paths, regular_file
from base.errors import MALFORMED, ProvisionError
from base.safe_file import replace
from provision.runs.view import STEPS, Beginning

KEPT = 30
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_TIME = "%Y%m%d-%H%M%S"
_LIVE = "live"

Setting = str | int | bool | list[str]
"""The value of an Ansible variable."""


class RunError(ProvisionError):
    """A run that cannot be started, found or followed: one sentence, with the way out."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is to be run: a playbook of `STEPS`, on these `hosts` (alias: name) of an inventory.

    `settings`: Ansible variables, nothing secret. `who` asked for it. `playbooks`: their folder,
    None for squarm's own.
    """

    playbook: str
    inventory: Path
    hosts: Mapping[str, str]
    check: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)
    who: str = ""
    audit: Path | None = None
    playbooks: Path | None = None


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder."""

    path: Path

    @classmethod
    def make(cls, parent: Path, request: RunRequest) -> Self:
        """A new run's folder; raises RunError."""
        made = cls(parent / f"{_stamp(parent)}-{secrets.token_hex(2)}")
        body = {**asdict(request), "started": time.time()}
        try:
            made.path.mkdir(parents=True, mode=0o700)
            replace(made.request, json.dumps(body, indent=1, default=str) + "\n")
            made.events.touch(0o600)
        except OSError as error:
            raise RunError(f"{made.path} cannot be made ({error.strerror}): make room.") from None
        return made

    @property
    def id(self) -> str:
        """The run's id, by which runs sort in time."""
        return self.path.name

    @property
    def request(self) -> Path:
        """What was asked for."""
        return self.path / "request.json"

    @property
    def events(self) -> Path:
        """What happened."""
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """All that Ansible wrote."""
        return self.path / "log.txt"

    @property
    def problem(self) -> Path:
        """What the process itself complained about."""
        return self.path / "problem.txt"

    @property
    def cancel(self) -> Path:
        """There once the run is to end."""
        return self.path / "cancel"

    def read(self) -> tuple[RunRequest, Beginning]:
        """What was asked for, and the run before anything has happened; raises RunError."""
        try:
            body = json.loads(regular_file.read_text(self.request))
            request = RunRequest(
                playbook=str(body["playbook"]),
                inventory=Path(body["inventory"]),
                hosts={str(alias): str(name) for alias, name in body["hosts"].items()},
                check=body["check"] is True,
                settings=dict(body["settings"]),
                who=str(body["who"]),
                audit=Path(body["audit"]) if body["audit"] else None,
                playbooks=Path(body["playbooks"]) if body["playbooks"] else None,
            )
            started = float(body["started"])
        except (OSError, *MALFORMED):
            raise RunError(f"The run {self.id} cannot be read: its folder is damaged.") from None
        if request.playbook not in STEPS:
            raise RunError(f"The run {self.id} is of another version of squarm.")
        beginning = Beginning(
            self.id, request.playbook, request.check, started, request.hosts, self.log
        )
        return request, beginning


def default_path() -> Path:
    """Where runs are kept (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "runs"


def _stamp(parent: Path) -> str:
    """The time, or what comes after the newest run's: a Pi's clock may have been set back."""
    now = time.strftime(_TIME, time.localtime())
    newest = next((each.id[:15] for each in folders(parent)), "")
    if now > newest:
        return now
    with suppress(ValueError, OverflowError):
        last = datetime.strptime(newest, _TIME).replace(tzinfo=UTC)
        return f"{last + timedelta(seconds=1):{_TIME}}"
    return newest


def folders(parent: Path) -> list[RunFolder]:
    """The runs' folders, newest first."""
    with suppress(OSError):
        found = [path for path in parent.iterdir() if _ID.fullmatch(path.name)]
        return [RunFolder(path) for path in sorted(found, reverse=True)]
    return []


def prune(parent: Path) -> None:
    """Drop the oldest runs."""
    for old in folders(parent)[KEPT:]:
        shutil.rmtree(old.path, ignore_errors=True)


@contextmanager
def under_way(folder: RunFolder) -> Iterator[int | None]:
    """For a run's process, as long as it runs: the lock's descriptor, None under another run.

    Whoever inherits it holds the lock, too.
    """
    descriptor = os.open(folder.path.parent / _LIVE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, folder.id.encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def live(parent: Path) -> str:
    """The id of the run that is under way, '' for none."""
    try:
        descriptor = os.open(parent / _LIVE, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, 64, 0).decode("ascii", "replace")
    finally:
        os.close(descriptor)
    return ""
