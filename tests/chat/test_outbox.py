"""The outbox's file: what waits stays, what is too much is counted, what is done is forgotten."""

import sqlite3
import threading
from pathlib import Path

import pytest

from base.errors import ChatError
from base.redaction import Redactor
from chat.message import Message, Paragraph
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite3", Redactor(), backlog=5)


def words(text: str) -> Message:
    return (Paragraph(text),)


def waiting(outbox: Outbox, channel: str = "C1") -> list[str]:
    """What would be sent, in turn."""
    found = []
    while letter := outbox.head(channel):
        found.append(letter.sealed.text)
        outbox.leaving(letter.id)
        outbox.sent(letter.id, channel, f"1.{letter.id:06d}")
    return found


def test_it_is_read_back_by_whoever_opens_it_next(outbox: Outbox) -> None:
    first = outbox.put("C1", words("one"))
    outbox.put("C1", words("two"), parent=first)
    outbox.close()
    again = Outbox(outbox.path, Redactor())
    assert [entry.subject for entry in again.entries()] == ["one", "two"]
    assert waiting(again) == ["one", "two"]
    assert [entry.state for entry in again.entries()] == [ItemState.SENT] * 2
    assert outbox.path.stat().st_mode & 0o077 == 0


def test_more_than_the_backlog_is_only_counted(outbox: Outbox) -> None:
    for number in range(245):
        outbox.put("C1", words(f"square {number}"), key=f"k{number}", digest="squares of order 10")
        outbox.put("C1", words(f"square {number}"), key=f"k{number}", digest="squares of order 10")
    outbox.put("C1", words("the end"))
    outbox.put("C2", words("elsewhere"), digest="squares of order 10")
    assert waiting(outbox) == [
        *(f"square {number}" for number in range(5)),
        "and 240 more squares of order 10",
        "the end",
    ]
    assert waiting(outbox, "C2") == ["elsewhere"]
    outbox.put("C1", words("room again"), digest="squares of order 10")
    assert waiting(outbox) == ["room again"]


def test_a_key_is_put_once_by_any_number_of_threads(outbox: Outbox) -> None:
    boxes = [outbox, Outbox(outbox.path, Redactor()), Outbox(outbox.path, Redactor())]

    def put_all(one: Outbox) -> None:
        for number in range(20):
            one.put("C1", words("x"), key=f"{number}")

    threads = [threading.Thread(target=put_all, args=(one,)) for one in boxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outbox.entries()) == 20


def test_retry_and_drop(outbox: Outbox) -> None:
    first, second = outbox.put("C1", words("one")), outbox.put("C1", words("two"))
    outbox.put("C1", words("reply"), parent=first)
    outbox.fail(first, "it was refused.")
    assert waiting(outbox) == ["two"]
    assert [(e.id, e.state) for e in outbox.entries()][:2] == [(1, "failed"), (3, "failed")]
    assert outbox.retry(first).error == "it was refused."
    assert waiting(outbox) == ["one", "reply"]
    third = outbox.put("C1", words("three"))
    outbox.put("C1", words("its reply"), parent=third)
    outbox.drop(third)
    # Who was about to send it learns of that too late.
    outbox.put_off(third, "Slack cannot be reached.", 0, unsure=False)
    outbox.fail(third, "it was refused.")
    assert waiting(outbox) == []
    for number, why in ((second, "is sent"), (third, "is dropped"), (99, "There is no message 99")):
        for act in (outbox.retry, outbox.drop):
            with pytest.raises(ChatError, match=why):
                act(number)


def test_an_edit_waits_for_its_message_and_changes_what_has_not_left(outbox: Outbox) -> None:
    number = outbox.put("C1", words("begun"))
    outbox.edit(number, words("under way"))
    assert waiting(outbox) == ["under way"]
    for step in range(9):
        outbox.edit(number, words(f"step {step}"))
    outbox.put("C1", words("a square"))
    assert waiting(outbox) == ["a square", "step 8"]


def test_it_is_bounded(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.outbox.outbox._MOST", 3)
    for number in range(3):
        outbox.put("C1", words(str(number)))
    with pytest.raises(ChatError, match="3 messages wait for Slack already"):
        outbox.put("C1", words("too many"))


def test_what_was_sent_long_ago_is_forgotten(outbox: Outbox) -> None:
    outbox.put("C1", words("old"), key="old")
    waiting(outbox)
    outbox.put("C1", words("waits"))
    outbox._file.execute("UPDATE items SET made = made - 8 * 86400")
    outbox.tidy()
    assert [entry.subject for entry in outbox.entries()] == ["waits"]
    assert outbox.has("old")


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
