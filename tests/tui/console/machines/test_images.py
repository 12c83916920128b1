"""The image's page: what it tells of a rollout, and what can be done about it there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from base.audit import Audit
from swarm.docker.rollout.rollouts import Status
from swarm.docker.rollout.state import Rollout
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import busy_events, scripted_app, swarm_snapshot
from tests.tui.console.scripted.images import (
    FOLLOWED,
    NEW,
    OLD,
    OLDEST,
    ScriptedImages,
    refused,
    told,
    under_way,
)
from tui.console.screens import images as images_screen
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.images import ImagesScreen


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(images_screen, "LOOK_SECONDS", 0.05)


@asynccontextmanager
async def page(
    folder: Path, status: Status, size: tuple[int, int] = (80, 24), **options: bool
) -> AsyncIterator[tuple[RunningConsole, ScriptedImages]]:
    async with console(folder, size, *busy_events(), **options) as running:
        scripted = ScriptedImages(status)
        running.app.images = scripted
        await running.press("I")
        assert isinstance(running.app.front, ImagesScreen)
        yield running, scripted


def rows(running: RunningConsole) -> dict[str, str]:
    """The table's rows without their notes, by the node's name."""
    lines = [line[1:] for line in running.text().splitlines() if line[1:2].strip()]
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


async def says(running: RunningConsole, words: str) -> None:
    await running.until(lambda: any(words in toast for toast in running.toasts))


async def test_each_node_tells_what_it_has_and_how_its_test_is(tmp_path: Path) -> None:
    async with page(tmp_path, under_way(), (100, 40)) as (running, _):
        await running.until(lambda: "pi-07" in running.text())
        shown = rows(running)
        old, new = OLD.digest[:19], NEW.digest[:19]
        assert shown["pi-02"] == f"linux/arm64 {new} - passed ✓ tested"
        assert shown["pi-03"] == f"linux/arm64 {old} - running ● testing"
        assert shown["pi-04"] == f"linux/arm64 {old} ≤508K not yet ◌ away"
        assert shown["pi-05"] == f"linux/arm/v7 {old} ≤508K pulling ● canary"
        assert shown["pi-06"] == f"linux/arm/v7 {old} ≤508K not yet ○ waiting"
        assert shown["pi-07"] == "linux/riscv64 unknown - - ■ passed over"
        assert "pi-05 pulls up to 508K: 2m so far." in running.text()
        assert "the image is made for linux/amd64" in running.text()
        screen = running.screen()
        assert f"follows     {FOLLOWED}" in screen
        assert "being tested on pi-03, pi-05." in screen
        # The layer of the system, which does not change, is there.
        assert "to pull     up to 2.0M in all, on 4 of 7 nodes" in screen
        assert f"before      {OLDEST.digest}" in screen


async def test_a_node_that_fails_has_the_reason_below_it(tmp_path: Path) -> None:
    async with page(tmp_path, refused(), (120, 40)) as (running, scripted):
        await running.until(lambda: "pi-07" in running.text())
        assert rows(running)["pi-05"].endswith("failed ✗ failed")
        assert rows(running)["pi-02"].endswith("passed ✓ current")
        # What a container wrote is text.
        assert f"{NEW.digest[:19]}: On pi-05: its self-test fails" in running.text()
        assert "order 6 [red]x[/]" in " ".join(running.text().split())
        scripted.rollouts.problem = "Docker does not answer."
        await running.until(lambda: "▲ Docker does not answer." in running.screen())
        assert FOLLOWED in running.screen()


async def test_a_node_without_room_is_held_and_says_why(tmp_path: Path) -> None:
    why = "pi-06 has 90 MB free where Docker keeps images."
    status = under_way()
    rollout = replace(status.rollout, full={"id-pi-06": why, "id-pi-02": "once"})
    async with page(tmp_path, told(rollout, *status.tests), (120, 40)) as (running, _):
        await running.until(lambda: why in running.text())
        assert rows(running)["pi-06"].endswith("not yet ‖ held")
        # What was pulled already fits.
        assert rows(running)["pi-02"].endswith("passed ✓ tested")


async def test_rolled_out_pinned_and_rolled_back_by_key(tmp_path: Path) -> None:
    async with page(tmp_path, refused(), (120, 40)) as (running, scripted):
        await running.until(lambda: "r roll out" in running.screen())
        await running.press("r")
        await says(running, f"New jobs run from {NEW.digest[:19]}.")
        await running.until(lambda: rows(running)["pi-05"].endswith("passed ✓ current"))
        await running.press("b")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        await running.press("escape")
        assert scripted.rollouts.done == ["check"]
        await running.press("b")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        await running.press("right", "enter")
        await says(running, f"New jobs run from {OLD.digest[:19]}.")
        await running.until(lambda: OLD.digest[:19] in rows(running)["pi-05"])
        # The digest under the cursor is proposed.
        await running.press("p")
        await running.until(lambda: f":image-pin {OLD.digest}" in running.screen())
        await running.press("enter")
        await says(running, "It stays")
        await running.until(lambda: f"{FOLLOWED} (pinned)" in running.screen())
    noted = [(entry.what, entry.result) for entry in Audit().read(9)]
    assert noted == [("roll image", "done"), ("roll back image", "done"), ("pin image", "done")]


async def test_who_follows_nothing_is_told_how_to_begin(tmp_path: Path) -> None:
    async with page(tmp_path, told(Rollout())) as (running, scripted):
        await running.until(lambda: "follows one in a registry" in running.screen())
        assert "roll out" not in running.screen()
        await running.press("f")
        await running.type("nonsense")
        await running.press("enter")
        await says(running, "'nonsense' is no image in a registry")
        assert not scripted.rollouts.done
        await running.press("f")
        await running.type(FOLLOWED)
        await running.press("enter")
        await says(running, f"The swarm follows {FOLLOWED}")
        await running.until(lambda: "on its way" in running.screen())
        for options, said in (
            (
                f"--signed-by {tmp_path}/none.pub",
                "none.pub cannot be read: No such file or directory.",
            ),
            ("--none", "takes HOST/NAME:TAG, and after it --signed-by FILE or --unsigned."),
        ):
            await running.press("colon")
            await running.type(f"image-follow {FOLLOWED} {options}")
            await running.press("enter")
            await says(running, said)
        await running.press("u")
        await running.until(lambda: isinstance(running.app.screen, Confirm))
        await running.press("right", "enter")
        await running.until(lambda: "no image in a registry" in running.screen())


async def test_on_this_machine_alone_no_image_is_asked_for(tmp_path: Path) -> None:
    async with page(tmp_path, under_way()) as (running, scripted):
        await running.put(swarm_snapshot(engine="local", place="pc"))
        await running.until(lambda: "no image is needed" in running.screen())
        await running.press("r")
        await says(running, "Jobs run on this machine")
        assert not scripted.rollouts.done
        await running.press("H")
        await running.until(lambda: f"rolled out     {FOLLOWED}@" in running.screen())


async def test_why_no_manager_answers_is_said_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    async with console(tmp_path, (120, 40), *busy_events()) as running:
        await running.press("I")
        await running.until(lambda: "▲ " in running.screen() and "nobody.sock" in running.screen())


async def test_read_only_loads_nothing_and_offers_nothing(tmp_path: Path) -> None:
    async with page(tmp_path, under_way(), read_only=True) as (running, scripted):
        await running.until(lambda: "pi-06" in running.text())
        await running.press("l")
        assert "--read-only refuses this" in running.toasts[-1]
        assert not scripted.rollouts.done
        assert "roll out" not in running.screen()


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_how_a_refusal_looks(
    snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]
) -> None:
    app = scripted_app(tmp_path, None, *busy_events())
    app.images = ScriptedImages(refused())

    async def opened(pilot: Pilot[int]) -> None:
        while not app.session.is_open or app.model.snapshot is None:
            await pilot.pause(0.01)
            app.deliver()
        await pilot.press("I")
        front = app.front
        assert isinstance(front, ImagesScreen)
        while not front.images.rows:
            await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=opened)
