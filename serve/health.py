"""How the daemon is: written to a small file each few seconds, read by `squarm serve --check`."""

import json
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from base import paths, regular_file
from base.errors import MALFORMED, ChatError
from base.text import age_text, clean_text

FRESH = 30.0
"""Seconds after which a daemon that has written nothing counts as hung."""
_SYSTEM = Path("/run/squarm")


@dataclass(frozen=True, slots=True)
class Health:
    """The daemon at one moment; `problems` are sentences, none where all is well.

    `unit`: the one of systemd that it is, '' where a person has begun it; `version`: of squarm.
    """

    pid: int
    taken: float
    engine: str
    jobs: int
    kept: int
    slack: str
    waiting: int
    failed: int
    problems: tuple[str, ...]
    unit: str = ""
    version: str = ""

    @property
    def words(self) -> str:
        """One line."""
        return f"{self._engine}, {self._results}, {self._settings}"

    @property
    def parts(self) -> dict[str, str]:
        """How each part is."""
        return {
            "settings": self._settings,
            "results": self._results,
            "engine": self._engine,
            "unit": f"{self.unit or 'none'}, process {self.pid}, squarm {self.version}",
        }

    @property
    def _settings(self) -> str:
        line = f"Slack {self.slack}"
        if self.waiting or self.failed:
            line += f", outbox {self.waiting} waiting and {self.failed} failed"
        return line

    @property
    def _results(self) -> str:
        return f"{self.kept:,} squares kept"

    @property
    def _engine(self) -> str:
        return f"{self.engine}, {self.jobs} jobs running" if self.engine else "no engine"


def path() -> Path:
    """Where the daemon writes."""
    return paths.runtime() / "health.json"


def write(health: Health) -> None:
    """Replace what was written before, whole or not at all."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(health)), encoding="utf-8")
    partial.rename(file)


def forget() -> None:
    """The daemon has ended in good order."""
    path().unlink(missing_ok=True)


def read() -> Health:
    """What the daemon wrote; raises ChatError where none runs, or it hangs."""
    files = [file for file in (path(), _SYSTEM / "health.json") if file.exists()]
    told = [_told(file) for file in files]
    # One that was killed has left its file.
    health = next((one for one in told if Path(f"/proc/{one.pid}").exists()), None)
    if health is None:
        ended = f" any more: its process {told[0].pid} is gone" if told else " here"
        raise ChatError(
            f"squarm serve does not run{ended}: start it (systemctl start squarm@USER)."
        )
    silent = time.time() - health.taken
    if silent > FRESH:
        raise ChatError(f"squarm serve has been silent for {age_text(silent)}: it hangs.")
    return health


def _told(file: Path) -> Health:
    """What a file of the daemon's says; raises ChatError."""
    try:
        body = json.loads(regular_file.read_text(file))
        told = {one.name: body[one.name] for one in fields(Health) if one.name in body}
        health = Health(**{**told, "problems": tuple(map(clean_text, body["problems"]))})
        return replace(health, pid=int(health.pid), taken=float(health.taken))
    except (OSError, *MALFORMED) as error:
        raise ChatError(f"{file} cannot be read ({type(error).__name__}).") from None
