"""What became of each image that this machine saw rolled out, in a file of its own."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from base import paths
from base.database import FileFormat
from base.errors import EngineError
from swarm.docker.rollout.state import LOADED, Rollout

HISTORY_FILE = FileFormat(
    name="history of images",
    application=0x5351494D,
    changes=(
        (
            """CREATE TABLE events (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at REAL NOT NULL,
                event TEXT NOT NULL,
                image TEXT NOT NULL,
                why TEXT NOT NULL)""",
        ),
    ),
    error=EngineError,
    made_by="squarm image follow makes it",
    kept="the swarm itself knows what jobs run from",
)


def default_path() -> Path:
    """Where it is kept."""
    return paths.data() / "images.sqlite3"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an image, `at` seconds since the epoch."""

    at: float
    event: str
    image: str
    why: str = ""


def events(before: Rollout, after: Rollout) -> list[tuple[str, str, str]]:
    """What happened between two states of a rollout: event, image, why."""
    happened: list[tuple[str, str, str]] = []
    names = {
        release.digest: rollout.image_of(release).reference
        for rollout in (before, after)
        for release in (rollout.previous, rollout.current, rollout.target)
        if release is not None
    }
    if after.refused is not None:
        names.setdefault(after.refused.digest, f"{after.follow}@{after.refused.digest}")

    def note(event: str, digest: str, why: str = "") -> None:
        happened.append((event, names.get(digest, after.follow), why))

    if after.empty and not before.empty:
        return [("unfollowed", before.follow or LOADED, "")]
    if after.follow != before.follow:
        note("followed", "")
    if after.key != before.key:
        signed = f"the key {after.signer}" if after.key else "no key any more"
        note("to be signed", "", f"with {signed}")
    if after.refused is not None and after.refused != before.refused:
        note("refused", after.refused.digest, after.refused.why)
    ran = before.current.digest if before.current else ""
    if after.current is not None and after.current.digest != ran:
        tested = before.target is not None and before.target.digest == after.current.digest
        note("rolled out" if tested else "rolled back to", after.current.digest)
    begun = before.target.digest if before.target else ""
    if after.target is not None and after.target.digest != begun:
        note("begun", after.target.digest)
    return happened


class RolloutHistory:
    """The file at `path`; each call opens it anew, for it is written rarely and by several."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.path = path or default_path()
        self._clock = clock

    def note(self, before: Rollout, after: Rollout) -> None:
        """Note what happened between two states; raises EngineError."""
        self._add(events(before, after))

    def note_removal(self, references: Iterable[str], node: str) -> None:
        """Note images that were removed from a node, by its name; raises EngineError."""
        self._add([("removed", one, f"from {node}") for one in sorted(references)])

    def _add(self, happened: Sequence[tuple[str, str, str]]) -> None:
        if not happened:
            return
        rows = [(self._clock(), *one) for one in happened]
        connection = HISTORY_FILE.open_for_writing(self.path)
        with HISTORY_FILE.sentences(self.path), closing(connection), connection:
            connection.executemany(
                "INSERT INTO events (at, event, image, why) VALUES (?, ?, ?, ?)", rows
            )

    def newest(self, limit: int) -> list[Event]:
        """The newest first; none where there is no file yet. Raises EngineError."""
        if not self.path.exists():
            return []
        connection = HISTORY_FILE.open_for_reading(self.path)
        with HISTORY_FILE.sentences(self.path), closing(connection):
            rows = connection.execute(
                "SELECT at, event, image, why FROM events ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        return [Event(*row) for row in rows]
