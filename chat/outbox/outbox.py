"""The outbox: every message to Slack waits here, on the disk, until Slack has it.

The one door to Slack: `put` seals what it is given, and only sealed messages leave.
"""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from base.database import file_id, transaction
from base.errors import ChatError
from base.text import clean_text
from chat.message import Message, Paragraph, without_attachment
from chat.outbox.file import OUTBOX_FILE, default_path
from chat.outbox.items import ItemState, Letter, OutboxItem
from chat.sealing import Sealed, seal

BACKLOG = 200
"""Messages of one kind that wait for one channel; more become a line such as `and 240 more`."""
_MOST = 5_000
_KEPT_DAYS = 7
_KEYS_DAYS = 30
_SUBJECT = 100
_ENTRY = "id, channel, subject, state, made, attempts, due, error, place, stamp"
_OPEN = "state IN ('waiting', 'sending')"


class Outbox:
    """The outbox's file. Every method may raise ChatError; calls from any thread are safe."""

    def __init__(self, path: Path, redact: Callable[[str], str], backlog: int = BACKLOG) -> None:
        self.path = path
        self.redact = redact
        self._backlog = backlog
        self._lock = threading.Lock()
        self._file = OUTBOX_FILE.open_for_writing(path)
        self._opened = file_id(path)

    @classmethod
    def open(cls, redact: Callable[[str], str], path: Path | None = None) -> Self:
        """The outbox in `path`, made where there is none."""
        return cls(path or default_path(), redact)

    def close(self) -> None:
        """Let go of the file; harmless when done twice."""
        with self._lock:
            self._file.close()

    def put(
        self,
        channel: str,
        message: Message,
        *,
        subject: str = "",
        key: str = "",
        thread: str = "",
        parent: int | None = None,
        digest: str = "",
    ) -> int:
        """Let a message wait for `channel`; its number, the first one's where `key` was put before.

        It goes into the `thread`, or into that of the message number `parent`. Where many of the
        same `digest` (such as `squares of order 10`) wait already, it is only counted.
        """
        sealed = seal(message, self.redact)
        with self._transaction() as file:
            known = key and file.execute("SELECT item FROM keys WHERE key = ?", (key,)).fetchone()
            if known:
                return int(known[0])
            number = digest and self._folded(file, channel, thread, parent, digest)
            if not number:
                number = self._insert(file, channel, sealed, subject, thread, parent, digest, 0)
            if key:
                file.execute("INSERT INTO keys VALUES (?, ?, ?)", (key, number, time.time()))
        return int(number)

    def has(self, key: str) -> bool:
        """Whether something was put under `key`."""
        return bool(self._read("SELECT 1 FROM keys WHERE key = ?", (key,)))

    def edit(self, number: int, message: Message) -> None:
        """Give message `number` other words; an edit that still waits is replaced by this one."""
        sealed = seal(message, self.redact)
        with self._transaction() as file:
            file.execute("DELETE FROM items WHERE edits = ? AND state = 'waiting'", (number,))
            found = file.execute("SELECT channel, state FROM items WHERE id = ?", (number,))
            channel, state = found.fetchone() or ("", "")
            if state == ItemState.WAITING:
                # It has not left yet: it may as well say this from the beginning.
                body = sealed.to_json()
                file.execute("UPDATE items SET body = ? WHERE id = ?", (body, number))
            elif state in (ItemState.SENDING, ItemState.SENT):
                new = self._insert(file, channel, sealed, "", "", None, "", 0)
                file.execute("UPDATE items SET edits = ? WHERE id = ?", (number, new))

    def entries(self, limit: int = 200) -> tuple[OutboxItem, ...]:
        """What waits or failed, oldest first; then what was sent of late, newest first."""
        pending = self._read(
            f"SELECT {_ENTRY} FROM items WHERE edits IS NULL"  # noqa: S608 - fixed texts only
            " AND state IN ('waiting', 'sending', 'failed') ORDER BY id LIMIT ?",
            (limit,),
        )
        sent = self._read(
            f"SELECT {_ENTRY} FROM items WHERE edits IS NULL"  # noqa: S608 - fixed texts only
            " AND state = 'sent' ORDER BY id DESC LIMIT ?",
            (max(0, limit - len(pending)),),
        )
        return tuple(_entry(row) for row in [*pending, *sent])

    def entry(self, number: int) -> OutboxItem | None:
        """One message by its number."""
        rows = self._read(f"SELECT {_ENTRY} FROM items WHERE id = ?", (number,))  # noqa: S608 - fixed texts only
        return _entry(rows[0]) if rows else None

    def counts(self) -> dict[ItemState, int]:
        """How many messages are in each state."""
        rows = self._read(
            "SELECT state, count(*) FROM items WHERE edits IS NULL GROUP BY state", ()
        )
        return {ItemState(state): count for state, count in rows}

    def retry(self, number: int) -> OutboxItem:
        """Send a failed message again, or a waiting one at once; raises ChatError where it is sent.

        Replies that failed with it follow it.
        """
        entry = self._pending(number)
        with self._transaction() as file:
            file.execute(
                "UPDATE items SET due = 0, attempts = 0, error = '',"
                " state = CASE WHEN state = 'failed' THEN 'waiting' ELSE state END"
                " WHERE id = ?1 OR (parent = ?1 AND state = 'failed')",
                (number,),
            )
        return entry

    def drop(self, number: int) -> OutboxItem:
        """Give a message up, and what was to follow it; raises ChatError where it is sent."""
        entry = self._pending(number)
        with self._transaction() as file:
            file.execute(
                "UPDATE items SET state = 'dropped', body = '[]', png = x''"
                " WHERE (id = ?1 OR parent = ?1 OR edits = ?1) AND state <> 'sent'",
                (number,),
            )
        return entry

    def told(self, subject: str) -> str:
        """The state in which `tell` last left a subject, '' for none."""
        rows = self._read("SELECT state FROM alerts WHERE subject = ?", (subject,))
        return str(rows[0][0]) if rows else ""

    def tell(self, subject: str, state: str, channel: str, message: Message | None) -> None:
        """Remember a subject's new state, and let a message tell it, both or neither.

        Without a `message`, and where it is the state that was told last, nothing is said.
        """
        sealed = seal(message, self.redact) if message else None
        with self._transaction() as file:
            query = "SELECT state FROM alerts WHERE subject = ?"
            if (file.execute(query, (subject,)).fetchone() or ("",))[0] == state:
                return
            if sealed is not None:
                self._insert(file, channel, sealed, "", "", None, "", 0)
            file.execute(
                "INSERT INTO alerts VALUES (?1, ?2) ON CONFLICT (subject) DO UPDATE SET state = ?2",
                (subject, state),
            )

    # What follows is for whoever drains it.

    def lanes(self) -> tuple[str, ...]:
        """The channels for which something waits."""
        rows = self._read(f"SELECT DISTINCT channel FROM items WHERE {_OPEN}", ())  # noqa: S608 - fixed texts only
        return tuple(channel for (channel,) in rows)

    def head(self, channel: str, aside: Collection[int] = ()) -> Letter | None:
        """What is next for a channel: messages in their order, then edits; those `aside` when due.

        What hangs on a message waits for it; on one that will never be sent, it is not sent either.
        """
        while True:
            rows = self._read(
                "SELECT i.id, i.channel, i.thread, i.body, i.png, i.mark, i.picture, i.tried,"
                " i.attempts, i.due, i.parent, p.stamp, p.state, i.edits, e.stamp, e.state"
                " FROM items i LEFT JOIN items p ON p.id = i.parent"
                " LEFT JOIN items e ON e.id = i.edits"
                " WHERE i.state IN ('waiting', 'sending') AND i.channel = ?"
                " AND coalesce(p.state, '') NOT IN ('waiting', 'sending')"
                " AND coalesce(e.state, '') NOT IN ('waiting', 'sending')"
                " AND NOT (i.due > ? AND i.id IN (SELECT value FROM json_each(?)))"
                " ORDER BY i.edits IS NOT NULL, i.id LIMIT 1",
                (channel, time.time(), json.dumps([*aside])),
            )
            if not rows:
                return None
            number, lane, thread, body, png, mark, picture, tried, attempts, due = rows[0][:10]
            parent, parent_stamp, parent_state, edits, edits_stamp, edits_state = rows[0][10:]
            sent = ItemState.SENT
            if (parent and parent_state != sent) or (edits and edits_state != sent):
                if edits:
                    self._update(number, "state = 'dropped'")
                else:
                    self.fail(number, "the message it belongs to was not sent: retry that one.")
                continue
            sealed = Sealed.from_json(body, png)
            return Letter(
                number, lane, parent_stamp or thread, edits_stamp or "", sealed, mark, picture,
                tried, attempts, due,
            )  # fmt: skip

    def keep_picture(self, number: int, picture: str) -> None:
        """The letter's picture is at Slack, under this id."""
        self._update(number, "picture = ?", picture)

    def give_up_picture(self, number: int, why: str) -> Sealed:
        """Send the letter without its picture, saying so; what is sent instead."""
        (body, png), *_ = self._read("SELECT body, png FROM items WHERE id = ?", (number,))
        parts = Sealed.from_json(body, png).parts
        sealed = seal(without_attachment(parts, why), self.redact)
        self._update(number, "body = ?, png = x'', picture = ''", sealed.to_json())
        return sealed

    def hurry(self, numbers: Collection[int] | None = None) -> None:
        """Try these, or all that wait, at once: what was in their way is gone."""
        if numbers is None:
            numbers = [item for (item,) in self._read(f"SELECT id FROM items WHERE {_OPEN}", ())]  # noqa: S608 - fixed texts only
        for number in numbers:
            self._update(number, "due = 0")

    def leaving(self, number: int) -> None:
        """From now on the letter may have arrived, whatever happens to this process."""
        self._update(
            number,
            "state = 'sending', tried = CASE WHEN tried = 0 THEN ? ELSE tried END",
            time.time(),
        )

    def sent(self, number: int, place: str, stamp: str) -> None:
        """Slack has it."""
        self._update(
            number,
            "state = 'sent', error = '', body = '[]', png = x'', place = ?, stamp = ?",
            place,
            stamp,
        )

    def put_off(self, number: int, error: str, due: float, *, unsure: bool) -> None:
        """It was not taken now; where `unsure`, it may have been all the same."""
        state = ItemState.SENDING if unsure else ItemState.WAITING
        tried = "tried" if unsure else "0"
        self._update(
            number,
            f"state = ?, tried = {tried}, error = ?, due = ?, attempts = attempts + 1",
            state,
            error[:300],
            due,
            still=_OPEN,
        )

    def fail(self, number: int, error: str) -> None:
        """It will not be sent unless somebody wants to retry."""
        self._update(number, "state = 'failed', tried = 0, error = ?", error[:300], still=_OPEN)

    def tidy(self) -> None:
        """Forget what was sent long ago."""
        now = time.time()
        with self._transaction() as file:
            file.execute(
                "DELETE FROM items WHERE state IN ('sent', 'dropped') AND made < ?",
                (now - _KEPT_DAYS * 86400,),
            )
            file.execute("DELETE FROM keys WHERE made < ?", (now - _KEYS_DAYS * 86400,))

    def _pending(self, number: int) -> OutboxItem:
        entry = self.entry(number)
        if entry is None:
            raise ChatError(f"There is no message {number}: squarm outbox lists them.")
        if entry.state in (ItemState.SENT, ItemState.DROPPED):
            raise ChatError(f"Message {number} is {entry.state}: nothing is left to do for it.")
        return entry

    def _folded(
        self, file: sqlite3.Connection, channel: str, thread: str, parent: int | None, digest: str
    ) -> int:
        """The number of the line that counts what is too many; 0 where there is room."""
        kind = (channel, digest)
        (waiting,) = file.execute(
            f"SELECT count(*) FROM items WHERE {_OPEN} AND channel = ? AND digest = ?",  # noqa: S608 - fixed texts only
            kind,
        ).fetchone()
        if waiting < self._backlog:
            return 0
        row = file.execute(
            "SELECT id, folded FROM items WHERE state = 'waiting' AND channel = ? AND digest = ?"
            " AND folded > 0 AND thread = ? AND parent IS ?",
            (*kind, thread, parent),
        ).fetchone()
        count = row[1] + 1 if row else 1
        sealed = seal((Paragraph(f"and {count:,} more {digest}"),), self.redact)
        if row is None:
            subject = f"a count of more {digest}"
            return self._insert(file, channel, sealed, subject, thread, parent, digest, count)
        file.execute(
            "UPDATE items SET folded = ?, body = ? WHERE id = ?", (count, sealed.to_json(), row[0])
        )
        return int(row[0])

    def _insert(
        self, file: sqlite3.Connection, channel: str, sealed: Sealed, subject: str, thread: str,
        parent: int | None, digest: str, folded: int,
    ) -> int:  # fmt: skip
        (waiting,) = file.execute(f"SELECT count(*) FROM items WHERE {_OPEN}").fetchone()  # noqa: S608 - fixed texts only
        if waiting >= _MOST:
            raise ChatError(
                f"{waiting:,} messages wait for Slack already: squarm outbox lists them."
            )
        shown = clean_text(self.redact(subject or sealed.subject), 2 * _SUBJECT)
        subject = self.redact(shown)[:_SUBJECT]
        cursor = file.execute(
            "INSERT INTO items (channel, thread, parent, subject, body, png, digest, folded, state,"
            " made, tried, attempts, due, error, mark, picture, place, stamp)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, 0, 0, 0, '', ?, '', '', '')",
            (channel, thread, parent, subject, sealed.to_json(), sealed.attached, digest, folded,
             time.time(), secrets.token_hex(12)),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def _update(self, number: int, change: str, *values: object, still: str = "1") -> None:
        """Where it is `still` so: another process may have dropped it meanwhile."""
        with self._transaction() as file:
            file.execute(f"UPDATE items SET {change} WHERE id = ? AND {still}", (*values, number))  # noqa: S608 - fixed texts only

    def _read(self, query: str, values: tuple[object, ...]) -> list[Any]:
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened):
            return self._file.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, OUTBOX_FILE.sentences(self.path, self._opened), transaction(self._file):
            yield self._file


def _entry(row: tuple[Any, ...]) -> OutboxItem:
    number, channel, subject, state, *rest = row
    return OutboxItem(number, channel, subject, ItemState(state), *rest)
