"""The daemon as a service of systemd, seen by root: whether a version of it comes up."""

import os
import pwd
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base.text import clean_text, shorten
from serve.upgrade.release import UpgradeError

PATIENCE = 180.0
"""Seconds in which it must be up."""
STEADY = 10.0
"""Seconds for which it must be the same process, and well."""
_EACH = 2.0
_RESTARTS = 3
_NOT_RUNNING = 2
"""What `squarm serve --check` ends with where none runs, or it hangs."""


@dataclass(frozen=True, slots=True)
class Look:
    """The service at a moment: its process, how often systemd began it anew, its own exit status.

    The status is that of `squarm serve --check`: 0 well, 1 not well, 2 it hangs or does not run.
    """

    at: float
    process: int
    restarts: int
    status: int


def is_up(looks: Sequence[Look], before: int) -> bool:
    """Whether it is as well as it was `before`, and has been for long enough."""
    worst = before if before < _NOT_RUNNING else 1
    since = None
    for look in reversed(looks):
        if look.status > worst or not look.process or look.process != looks[-1].process:
            break
        since = look.at
    return since is not None and looks[-1].at - since >= STEADY


def keeps_ending(looks: Sequence[Look]) -> bool:
    """Whether there is no use in waiting for it any more."""
    return bool(looks) and looks[-1].restarts >= _RESTARTS


class SquarmService:
    """`squarm@USER`; its methods may raise OSError or UpgradeError."""

    def __init__(self, account: pwd.struct_passwd, squarm: Path) -> None:
        self._account = account
        self._unit = f"squarm@{account.pw_name}.service"
        self._squarm = squarm

    @property
    def runs(self) -> bool:
        """Whether systemd runs it, or is about to."""
        return self._show("ActiveState") not in ("inactive", "failed", "")

    def health(self) -> tuple[int, str]:
        """The exit status of `squarm serve --check`, and the last that it said."""
        try:
            done = _told(self._squarm, "serve", "--check", account=self._account)
        except subprocess.TimeoutExpired:
            return _NOT_RUNNING, "squarm serve --check does not answer."
        except OSError as error:
            return _NOT_RUNNING, f"{self._squarm} cannot be run ({error.strerror})."
        said = (done.stderr or done.stdout).strip().splitlines()
        return done.returncode, clean_text(said[-1]).removeprefix("squarm: ") if said else ""

    def restart(self) -> None:
        """Begin it anew, by what the link leads to now."""
        _told("systemctl", "reset-failed", self._unit)
        done = _told("systemctl", "restart", "--no-block", self._unit)
        if done.returncode != 0:
            raise UpgradeError(f"systemd does not restart it: {clean_text(done.stderr.strip())}")

    def wait_until_up(self, before: int) -> str:
        """'' once it is as well as it was before, else why it is not."""
        looks: list[Look] = []
        deadline = time.monotonic() + PATIENCE
        while True:
            status, said = self.health()
            process, restarts = (int(self._show(name) or 0) for name in ("MainPID", "NRestarts"))
            looks.append(Look(time.monotonic(), process, restarts, status))
            if is_up(looks, before):
                return ""
            if keeps_ending(looks):
                return f"It ends again and again ({(self._last_words() or said).rstrip('.')})."
            if looks[-1].at > deadline:
                return f"It is not well after {PATIENCE / 60:.0f} minutes ({said.rstrip('.')})."
            time.sleep(_EACH)

    def _last_words(self) -> str:
        """The last line that the program itself has written."""
        done = _told(
            "journalctl", "--unit", self._unit, "--identifier", "squarm", "--lines", "1",
            "--output", "cat", "--no-pager",
        )  # fmt: skip
        return shorten(clean_text(done.stdout.strip()), 300)

    def _show(self, name: str) -> str:
        return _told("systemctl", "show", "-P", name, self._unit).stdout.strip()


def _told(
    *command: str | Path, account: pwd.struct_passwd | None = None
) -> "subprocess.CompletedProcess[str]":
    """What a command says; with an `account` it is run by that."""
    mine = account or pwd.getpwuid(0)
    who: dict[str, Any] = {}
    if account is not None:
        groups = os.getgrouplist(account.pw_name, account.pw_gid)
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}
    return subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={"HOME": mine.pw_dir, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        # A Pi that swaps takes its time to start Python.
        timeout=120,
        **who,
    )
