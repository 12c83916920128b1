"""A run of Ansible cancelled and tried again by key, by palette and as a verb: the same.

Real Ansible, with a small playbook of its own, on this machine.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pexpect
import pytest

from operations.kinds import Kind
from provision.runs.events import RunState
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    ask,
    console,
    has_said,
    press_keys,
    refusal,
    run_verb,
    spawn,
    use_palette,
)
from tests.provision.test_runs import SAID, RunPlace, at_docker, last, make_place, seen
from tests.tui.console.running import RunningConsole
from tui.console.screens.run import RunScreen

pytestmark = pytest.mark.slow

CANCEL = Change(
    kind=Kind.CANCEL_RUN,
    keys=("x",),
    palette="cancel",
    verb=("runs", "cancel"),
    question=r"Cancel the run RUN\?",
    about="What is done stays; what is half done stays half done until a retry.",
    sentence=r"The run RUN is being ended\.",
)
RETRY = Change(
    kind=Kind.RETRY_RUN,
    keys=("r",),
    palette="retry",
    verb=("runs", "retry"),
    sentence=r"The run \S+ goes on with those that are not done\.",
)
CHANGES = (CANCEL, RETRY)


@dataclass(frozen=True, slots=True)
class RunHome(OwnHome):
    """A home from which a run may be begun."""

    place: RunPlace

    async def begun(self) -> "RunHome":
        """With a run in it that waits for leave to go on."""
        run = await self.place.runs.start(self.place.request, SAID)
        await seen(self.place.runs, run, at_docker)
        return replace(self, words={"RUN": run})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunHome]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    place = make_place(tmp_path / "home/squarm")
    # Who tries it again has no password to give.
    common = place.folder / "ansible/roles/common/tasks/main.yml"
    common.write_text("- name: Do nothing\n  ansible.builtin.command: 'true'\n")
    yield RunHome(tmp_path / "home", {}, place)
    if place.runs.live():
        place.runs.cancel()


Ask = Callable[[RunHome, Change], Awaitable[None]]


async def cancelled_and_tried_again(home: RunHome, ask: Ask) -> None:
    home = await home.begun()
    runs = home.place.runs
    await ask(home, CANCEL)
    assert (await last(runs, home.words["RUN"])).state is RunState.CANCELLED
    for leave in ("go", "luck"):
        (home.place.told / leave).touch()
    await ask(home, RETRY)
    again = await last(runs, "")
    assert again.id != home.words["RUN"]
    assert again.state is RunState.DONE
    # The run itself notes how it ended.
    noted = [entry for entry in home.noted() if entry[0] != "provision"]
    assert noted == [("cancel run", "done"), ("retry run", "begun")]


def is_open(running: RunningConsole) -> bool:
    return running.app.session.is_open


def shows(running: RunningConsole, *, over: bool) -> bool:
    """Whether a run is in front, and that is how it stands."""
    front = running.app.front
    return isinstance(front, RunScreen) and front.view is not None and front.view.over is over


@pytest.mark.parametrize("by", [press_keys, use_palette])
async def test_in_the_console(by: By, home: RunHome) -> None:
    async with console(home, is_open) as running:

        async def asked(now: RunHome, change: Change) -> None:
            await running.press("P")
            await running.until(partial(shows, running, over=change is RETRY))
            await ask(running, change, by, now)

        await cancelled_and_tried_again(home, asked)


async def test_on_the_command_line(home: RunHome) -> None:
    async def asked(now: RunHome, change: Change) -> None:
        await asyncio.to_thread(run_verb, now, change)

    await cancelled_and_tried_again(home, asked)


async def test_read_only_refuses_each_with_one_sentence(home: RunHome) -> None:
    home = await home.begun()
    for change in CHANGES:
        child = spawn(home, "--read-only", *change.verb)
        child.expect_exact(f"squarm: {refusal(change)}")
        child.expect(pexpect.EOF)
    async with console(home, is_open, read_only=True) as running:
        await running.press("P")
        await running.until(partial(shows, running, over=False))
        for change in CHANGES:
            await running.press(*change.keys)
            await running.until(partial(has_said, running, re.escape(refusal(change))))
    assert home.place.runs.live() == home.words["RUN"]
    assert home.noted() == []
