"""How the daemon is: written to a small file each few seconds, read by `squarm serve --check`."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from base import paths
from base.errors import MALFORMED, ChatError
from base.text import clean_text

FRESH = 30.0
"""Seconds after which a daemon that has written nothing counts as hung."""
_SYSTEM = Path("/run/squarm")


@dataclass(frozen=True, slots=True)
class Health:
    """The daemon at one moment; `problems` are sentences, none where all is well."""

    pid: int
    taken: float
    engine: str
    jobs: int
    kept: int
    slack: str
    waiting: int
    failed: int
    problems: tuple[str, ...]

    @property
    def words(self) -> str:
        """One line."""
        engine = f"{self.engine}, {self.jobs} jobs running" if self.engine else "no engine"
        line = f"{engine}, {self.kept:,} squares kept, Slack {self.slack}"
        if self.waiting or self.failed:
            line += f", outbox {self.waiting} waiting and {self.failed} failed"
        return line


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
    mine, system = path(), _SYSTEM / "health.json"
    file = mine if mine.exists() else system
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        health = Health(**{**body, "problems": tuple(map(clean_text, body["problems"]))})
        silent = time.time() - health.taken
    except FileNotFoundError:
        raise ChatError(
            "squarm serve does not run here: start it (systemctl start squarm@USER)."
        ) from None
    except (OSError, *MALFORMED) as error:
        raise ChatError(f"{file} cannot be read ({type(error).__name__}).") from None
    if silent > FRESH or not Path(f"/proc/{health.pid}").exists():
        raise ChatError(f"squarm serve has been silent for {silent:.0f} s: it hangs or is gone.")
    return health
