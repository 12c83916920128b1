"""Provisioning in the console: the plan, the run, and a node's life, by keys."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import ProvisionError
from fleet.alert_log import ALERT
from provision import inventory_file
from provision.inventory import Host, Inventory
from provision.prepare import Foreseen
from provision.runs.events import AnsibleTaskState, RunEnd, RunEvent, RunState, TaskEvent, encode
from provision.runs.folder import RunFolder, RunRequest, under_way
from tests.provision.test_preflight import MASTER, OTHER, PI
from tests.tui.console.running import HOSTILE, RunningConsole, console
from tests.tui.console.scripted.cluster import HOSTS, ScriptedProvisioning, foreseen
from tests.tui.console.scripted.console import busy_events, swarm_snapshot
from tests.tui.console.scripted.pis import PICK_KITCHEN, some_pis
from tui.console.render.plan_page import plan_page
from tui.console.screens.dialogs.confirm import PasswordDialog
from tui.console.screens.plan import PlanScreen
from tui.console.screens.run import RunScreen


def task(host: Host, role: str, state: AnsibleTaskState, message: str = "") -> TaskEvent:
    return TaskEvent(time.time(), host.alias, role, f"A task of {role}", state, message)


def run_in(
    running: RunningConsole, *events: RunEvent, inventory: Path = Path("i.yml")
) -> RunFolder:
    """A run's folder as its process would write it."""
    folder = RunFolder.make(
        running.app.provisioning.runs.path, RunRequest("site", inventory, HOSTS)
    )
    write(folder, *events)
    folder.log.write_text("TASK [common : Set the host name]\nchanged: [swarmost1]\n")
    return folder


def write(folder: RunFolder, *events: RunEvent) -> None:
    with folder.events.open("a") as file:
        file.writelines(map(encode, events))


async def foresee(running: RunningConsole, answer: Callable[[], Foreseen]) -> PlanScreen:
    """Press p on a Pi; this is foreseen."""
    running.app.provisioning = ScriptedProvisioning(running.app, answer)
    await running.press(*PICK_KITCHEN, "p")
    screen = running.app.front
    assert isinstance(screen, PlanScreen)
    return screen


def test_a_plan_names_each_machine_what_is_done_and_who_must_be_helped() -> None:
    text = "\n".join("".join(part for part, _ in line) for line in plan_page(foreseen().plan))
    assert "● swarmost1  worker at 10.0.0.11, now raspberrypi" in text
    assert "Docker will be installed." in text
    refused = plan_page(foreseen(blocked=True).plan)
    text = "\n".join("".join(part for part, _ in line) for line in refused)
    assert "is left out" in text
    assert "it lets pi in with no key." in text


async def test_the_plan_is_shown_and_its_choices_are_made_by_keys(tmp_path: Path) -> None:
    here = swarm_snapshot(engine="local", place="pc")
    async with console(tmp_path, (120, 40), here, some_pis(), engine="local") as on:
        screen = await foresee(on, foreseen)
        assert screen.choice.here
        assert "3 machines are ready. Enter begins" in on.text()
        assert "this machine" in on.text()
        await on.press("M", "w", "u")
        assert (screen.choice.managers, screen.choice.keep_passwords) == (3, True)
        for text in ("stay on", "brought up to date", "managers        3"):
            assert text in on.text()
        await on.press("m")
        assert screen.choice.master_pi == screen.choice.pis[0]
        await on.press("S")
        assert isinstance(on.app.screen, PasswordDialog)
        await on.type("secret")
        assert "secret" not in on.screen()
        await on.press("enter")
        assert on.app.logins.credentials().here == "secret"
        await on.press("escape")
        assert on.at_main()


async def test_what_cannot_be_foreseen_is_one_sentence(tmp_path: Path) -> None:
    def refuse() -> Foreseen:
        raise ProvisionError("The master of this inventory is swarmaster: reset its swarm first.")

    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:
        screen = await foresee(running, refuse)
        assert "✗ The master of this inventory is swarmaster" in running.text()
        await running.press("enter")
        assert running.app.front is screen


