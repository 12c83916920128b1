"""Each change to a job by key, by `:` command, by palette, on the command line and in Slack.

Whichever way it is asked for, the same is asked, done, said and noted, and `--read-only` refuses
it with the same sentence.
"""

import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from base.audit import Audit
from lab.slack.server import Slack
from lab.slack.workspace import ADMIN
from operations.kinds import Kind
from results.store import Store
from solver.question import Question
from swarm.engine import Engine, JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.chat.serving import Home, serving
from tests.operations.ended_job import FOUND, kept
from tests.tui.console.running import RunningConsole
from tests.waiting import until
from tui.console.app import ConsoleApp
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.dialogs.new_job_form import NewJobForm

pytestmark = pytest.mark.slow
SPEC = JobSpec(Question(10), count=1_200, seed=3)
"""So many that it is interrupted before its end, also where that takes a while."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change to a job in the words of each front end, and what is asked and said there."""

    kind: Kind
    keys: tuple[str, ...]
    command: str
    palette: str
    verb: tuple[str, ...]
    question: str
    sentence: str


START = Change(
    Kind.START_JOB,
    ("n", "ctrl+u", "7", "tab", "ctrl+u", "5", "enter"),
    "new 7 count=5",
    "new job",
    ("run", "7", "--count", "5", "--detach"),
    "",
    r"Started mols\d+-\w+\.",
)
RESUME = Change(
    Kind.RESUME_JOB, ("r",), "resume JOB", "resume", ("resume", "JOB"), "", r"Resumed JOB\."
)
CANCEL = Change(
    Kind.CANCEL_JOB,
    ("x",),
    "cancel JOB",
    "cancel",
    ("cancel", "JOB"),
    "Cancel JOB (order 10)?",
    r"Cancelled JOB; what it found is kept\.",
)
REMOVE = Change(
    Kind.REMOVE_JOB,
    ("D",),
    "remove JOB",
    "remove",
    ("remove", "JOB"),
    "Remove JOB?",
    r"Removed JOB; its squares stay\.",
)
CHANGES = pytest.mark.parametrize(
    "change", [START, RESUME, CANCEL, REMOVE], ids=lambda change: change.kind.name.lower()
)


@dataclass(frozen=True, slots=True)
class JobHome:
    """A home with one job in it, which was interrupted."""

    home: Path
    job: str

    def filled(self, text: str) -> str:
        return text.replace("JOB", self.job)

    async def states(self) -> list[JobState]:
        """Of all jobs there, the newest first."""
        engine = LocalEngine(self.home / "squarm", 2)
        try:
            return [view.state for view in await engine.jobs()]
        finally:
            await engine.close()

    def noted(self) -> list[tuple[str, str]]:
        """What the audit log says was done, and how it ended."""
        entries = Audit(self.home / "squarm" / "audit.jsonl").read(99)
        return [(entry.what, entry.result) for entry in entries]

    def unread(self) -> int:
        """How many squares the log of the job holds."""
        logs = (self.home / "squarm" / "jobs" / self.job).rglob("*.log")
        return sum(path.read_text().count('"type":"square"') for path in logs)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobHome:
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    engine = LocalEngine(home / "squarm", 2)
    job = await engine.submit(SPEC)

    async def found() -> bool:
        lines = [line.text async for line in engine.reread(job, 0)]
        return any('"type":"square"' in line for line in lines)

    await until(found)
    await engine.close()
    return JobHome(home, job)


# -- the console ---------------------------------------------------------------------------------


@asynccontextmanager
async def console(home: Path, *, read_only: bool = False) -> AsyncIterator[RunningConsole]:
    async def local() -> Engine:
        return LocalEngine(home / "squarm", 2)

    def store() -> Store:
        return Store.open(home / "squarm" / "results.sqlite3")

    app = ConsoleApp(local, store, read_only=read_only)
    async with app.run_test(size=(100, 30)) as pilot:
        running = RunningConsole(app, pilot)
        await running.until(lambda: bool(app.model.jobs))
        await running.press("2")
        yield running


async def press_keys(running: RunningConsole, change: Change, _place: JobHome) -> None:
    await running.press(*change.keys)


async def give_command(running: RunningConsole, change: Change, place: JobHome) -> None:
    await running.press(":")
    await running.type(place.filled(change.command))
    await running.press("enter")


async def use_palette(running: RunningConsole, change: Change, _place: JobHome) -> None:
    await running.press("ctrl+p")
    running.at_once(*change.palette, "enter")
    await running.pause()
    if change is START:
        await running.until(lambda: isinstance(running.app.screen, NewJobForm))
        await running.press("ctrl+u", "7", "tab", "ctrl+u", "5", "enter")


CONSOLE = pytest.mark.parametrize("by", [press_keys, give_command, use_palette])
By = Callable[[RunningConsole, Change, JobHome], Awaitable[None]]


def has_said(running: RunningConsole, sentence: str) -> bool:
    """Whether some toast says it, a pattern, behind its sign."""
    return any(re.fullmatch(sentence, text[2:]) for text in running.toasts)


