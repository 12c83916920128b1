"""The outbox's file: what waits stays, what is too much is counted, what is done is forgotten."""

import sqlite3
import threading
from pathlib import Path

import pytest

from base.errors import ChatError
from base.redaction import Redactor
from chat.message import Message, Paragraph
from chat.outbox.outbox import ItemState, Outbox


@pytest.fixture
def box(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite3", Redactor(), backlog=5)


def words(text: str) -> Message:
    return (Paragraph(text),)


def waiting(box: Outbox, channel: str = "C1") -> list[str]:
    """What would be sent, in turn."""
    found = []
    while letter := box.head(channel):
        found.append(letter.sealed.text)
        box.leaving(letter.id)
        box.sent(letter.id, channel, f"1.{letter.id:06d}")
    return found


def test_it_is_read_back_by_whoever_opens_it_next(box: Outbox) -> None:
    first = box.put("C1", words("one"))
    box.put("C1", words("two"), parent=first)
    box.close()
    again = Outbox(box.path, Redactor())
    assert [entry.subject for entry in again.entries()] == ["one", "two"]
    assert waiting(again) == ["one", "two"]
    assert [entry.state for entry in again.entries()] == [ItemState.SENT] * 2
    assert box.path.stat().st_mode & 0o077 == 0


def test_more_than_the_backlog_is_only_counted(box: Outbox) -> None:
    for number in range(245):
        box.put("C1", words(f"square {number}"), key=f"k{number}", digest="squares of order 10")
        box.put("C1", words(f"square {number}"), key=f"k{number}", digest="squares of order 10")
    box.put("C1", words("the end"))
    box.put("C2", words("elsewhere"), digest="squares of order 10")
    assert waiting(box) == [
        *(f"square {number}" for number in range(5)),
        "and 240 more squares of order 10",
        "the end",
    ]
    assert waiting(box, "C2") == ["elsewhere"]
    box.put("C1", words("room again"), digest="squares of order 10")
    assert waiting(box) == ["room again"]


def test_a_key_is_put_once_by_any_number_of_threads(box: Outbox) -> None:
    boxes = [box, Outbox(box.path, Redactor()), Outbox(box.path, Redactor())]

    def put_all(one: Outbox) -> None:
        for number in range(20):
            one.put("C1", words("x"), key=f"{number}")

    threads = [threading.Thread(target=put_all, args=(one,)) for one in boxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(box.entries()) == 20


def test_retry_and_drop(box: Outbox) -> None:
    first, second = box.put("C1", words("one")), box.put("C1", words("two"))
    box.put("C1", words("reply"), parent=first)
    box.fail(first, "it was refused.")
    assert waiting(box) == ["two"]
    assert [(e.id, e.state) for e in box.entries()][:2] == [(1, "failed"), (3, "failed")]
    assert box.retry(first).error == "it was refused."
    assert waiting(box) == ["one", "reply"]
    third = box.put("C1", words("three"))
    box.put("C1", words("its reply"), parent=third)
    box.drop(third)
    assert waiting(box) == []
    for number, why in ((second, "is sent"), (third, "is dropped"), (99, "There is no message 99")):
        for act in (box.retry, box.drop):
            with pytest.raises(ChatError, match=why):
                act(number)


def test_an_edit_waits_for_its_message_and_changes_what_has_not_left(box: Outbox) -> None:
    number = box.put("C1", words("begun"))
    box.edit(number, words("under way"))
    assert waiting(box) == ["under way"]
    for step in range(9):
        box.edit(number, words(f"step {step}"))
    box.put("C1", words("a square"))
    assert waiting(box) == ["a square", "step 8"]


def test_it_is_bounded(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.outbox.outbox._MOST", 3)
    for number in range(3):
        box.put("C1", words(str(number)))
    with pytest.raises(ChatError, match="3 messages wait for Slack already"):
        box.put("C1", words("too many"))


def test_what_was_sent_long_ago_is_forgotten(box: Outbox) -> None:
    box.put("C1", words("old"), key="old")
    waiting(box)
    box.put("C1", words("waits"))
    box._file.execute("UPDATE items SET made = made - 8 * 86400")
    box.tidy()
    assert [entry.subject for entry in box.entries()] == ["waits"]
    assert box.has("old")


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = other.read_bytes()
    with pytest.raises(ChatError, match="another program's database"):
        Outbox(other, Redactor())
    assert other.read_bytes() == before
    other.write_text("no database at all, but long enough to be looked at" * 40)
    with pytest.raises(ChatError, match="is damaged, or is no outbox"):
        Outbox(other, Redactor())