async def test_a_run_is_followed_to_its_end_and_a_failure_read_in_place(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:
        folder = run_in(running, task(PI, "common", AnsibleTaskState.STARTED))
        with under_way(folder):
            await running.press("P")
            # On the main screen some job is running, too.
            await running.until(lambda: isinstance(running.app.screen, RunScreen))
            await running.until(lambda: "● running" in running.text())
            write(
                folder,
                task(PI, "common", AnsibleTaskState.CHANGED),
                task(OTHER, "docker", AnsibleTaskState.STARTED),
                task(OTHER, "docker", AnsibleTaskState.FAILED, HOSTILE),
                RunEnd(time.time(), RunState.FAILED, (OTHER.alias,)),
            )
        await running.until(lambda: "✗ failed" in running.text())
        assert "docker, A task of docker: " in running.text()
        assert "[bold]x[/]" in running.text()
        assert "1 of 3 in order" in running.screen()
        assert "r retry" in running.screen().splitlines()[-1]
        assert "x cancel" not in running.screen().splitlines()[-1]
        await running.press("l")
        await running.until(lambda: "TASK [common : Set the host name]" in running.text())
        await running.press("escape", "escape")
        assert running.at_main()


async def test_a_run_says_by_which_way_its_swarm_is_reached_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    elsewhere = Host("000000a0", "swarmaster", "10.0.0.7")
    sentences = (
        (replace(MASTER, local=True), "", "talks to the swarm by Docker's socket on this machine."),
        (elsewhere, "", "yet: q, then DOCKER_HOST=ssh://pi@10.0.0.7 squarm."),
        (elsewhere, "ssh://pi@10.0.0.7", "by SSH through swarmaster (DOCKER_HOST)."),
    )
    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:

        def said(sentence: str) -> bool:
            return sentence in running.screen()

        for master, docker, sentence in sentences:
            monkeypatch.setenv("DOCKER_HOST", docker)
            inventory_file.write(tmp_path / "i.yml", Inventory(master, (PI,)), tmp_path / "known")
            run_in(
                running,
                task(PI, "common", AnsibleTaskState.STARTED),
                task(PI, "common", AnsibleTaskState.CHANGED),
                RunEnd(time.time(), RunState.DONE),
                inventory=tmp_path / "i.yml",
            )
            await running.press("P")
            await running.until(partial(said, sentence))
            await running.press("escape")


async def test_without_any_run_the_way_to_one_is_said(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 40), *busy_events(), some_pis()) as running:
        await running.press("P")
        await running.until(lambda: bool(running.toasts))
        assert "Nothing has been provisioned yet" in running.toasts[0]


@pytest.mark.parametrize(
    ("keys", "question", "done", "sentence"),
    [
        (("down", "m"), "Make pi-02 a manager?", ("promote", "id-pi-02"), "pi-02 is a manager."),
        (
            ("down", "down", "down", "X"),
            "Take pi-04 out of the swarm?",
            ("forget", "id-pi-04"),
            "pi-04 is out of the swarm.",
        ),
    ],
)
async def test_a_change_to_a_node_asks_first_and_says_what_came_of_it(
    tmp_path: Path, keys: tuple[str, ...], question: str, done: tuple[str, str], sentence: str
) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        provisioning = ScriptedProvisioning(running.app)
        running.app.provisioning = provisioning
        await running.press("1", *keys)
        assert question in running.screen()
        await running.press("enter")
        assert provisioning.manager.done == []
        await running.press(keys[-1], "right", "enter")
        await running.until(lambda: any(sentence in toast for toast in running.toasts))
        assert provisioning.manager.done == [done]
        (entry,) = (entry for entry in Audit().read(10) if entry.what != ALERT)
        assert (entry.target, entry.result) == (done[1].removeprefix("id-"), "done")


async def test_how_far_a_change_is_stands_below_its_row_until_it_is_over(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        provisioning = ScriptedProvisioning(running.app)
        running.app.provisioning = provisioning
        nodes = running.app.main.nodes
        await running.press("1", "down", "t", "right", "enter")
        await running.until(lambda: "● draining, 3 tasks left, 2 s" in running.text(nodes))
        provisioning.manager.drained.set()
        await running.until(lambda: any("pi-02 is drained" in toast for toast in running.toasts))
        assert "draining" not in running.text(nodes)


async def test_the_loss_of_a_majority_is_said_before_a_reboot(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press("1", "B")
        assert "Reboot pi-master?" in running.screen()
        assert "The swarm cannot be managed while pi-master is away." in " ".join(
            running.screen().split()
        )


async def test_what_is_no_node_cannot_be_drained(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "t")
        assert running.toasts == ["▲ kitchen is no node of a swarm: p makes Pis nodes of one."]
