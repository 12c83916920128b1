"""What takes a while: shown at once, begun once, and it touches no screen but its own."""

import asyncio
import gc
import signal
from pathlib import Path

import pytest

from operations.operation import Caution
from provision.runs.folder import RunFolder, RunRequest
from provision.runs.runs import Runs
from provision.runs.secrets import RunSecrets
from provision.runs.view import RunView
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.cluster import ScriptedProvisioning, foreseen
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.pis import PICK_KITCHEN, some_pis
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.dialogs.login_form import LoginForm
from tui.console.screens.page import PageScreen
from tui.console.screens.run import RunScreen


class SlowRuns(Runs):
    """Whatever takes a while takes it until `go` is set."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go = asyncio.Event()
        self.begun = 0

    async def start(self, request: RunRequest, said: RunSecrets) -> str:
        del said
        self.begun += 1
        await self.go.wait()
        return RunFolder.make(self.path, request).id


class SlowProvisioning(ScriptedProvisioning):
    """Runs that begin slowly."""

    def __init__(self, running: RunningConsole) -> None:
        super().__init__(running.app, foreseen)
        self.slow = SlowRuns(running.app.provisioning.runs.path)

    async def newest(self) -> RunView:
        await self.slow.go.wait()
        return await super().newest()

    @property
    def runs(self) -> SlowRuns:
        return self.slow


async def with_a_plan(running: RunningConsole) -> SlowRuns:
    """Before Enter, on the plan of a run that begins slowly."""
    provisioning = SlowProvisioning(running)
    running.app.provisioning = provisioning
    await running.press(*PICK_KITCHEN, "p")
    await running.until(lambda: "Enter begins" in running.text())
    return provisioning.slow


@pytest.mark.parametrize("then", ["escape", "question_mark", "enter"])
async def test_a_slow_start_is_shown_begun_once_and_opens_nothing_elsewhere(
    tmp_path: Path, then: str
) -> None:
    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:
        runs = await with_a_plan(running)
        await running.press("enter")
        assert "● provision swarm" in running.screen().splitlines()[-1]
        await running.press(then)
        await running.until(lambda: bool(runs.begun))
        before = running.app.screen
        runs.go.set()
        await running.until(lambda: any("has begun" in toast for toast in running.toasts))
        # A screen that has just been opened shows nothing yet.
        await running.until(lambda: "● provision" not in running.screen().rpartition("\n")[2])
        assert runs.begun == 1
        if then == "enter":
            await running.until(lambda: isinstance(running.app.screen, RunScreen))
            await running.press("escape")
            assert running.at_main()
        else:
            assert running.app.screen is before
            await running.press("escape")
            # The plan is carried out: it is not there to be begun again.
            assert running.at_main()


async def test_a_screen_that_comes_late_takes_no_letter_of_a_password(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:
        provisioning = SlowProvisioning(running)
        running.app.provisioning = provisioning
        RunFolder.make(provisioning.slow.path, RunRequest("site", Path("i"), {"a": "b"}))
        await running.press(*PICK_KITCHEN, "P", "L")
        assert isinstance(running.app.screen, LoginForm)
        await running.type("qu")
        provisioning.slow.go.set()
        await running.until(lambda: any("you had gone on" in toast for toast in running.toasts))
        assert isinstance(running.app.screen, LoginForm)
        await running.press("escape")
        assert running.at_main()


async def test_a_removed_job_takes_its_own_screen_away_and_no_other(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events()) as running:
        await running.press("2", "G", "enter", "D", "right", "enter", "question_mark")
        await running.until(lambda: ("remove", "mols10-91ac5e") in running.engine.asked)
        assert isinstance(running.app.screen, PageScreen)
        await running.press("escape")
        # Its own goes once the removal is noted.
        await running.until(running.at_main)


async def test_to_quit_in_the_middle_of_a_removal_is_asked(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        provisioning = ScriptedProvisioning(running.app)
        running.app.provisioning = provisioning
        await running.press("1", "down", "t", "right", "enter")
        await running.until(lambda: "draining" in running.text(running.app.main.nodes))
        await running.press("t")
        await running.press("q")
        assert isinstance(running.app.screen, Confirm)
        assert "Under way: drain pi-02." in running.screen()
        await running.press("enter")
        assert running.at_main()
        provisioning.manager.drained.set()
        await running.until(lambda: any("is drained" in toast for toast in running.toasts))


async def test_what_the_system_refuses_behind_a_key_is_a_sentence(tmp_path: Path) -> None:
    async def refused() -> None:
        raise PermissionError(13, "Permission denied", "/var/lib/x")

    async with console(tmp_path, (120, 40), *busy_events()) as running:
        running.app.start(refused)
        await running.until(lambda: bool(running.toasts))
        assert running.toasts == ["✗ /var/lib/x cannot be used: Permission denied."]


async def test_enter_twice_in_a_question_answers_once(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        await running.press("question_mark", "ctrl+p")
        await running.type("leaderboard")
        await running.until(lambda: "triples" in running.screen())
        running.at_once("enter", "enter", "enter", "enter", "escape", "enter")
        await running.press("escape", "escape", "escape")
        await running.until(running.at_main)
        assert running.app.failure == ""
        running.app.push_screen(Confirm(Caution("Once?", "", "Yes", "No")))
        await running.press("question_mark")
        running.at_once("n", "n", "escape", "n")
        await running.pause()
        await running.press("escape")
        await running.until(lambda: not isinstance(running.app.screen, Confirm))


async def test_a_palette_that_is_not_filled_yet_can_be_paged_through(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        running.at_once("ctrl+p", "z", *["pagedown", "pageup"] * 4)
        await running.press("pagedown", "escape", "escape")
        await running.until(running.at_main)
        assert running.app.failure == ""


async def test_work_that_the_end_overtakes_before_its_first_step_warns_of_nothing(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    async def work() -> None: ...

    async with console(tmp_path) as running:
        app = running.app
        app.on_mount()
        app.start(work, "some work")
        app.workers.cancel_all()
        app.leave()
    gc.collect()
    assert [str(each.message) for each in recwarn if "never awaited" in str(each.message)] == []


async def test_what_is_pressed_behind_a_signal_does_not_change_its_code(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        running.app.end_by_signal(signal.SIGTERM)
        running.app.leave()
    assert running.app.return_code == 128 + signal.SIGTERM
