"""An image loaded from the console: asked for, shown node by node, broken off, told at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from base.audit import Audit
from fleet.ssh.shell import LocalShell, Shell, ShellError
from operations.nodes import Cluster, manager_here
from swarm.docker.rollout.state import Rollout
from swarm.engine import NodeView
from tests.swarm.loading.images import layout, noise
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.cluster import ScriptedProvisioning
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.images import ScriptedImages, told
from tui.console.screens import images as images_screen
from tui.console.screens.dialogs.confirm import Confirm

PULLING = "pi-02"


@dataclass
class NodeShell(LocalShell):
    """A node's; where its port leads is noted."""

    leads: list[Path] = field(default_factory=list)

    @asynccontextmanager
    async def forward(self, _port: int, path: Path) -> AsyncIterator[str]:
        self.leads.append(path)
        yield ""


class Provisioning(ScriptedProvisioning):
    """One node lets squarm in."""

    leads: list[Path]

    @property
    def cluster(self) -> Cluster:
        self.leads = []

        @asynccontextmanager
        async def shell(node: NodeView) -> AsyncIterator[Shell]:
            if node.name != PULLING:
                raise ShellError(f"{node.name} lets nobody in.")
            yield NodeShell(leads=self.leads)

        return Cluster(manager_here, shell)

    async def pull(self, folder: Path) -> None:
        """As that node does: all blobs of an image."""
        connector = aiohttp.UnixConnector(str(self.leads[0]))
        async with aiohttp.ClientSession("http://here", connector=connector) as session:
            for blob in (folder / "blobs/sha256").iterdir():
                async with session.get(f"/v2/x/blobs/sha256:{blob.name}") as answer:
                    assert len(await answer.read()) == blob.stat().st_size


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Roomy cards, and files of the test's own."""
    for name in ("DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setattr(images_screen, "LOOK_SECONDS", 0.05)
    for name, text in (("docker", "echo /"), ("df", "echo; echo root 9 9 90000000 9% /")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def image(tmp_path: Path, _home: None) -> Path:
    return layout(tmp_path / "a new image", architecture="arm64", layers=[noise(300_000)])


@asynccontextmanager
async def page(
    folder: Path, **options: bool
) -> AsyncIterator[tuple[RunningConsole, ScriptedImages, Provisioning]]:
    async with console(folder, (120, 40), *busy_events(), **options) as running:
        scripted = ScriptedImages(told(Rollout()))
        provisioning = Provisioning(running.app)
        running.app.images, running.app.provisioning = scripted, provisioning
        await running.press("I")
        await running.until(lambda: "loads one from a file" in running.screen())
        yield running, scripted, provisioning


async def ask_for(running: RunningConsole, words: str) -> None:
    """By key, as far as the question."""
    await running.press("l")
    await running.type(words)
    await running.press("enter")
    await running.until(lambda: isinstance(running.app.screen, Confirm))


def noted() -> list[tuple[str, str]]:
    return [(entry.what, entry.result) for entry in Audit().read(9)]


async def test_a_load_is_shown_node_by_node_and_told_at_the_end(
    tmp_path: Path, image: Path
) -> None:
    async with page(tmp_path) as (running, scripted, provisioning):
        assert "x cancel" not in running.screen()
        await ask_for(running, "'a new image'")
        await running.press("escape")
        assert not scripted.rollouts.done
        scripted.rollouts.pulling = PULLING
        await ask_for(running, "'a new image'")
        await running.press("right", "enter")
        await running.until(lambda: "being tested on pi-02" in running.screen())
        assert "loading     a new image: " in running.screen()
        assert "x cancel" in running.screen()
        # Who is not reached says so in its row, and has no part in it.
        await running.until(lambda: "pi-03 pulls none: pi-03 lets nobody in." in running.text())
        await provisioning.pull(image)
        await running.until(lambda: "pi-02 has 294K of 294K at most." in running.text())
        await running.press("l")
        assert "x on its page ends that" in running.toasts[-1]
        scripted.rollouts.pulling = ""
        await running.until(lambda: any("Pulled: pi-02 294K." in toast for toast in running.toasts))
        await running.until(lambda: "loading " not in running.screen())
        assert "x cancel" not in running.screen()
    assert noted() == [("load image", "done")]


async def test_a_load_that_is_cancelled_is_rolled_out_no_more(tmp_path: Path) -> None:
    async with page(tmp_path) as (running, scripted, _):
        scripted.rollouts.pulling = PULLING
        await ask_for(running, "'a new image'")
        await running.press("right", "enter")
        await running.until(lambda: "being tested on pi-02" in running.screen())
        await running.press("x")
        await running.until(lambda: any("Cancelled: load image" in said for said in running.toasts))
        assert scripted.rollouts.done == ["load", "break off"]
        await running.until(lambda: "loads one from a file" in running.screen())
        await running.press("x")
        assert "No image is being loaded from here." in running.toasts[-1]
    assert noted() == [("load image", "cancelled")]


async def test_what_is_no_image_is_said_and_nothing_changed(tmp_path: Path) -> None:
    async with page(tmp_path) as (running, scripted, _):
        await running.press("l")
        await running.type("'half")
        await running.press("enter")
        await running.until(lambda: "A quotation mark" in running.toasts[-1])
        (tmp_path / "letter").write_text("no image")
        await ask_for(running, "letter")
        await running.press("right", "enter")
        await running.until(lambda: "letter cannot be read" in running.toasts[-1])
        assert not scripted.rollouts.done
    assert noted() == [("load image", "failed")]