@CONSOLE
@CHANGES
async def test_in_the_console(change: Change, by: By, place: JobHome) -> None:
    before = place.unread()
    async with console(place.home) as running:
        await by(running, change, place)
        if change.question:
            await running.until(lambda: isinstance(running.app.screen, Confirm))
            asking = running.app.screen
            assert isinstance(asking, Confirm)
            assert asking.caution.question == place.filled(change.question)
            assert str(running.app.focused and running.app.focused.id) == "no"
            await running.press("right", "enter")
        await running.until(lambda: has_said(running, place.filled(change.sentence)))
        # A job ends with its console, here before its workers have written anything.
        await running.until(lambda: change is not RESUME or place.unread() > before)
    await came_about(change, place, before)


@CONSOLE
@CHANGES
async def test_in_a_read_only_console(change: Change, by: By, place: JobHome) -> None:
    async with console(place.home, read_only=True) as running:
        await (give_command if change is START else by)(running, change, place)
        await running.until(lambda: has_said(running, re.escape(refusal(change))))
    await nothing_happened(place)


# -- the command line ----------------------------------------------------------------------------


def spawn(place: JobHome, *arguments: str) -> "pexpect.spawn[str]":
    command = ["-m", "tui", *map(place.filled, arguments), "--engine", "local"]
    child = pexpect.spawn(
        sys.executable, command, encoding="utf-8", timeout=300, env={**os.environ}
    )
    child.setwinsize(50, 300)
    return child


@CHANGES
async def test_on_the_command_line(change: Change, place: JobHome) -> None:
    before = place.unread()
    child = spawn(place, *change.verb)
    if change.question:
        child.expect_exact(place.filled(change.question))
        child.expect_exact("[y/N]")
        child.sendline("y")
    child.expect(place.filled(change.sentence))
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    await came_about(change, place, before)


@CHANGES
async def test_on_a_read_only_command_line(change: Change, place: JobHome) -> None:
    child = spawn(place, *change.verb, "--read-only")
    child.expect_exact(f"squarm: {refusal(change)}")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    await nothing_happened(place)


# -- Slack ---------------------------------------------------------------------------------------


@asynccontextmanager
async def bot(place: JobHome, slack: Slack, *options: str) -> AsyncIterator[Home]:
    home = Home(place.home.parent, slack)
    home.environment["XDG_DATA_HOME"] = str(place.home)
    async with serving(home, slack, *options):
        yield home


async def answered(slack: Slack, text: str, words: str) -> None:
    """Say something; the answer has these words."""
    ts = await slack.say(ADMIN, text)

    async def there() -> bool:
        return any(re.search(words, message.words) for message in slack.replies(ts))

    await until(there, shown=lambda: [message.words for message in slack.replies(ts)])


async def test_in_slack(place: JobHome, slack: Slack) -> None:
    before = place.unread()
    async with bot(place, slack):
        await answered(slack, place.filled("cancel JOB"), place.filled(CANCEL.sentence))
        await came_about(CANCEL, place, before)
        await answered(slack, "mols 7 x5", "Found all 5 pairs of order 7")
        gone = ("remove job", "done")

        async def tidied() -> bool:
            return place.noted()[-1] == gone

        await until(tidied)
    assert place.noted() == [("cancel job", "done"), ("start job", "done"), gone]
    entries = Audit(place.home / "squarm" / "audit.jsonl").read(9)
    assert {entry.who for entry in entries} == {f"{ADMIN} (Slack)"}


async def test_in_slack_under_read_only(place: JobHome, slack: Slack) -> None:
    async with bot(place, slack, "--read-only"):
        await answered(slack, place.filled("cancel JOB"), re.escape(refusal(CANCEL)))
        await answered(slack, "mols 7 x5", re.escape(refusal(START)))
        await answered(slack, "mols jobs", place.job)
    await nothing_happened(place)


# -- the 15,004 squares --------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["key", "verb"])
async def test_an_ended_job_loses_none_of_15_004_squares(
    way: str, ended_job: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    shutil.copytree(ended_job[0], tmp_path / "home")
    place = JobHome(tmp_path / "home", ended_job[1])
    if way == "verb":
        child = spawn(place, "remove", "JOB", "--yes")
        child.expect(place.filled(REMOVE.sentence))
        child.close()
    else:
        async with console(place.home) as running:
            await running.press("D")
            await running.until(lambda: isinstance(running.app.screen, Confirm))
            await running.press("right", "enter")
            await running.until(lambda: any("Removed" in text for text in running.toasts))
    assert await place.states() == []
    assert kept(place.home) == FOUND


# -- what must have come about -------------------------------------------------------------------


def refusal(change: Change) -> str:
    return f"--read-only refuses this: {change.kind.effect}."


async def came_about(change: Change, place: JobHome, before: int) -> None:
    assert place.noted() == [(change.kind.audit, "done")]
    states = await place.states()
    if change is START:
        assert len(states) == 2
    elif change is RESUME:
        assert place.unread() > before
    elif change is CANCEL:
        assert states == [JobState.CANCELLED]
    else:
        assert states == []
        assert kept(place.home) >= before > 0


async def nothing_happened(place: JobHome) -> None:
    assert place.noted() == []
    assert await place.states() == [JobState.INTERRUPTED]
