"""The audit log: what several processes append, what a power cut leaves, what is read back."""

import json
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.audit import Audit
from base.errors import AuditError
from tests.base.appending import append, begin


def test_entries_come_back_in_order_with_who_and_when(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "deep" / "audit.jsonl")
    assert audit.read(10) == ()
    audit.note("drain", "swarmost1", "done", who="slack: @euler")
    audit.note("remove", "swarmost2", "failed", "it is up, but lets nobody in")
    one, two = audit.read(10)
    assert (one.what, one.target, one.result, one.who) == (
        "drain",
        "swarmost1",
        "done",
        "slack: @euler",
    )
    assert two.said.startswith("it is up")
    assert 0 < one.at <= two.at
    assert one.host
    assert audit.read(1) == (two,)
    assert audit.path.stat().st_mode & 0o77 == 0


def test_writers_at_one_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append, args=(path, name, 25)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = {entry.target for entry in Audit(path).read(1000)}
    assert found == {f"{name}-{number}" for name in "abc" for number in range(25)}


def test_what_several_see_at_one_time_is_noted_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    context = multiprocessing.get_context("spawn")
    watchers = [context.Process(target=begin, args=(path, 20)) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    audit = Audit(path)
    assert audit.note_once("alert", "pi gone", "begun") is not None
    assert audit.note_once("alert", "pi too hot", "ended") is not None
    assert audit.note_once("alert", "pi too hot", "ended") is None
    assert audit.note_once("alert", "pi too hot", "begun") == audit.read(1)[0]
    assert [entry.result for entry in audit.read(99)] == ["begun", "begun", "ended", "begun"]


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl")
    audit.note("drain", "one", "done")
    with audit.path.open("ab") as file:
        file.write(b'{"at":1,"who":"half a li')
    audit.note("drain", "two", "done")
    assert [entry.target for entry in audit.read(10)] == ["one", "two"]


def test_an_unusable_log_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(AuditError, match="cannot be written"):
        Audit(tmp_path / "audit.jsonl").note("drain", "one", "done")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=60) | st.text(max_size=40).map(str.encode), max_size=8))
def test_any_bytes_can_be_read(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"\n".join(lines))
    Audit(path).note("drain", "\x1b[31mred\n\u202e", "done")
    last = Audit(path).read(100)[-1]
    assert last.target == "red"
    json.loads(path.read_bytes().splitlines()[-1])
