"""Each change to a job by key, by `:` command, by palette, on the command line and in Slack.

Whichever way it is asked for, the same is asked, done, said and noted, and `--read-only` refuses
it with the same sentence.
"""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest

from base.audit import Audit
from lab.slack.server import Slack
from lab.slack.workspace import ADMIN
from operations.kinds import Kind
from solver.question import Question
from swarm.engine import JobState
from swarm.job import JobSpec
from swarm.local.engine import LocalEngine
from tests.chat.serving import Home, serving
from tests.operations.ended_job import FOUND, kept
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    ask,
    console,
    give_command,
    has_said,
    in_the_console,
    on_the_command_line,
    refusal,
    run_verb,
    spawn,
)
from tests.tui.console.running import RunningConsole
from tests.waiting import until
from tui.console.screens.dialogs.new_job_form import NewJobForm

pytestmark = pytest.mark.slow
SPEC = JobSpec(Question(10), count=1_200, seed=3)
"""So many that it is interrupted before its end, also where that takes a while."""

START = Change(
    kind=Kind.START_JOB,
    at=("2",),
    keys=("n",),
    command="new 7 count=5",
    palette="new job",
    verb=("run", "7", "--count", "5", "--detach"),
    form=("ctrl+u", "7", "tab", "ctrl+u", "5", "enter"),
    opens=lambda running: isinstance(running.app.screen, NewJobForm),
    sentence=r"Started mols\d+-\w+\.",
)
AGAIN = replace(
    START,
    keys=("A",),
    command="again JOB",
    palette="again",
    after_command=START.form,
)
RESUME = Change(
    kind=Kind.RESUME_JOB,
    at=("2",),
    keys=("r",),
    command="resume JOB",
    palette="resume",
    verb=("resume", "JOB"),
    sentence=r"Resumed JOB\.",
)
CANCEL = Change(
    kind=Kind.CANCEL_JOB,
    at=("2",),
    keys=("x",),
    command="cancel JOB",
    palette="cancel",
    verb=("cancel", "JOB"),
    question=r"Cancel JOB \(order 10\)\?",
    sentence=r"Cancelled JOB; what it found is kept\.",
)
REMOVE = Change(
    kind=Kind.REMOVE_JOB,
    at=("2",),
    keys=("D",),
    command="remove JOB",
    palette="remove",
    verb=("remove", "JOB"),
    question=r"Remove JOB\?",
    sentence=r"Removed JOB; its squares stay\.",
)
CHANGES = (START, RESUME, CANCEL, REMOVE)


class JobHome(OwnHome):
    """A home with one job in it, which was interrupted."""

    __slots__ = ()

    @property
    def job(self) -> str:
        return self.words["JOB"]

    async def states(self) -> list[JobState]:
        """Of all jobs there, the newest first."""
        engine = LocalEngine(self.data, 2)
        try:
            return [view.state for view in await engine.jobs()]
        finally:
            await engine.close()

    def unread(self) -> int:
        """How many squares the log of the job holds."""
        logs = (self.data / "jobs" / self.job).rglob("*.log")
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
    return JobHome(home, {"JOB": job})


def has_jobs(running: RunningConsole) -> bool:
    return bool(running.app.model.jobs)


# -- the console ---------------------------------------------------------------------------------


@in_the_console(*CHANGES, AGAIN)
async def test_in_the_console(change: Change, by: By, place: JobHome) -> None:
    before = place.unread()
    async with console(place, has_jobs) as running:
        await ask(running, change, by, place)
        # A job ends with its console, here before its workers have written anything.
        await running.until(lambda: change is not RESUME or place.unread() > before)
    await came_about(change, place, before)


@in_the_console(*CHANGES)
async def test_in_a_read_only_console(change: Change, by: By, place: JobHome) -> None:
    async with console(place, has_jobs, read_only=True) as running:
        await running.press(*change.at)
        if change is START:
            by = give_command
        await by(running, replace(change, form=()), place)
        await running.until(lambda: has_said(running, re.escape(refusal(change))))
    await nothing_happened(place)


# -- the command line ----------------------------------------------------------------------------


@on_the_command_line(*CHANGES)
async def test_on_the_command_line(change: Change, place: JobHome) -> None:
    before = place.unread()
    run_verb(place, change, "--engine", "local")
    await came_about(change, place, before)


@on_the_command_line(*CHANGES)
async def test_on_a_read_only_command_line(change: Change, place: JobHome) -> None:
    child = spawn(place, *change.verb, "--engine", "local", "--read-only")
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
        # What the daemon throws away of its own accord is kept, too.
        assert kept(place.home) == before + 5
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


@pytest.fixture
def full(ended_job: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobHome:
    """A home with an ended job, of which the results file knows only a part."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    shutil.copytree(ended_job[0], tmp_path / "home")
    return JobHome(tmp_path / "home", {"JOB": ended_job[1]})


@in_the_console(REMOVE)
async def test_an_ended_job_loses_none_of_15_004_squares_in_the_console(
    change: Change, by: By, full: JobHome
) -> None:
    async with console(full, has_jobs) as running:
        await ask(running, change, by, full, seconds=400)
    assert await full.states() == []
    assert kept(full.home) == FOUND


async def test_an_ended_job_loses_none_of_15_004_squares_on_the_command_line(full: JobHome) -> None:
    run_verb(full, REMOVE, "--engine", "local")
    assert await full.states() == []
    assert kept(full.home) == FOUND


# -- what must have come about -------------------------------------------------------------------


async def came_about(change: Change, place: JobHome, before: int) -> None:
    assert place.noted() == [(change.kind.audit, "done")]
    states = await place.states()
    if change.kind is Kind.START_JOB:
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
