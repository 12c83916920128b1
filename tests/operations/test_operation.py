"""The door: what it refuses, asks, keeps and notes, whichever way an operation ends."""

import asyncio
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import AuditError, EngineError, ReadOnlyError, SquarmError
from operations.kinds import Kind
from operations.operation import Caution, Done, Door, Operation, Step, Tell

SURE = Caution("Stop it?", "It stops.", agree="Stop it", decline="Let it run")


class Person:
    """Somebody who answers what was decided before, and remembers what was seen."""

    def __init__(self, answer: bool) -> None:
        self.who = "euler"
        self.asked: list[Caution] = []
        self.seen: list[str] = []
        self._answer = answer

    async def confirm(self, caution: Caution) -> bool:
        self.asked.append(caution)
        return self._answer

    def show(self, operation: Operation[object], step: Step) -> None:
        self.seen.append(f"{operation.target} {step}")


class Thing:
    """Something that can be destroyed, and what happened to it in which order."""

    def __init__(self, caution: Caution | None = SURE, fails: str = "") -> None:
        self.happened: list[str] = []
        self._caution = caution
        self._fails = fails

    def operation(self) -> Operation[int]:
        async def keep(tell: Tell) -> None:
            tell(Step("keeping", tasks=1))
            self._happens("kept")

        async def work(tell: Tell) -> Done[int]:
            tell(Step("stopping", seconds=2.4))
            self._happens("stopped")
            return Done("It has stopped.", 7)

        return Operation(
            kind=Kind.CANCEL_JOB, target="mols10-1", caution=self._caution, keep=keep, work=work
        )

    def _happens(self, what: str) -> None:
        if self._fails == what:
            raise EngineError("It cannot be done.")
        if self._fails == f"{what} never":
            raise asyncio.CancelledError
        self.happened.append(what)


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "audit.jsonl")


def noted(audit: Audit) -> list[tuple[str, str, str, str, str]]:
    return [(e.who, e.what, e.target, e.result, e.said) for e in audit.read(9)]


async def test_what_is_done_is_asked_kept_done_and_noted_in_this_order(audit: Audit) -> None:
    person, thing = Person(True), Thing()
    done = await Door(person, read_only=False, audit=audit).perform(thing.operation())
    assert done == Done("It has stopped.", 7)
    assert person.asked == [SURE]
    assert thing.happened == ["kept", "stopped"]
    assert person.seen == ["mols10-1 keeping, 1 task left", "mols10-1 stopping, 2 s"]
    assert noted(audit) == [("euler", "cancel job", "mols10-1", "done", "It has stopped.")]


async def test_who_thinks_better_of_it_changes_nothing(audit: Audit) -> None:
    thing = Thing()
    assert (
        await Door(Person(False), read_only=False, audit=audit).perform(thing.operation()) is None
    )
    assert not thing.happened
    assert not noted(audit)


async def test_who_has_agreed_is_not_asked_again(audit: Audit) -> None:
    person, thing = Person(False), Thing()
    door = Door(person, read_only=False, audit=audit)
    assert await door.perform(thing.operation(), agreed=True) is not None
    assert not person.asked
    assert thing.happened == ["kept", "stopped"]


async def test_read_only_refuses_before_anything_is_asked(audit: Audit) -> None:
    person, thing = Person(True), Thing()
    door = Door(person, read_only=True, audit=audit)
    with pytest.raises(ReadOnlyError, match="--read-only refuses this: it stops a job"):
        await door.perform(thing.operation(), agreed=True)
    for kind in Kind:
        with pytest.raises(ReadOnlyError, match=kind.effect):
            door.admit(kind)
    assert not person.asked
    assert not thing.happened
    assert not noted(audit)


@pytest.mark.parametrize(
    ("fails", "happened", "result", "said"),
    [
        ("kept", [], "failed", "It cannot be done."),
        ("stopped", ["kept"], "failed", "It cannot be done."),
        ("kept never", [], "cancelled", ""),
        ("stopped never", ["kept"], "cancelled", ""),
    ],
)
async def test_what_is_not_kept_is_not_thrown_away_and_how_it_ended_is_noted(
    audit: Audit, fails: str, happened: list[str], result: str, said: str
) -> None:
    thing = Thing(fails=fails)
    with pytest.raises((SquarmError, asyncio.CancelledError)):
        await Door(Person(True), read_only=False, audit=audit).perform(thing.operation())
    assert thing.happened == happened
    assert noted(audit) == [("euler", "cancel job", "mols10-1", result, said)]


async def test_what_cannot_be_noted_is_said_to_be_done(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    thing = Thing(caution=None)
    door = Door(Person(True), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    with pytest.raises(AuditError, match="mols10-1: cancel job is done, but: The audit log"):
        await door.perform(thing.operation())
    assert thing.happened == ["kept", "stopped"]
    failing = Thing(caution=None, fails="stopped")
    with pytest.raises(AuditError, match=r"^It cannot be done\. The audit log"):
        await door.perform(failing.operation())


def test_no_part_of_an_operation_can_be_left_out() -> None:
    whole = Thing().operation()
    parts = {name: getattr(whole, name) for name in ("kind", "target", "caution", "keep", "work")}
    for name in parts:
        rest = {other: part for other, part in parts.items() if other != name}
        with pytest.raises(TypeError, match=name):
            Operation(**rest)
    assert len({kind.audit for kind in Kind}) == len(Kind)
