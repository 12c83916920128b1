"""What was asked of the bot, on the disk: nothing is forgotten, and nothing begun twice."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from base.database import file_id, transaction
from chat.bot.commands import Route
from chat.outbox.file import OUTBOX_FILE

_KEPT_DAYS = 30
"""Slack gives up delivering an event again after an hour."""
_TEXT = 40_000
"""The longest message that Slack takes."""


class RequestState(StrEnum):
    """Where a request stands; STARTING: its job may have been started, and not yet be known."""

    NEW = "new"
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A text that reached the bot; `id` is the same each time Slack delivers it."""

    id: str
    user: str
    channel: str
    thread: str
    route: Route
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its `spec` (JSON) and `job` once there are any, `head`: its first answer.

    `files`: the ids of what was attached, with commas between.
    """

    id: int
    user: str
    channel: str
    thread: str
    route: Route
    text: str
    state: RequestState
    made: float
    spec: str
    job: str
    head: int
    files: str = ""


_COLUMNS = "id, user, channel, thread, way, text, state, made, spec, job, head, files"


class Requests:
    """The requests in the outbox's file. Every method may raise ChatError."""

    def __init__(self, path: Path, redact: Callable[[str], str]) -> None:
        self.path = path
        self._redact = redact
        self._lock = threading.Lock()
        self._file = OUTBOX_FILE.open_for_writing(path)
        self._opened = file_id(path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def note(self, event: IncomingText) -> bool:
        """Remember an event, secrets hidden; False where it was delivered before.

        What was heard in a channel and was a mention as well counts as that.
        """
        with self._transaction() as file:
            cursor = file.execute(
                "INSERT INTO asks"
                " (event, user, channel, thread, way, text, state, made, spec, job, head, files)"
                " VALUES (?, ?, ?, ?, ?, ?, 'new', ?, '', '', 0, ?)"
                " ON CONFLICT (event) DO UPDATE SET way = excluded.way"
                " WHERE way = 'channel' AND excluded.way = 'mention'",
                (
                    event.id,
                    event.user,
                    event.channel,
                    event.thread,
                    event.route,
                    self._redact(event.text)[:_TEXT],
                    time.time(),
                    ",".join(event.files),
                ),
            )
            return cursor.rowcount == 1

    def knows(self, event: IncomingText) -> bool:
        """Whether it was noted before."""
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened):
            query = "SELECT 1 FROM asks WHERE event = ?"
            return self._file.execute(query, (event.id,)).fetchone() is not None

    def open(self) -> tuple[Request, ...]:
        """What is not done yet, oldest first."""
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened):
            rows = self._file.execute(
                f"SELECT {_COLUMNS} FROM asks WHERE state <> 'done' ORDER BY id"  # noqa: S608 - fixed texts only
            ).fetchall()
        return tuple(_request(row) for row in rows)

    def asker(self, job: str) -> str:
        """Who asked for a job; '' where nobody did through the bot."""
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened):
            row = self._file.execute(
                "SELECT user FROM asks WHERE job = ? ORDER BY id LIMIT 1", (job,)
            ).fetchone()
        return str(row[0]) if row else ""

    def move(
        self, request: Request, state: RequestState, *, spec: str = "", job: str = "", head: int = 0
    ) -> None:
        """Bring a request on; what is not given stays."""
        with self._transaction() as file:
            file.execute(
                "UPDATE asks SET state = ?, spec = ?, job = ?, head = ? WHERE id = ?",
                (state, spec or request.spec, job or request.job, head or request.head, request.id),
            )

    def open_home(self, user: str, most: int) -> None:
        """Somebody opened the Home tab; the latest `most` are remembered."""
        with self._transaction() as file:
            file.execute("INSERT OR REPLACE INTO homes VALUES (?, ?)", (user, time.time()))
            file.execute(
                "DELETE FROM homes WHERE user NOT IN"
                " (SELECT user FROM homes ORDER BY opened DESC, user LIMIT ?)",
                (most,),
            )

    def homes(self, seconds: float) -> tuple[str, ...]:
        """Who opened the Home tab in the last so many seconds, the longest ago first."""
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened):
            query = "SELECT user FROM homes WHERE opened > ? ORDER BY opened, user"
            return tuple(user for (user,) in self._file.execute(query, (time.time() - seconds,)))

    def tidy(self) -> None:
        """Forget what was done long ago."""
        with self._transaction() as file:
            file.execute(
                "DELETE FROM asks WHERE state = 'done' AND made < ?",
                (time.time() - _KEPT_DAYS * 86400,),
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened), transaction(self._file):
            yield self._file


def _request(row: tuple[Any, ...]) -> Request:
    number, user, channel, thread, way, text, state, *rest = row
    return Request(number, user, channel, thread, Route(way), text, RequestState(state), *rest)
