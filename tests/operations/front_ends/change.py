"""A change in the words of each front end, and each of these asked for it."""

import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from base.audit import Audit
from operations.kinds import Kind
from results.store import Store
from solver.question import Question
from solver.records import FindRecord
from swarm.engine import Engine
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.swarm.samples import squares
from tests.tui.console.running import RunningConsole
from tui.console.app import ConsoleApp
from tui.console.pis import MakeFleet
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.sessions.engine import OpenEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change in the words of each front end, and what is asked and said there.

    `at`: keys to where it is at hand; `keys`, `command`, `palette`, `verb`: how it is asked for,
    nothing where it cannot be. Keys and the palette open what `form` is put into; `= text` types a
    text there. `after_command`: what a command opens takes these. `question`, what it is `about`,
    `sentence`: patterns. Words in capitals are filled in by the place.
    """

    kind: Kind
    at: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    command: str = ""
    palette: str = ""
    verb: tuple[str, ...]
    form: tuple[str, ...] = ()
    after_command: tuple[str, ...] = ()
    opens: Callable[[RunningConsole], bool] = lambda _: True
    question: str = ""
    about: str = ""
    sentence: str

    @property
    def name(self) -> str:
        return self.kind.name.lower()


@dataclass(frozen=True, slots=True)
class OwnHome:
    """A home, and what the words in capitals stand for there."""

    home: Path
    words: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.home / "squarm"

    def filled(self, text: str) -> str:
        return self._filled(text, str)

    def pattern(self, text: str) -> str:
        """As `filled`, for a pattern."""
        return self._filled(text, re.escape)

    def _filled(self, text: str, meant: Callable[[str], str]) -> str:
        return re.sub("[A-Z]+", lambda word: self._meaning(word[0], meant), text)

    def _meaning(self, word: str, meant: Callable[[str], str]) -> str:
        return meant(self.words[word]) if word in self.words else word

    def noted(self) -> list[tuple[str, str]]:
        """What the audit log says was done, and how it ended."""
        entries = Audit(self.data / "audit.jsonl").read(99)
        return [(entry.what, entry.result) for entry in entries]


@asynccontextmanager
async def console(
    place: OwnHome,
    ready: Callable[[RunningConsole], bool],
    *,
    read_only: bool = False,
    make_fleet: MakeFleet | None = None,
    open_engine: OpenEngine | None = None,
) -> AsyncIterator[RunningConsole]:
    """A console on the local engine, where no other is given, its machines on loopback."""

    async def local() -> Engine:
        return LocalEngine(place.data, 2)

    def store() -> Store:
        return Store.open(place.data / "results.sqlite3")

    app = ConsoleApp(
        open_engine or local, store, read_only=read_only, make_fleet=make_fleet, interface="lo"
    )
    async with app.run_test(size=(100, 30)) as pilot:
        running = RunningConsole(app, pilot)
        await running.until(lambda: ready(running))
        yield running


async def press_keys(running: RunningConsole, change: Change, place: OwnHome) -> None:
    await running.press(*change.keys)
    await _fill_in(running, change, place, change.form)


async def give_command(running: RunningConsole, change: Change, place: OwnHome) -> None:
    await running.press(":")
    await running.type(place.filled(change.command))
    await running.press("enter")
    await _fill_in(running, change, place, change.after_command)


async def use_palette(running: RunningConsole, change: Change, place: OwnHome) -> None:
    await running.press("ctrl+p")
    running.at_once(*change.palette, "enter")
    await running.pause()
    await _fill_in(running, change, place, change.form)


async def _fill_in(
    running: RunningConsole, change: Change, place: OwnHome, form: tuple[str, ...]
) -> None:
    if not form:
        return
    await running.until(lambda: change.opens(running))
    for key in form:
        if key.startswith("= "):
            await running.type(place.filled(key.removeprefix("= ")))
        else:
            await running.press(key)


By = Callable[[RunningConsole, Change, OwnHome], Awaitable[None]]


def in_the_console(*changes: Change) -> pytest.MarkDecorator:
    """Each of these, in each way that the console has to it."""
    ways = [
        (change, by)
        for change in changes
        for by, words in (
            (press_keys, change.keys),
            (give_command, change.command),
            (use_palette, change.palette),
        )
        if words
    ]
    names = [f"{change.name}-{by.__name__}" for change, by in ways]
    return pytest.mark.parametrize(("change", "by"), ways, ids=names)


def on_the_command_line(*changes: Change) -> pytest.MarkDecorator:
    """Each of these as a verb."""
    return pytest.mark.parametrize("change", changes, ids=lambda change: change.name)


async def ask(
    running: RunningConsole, change: Change, by: By, place: OwnHome, seconds: float = 120.0
) -> None:
    """Ask for it, agree where that is asked, the safe answer first, and see what is said.

    `seconds`: how long it may take.
    """
    await running.press(*change.at)
    await by(running, change, place)
    if change.question:
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        asking = running.app.screen
        assert isinstance(asking, Confirm)
        assert re.fullmatch(place.pattern(change.question), asking.caution.question)
        assert re.search(place.pattern(change.about), asking.caution.consequence)
        assert str(running.app.focused and running.app.focused.id) == "no"
        await running.press("right", "enter")
    await running.until(lambda: has_said(running, place.pattern(change.sentence)), seconds)


def has_said(running: RunningConsole, sentence: str) -> bool:
    """Whether some toast says it, a pattern, behind its sign."""
    return any(re.fullmatch(sentence, text[2:]) for text in running.toasts)


def spawn(place: OwnHome, *arguments: str) -> "pexpect.spawn[str]":
    """A verb at a terminal."""
    command = ["-m", "tui", *map(place.filled, arguments)]
    child = pexpect.spawn(
        sys.executable, command, encoding="utf-8", timeout=300, env={**os.environ}
    )
    child.setwinsize(50, 300)
    return child


def run_verb(place: OwnHome, change: Change, *options: str, code: int = 0) -> None:
    """Ask for it as a verb, agree where that is asked, and see what is said."""
    child = spawn(place, *change.verb, *options)
    if change.question:
        child.expect(place.pattern(change.question))
        assert re.search(place.pattern(change.about), child.before or "")
        child.expect_exact("[y/N]")
        child.sendline("y")
    child.expect(place.pattern(change.sentence))
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code, child.before


def refusal(change: Change) -> str:
    return f"--read-only refuses this: {change.kind.effect}."


def a_pair() -> FindRecord:
    """A pair of order 10, to be kept."""
    (record,) = squares(JobSpec(Question(10), count=1, seed=5), 1)
    return record
