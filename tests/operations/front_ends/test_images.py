"""The image that jobs run from by key, by `:` command, by palette and as a verb: the same.

On a real swarm of one node, out of a real registry; each way goes through an image's whole life.
"""

import json
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pexpect
import pytest

from fleet.ssh.host_keys import default_path as known_hosts_path
from operations.engines import open_engine
from operations.kinds import Kind
from provision import inventory_file
from provision.inventory import Host, Inventory
from tests.dockerd import MANAGER_ADDRESS, Dockerd
from tests.operations.front_ends.change import (
    By,
    Change,
    OwnHome,
    ask,
    console,
    give_command,
    has_said,
    press_keys,
    refusal,
    run_verb,
    spawn,
    use_palette,
)
from tests.registry import HOST, Registry, push_another, registry
from tests.tui.console.running import RunningConsole
from tui.console.input.prompt import Prompt
from tui.console.screens import images as images_screen
from tui.console.screens.images import ImagesScreen

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

TAG = "squarm-solver:latest"
ON_ITS_PAGE = ("I",)


def is_typed_into(running: RunningConsole) -> bool:
    return running.app.front.query_one(Prompt).display


FOLLOW = Change(
    kind=Kind.FOLLOW_IMAGE,
    at=ON_ITS_PAGE,
    keys=("f",),
    command="image-follow NAME",
    palette="follow",
    verb=("image", "follow", "NAME"),
    form=("= NAME", "enter"),
    opens=is_typed_into,
    sentence=r"The swarm follows NAME: squarm serve rolls it out, or squarm image roll does now\.",
)
ROLL = Change(
    kind=Kind.ROLL_IMAGE,
    at=ON_ITS_PAGE,
    keys=("r",),
    command="image-roll",
    palette="roll out",
    verb=("image", "roll"),
    sentence=r"New jobs run from OLD\.",
)
CHECK = Change(
    kind=Kind.CHECK_IMAGE,
    at=ON_ITS_PAGE,
    keys=("c",),
    command="image-check",
    palette="check",
    verb=("image", "check"),
    sentence=r"NEW is new, and is being rolled out\.",
)
PIN = Change(
    kind=Kind.PIN_IMAGE,
    at=ON_ITS_PAGE,
    keys=("p",),
    command="image-pin DIGEST",
    palette="pin",
    verb=("image", "pin", "DIGEST"),
    form=("ctrl+u", "= image-pin DIGEST", "enter"),
    opens=is_typed_into,
    sentence=r"New jobs run from NEW\. It stays: squarm image roll ends that\.",
)
ROLL_BACK = Change(
    kind=Kind.ROLL_BACK_IMAGE,
    at=ON_ITS_PAGE,
    keys=("b",),
    command="image-roll-back",
    palette="roll back",
    verb=("image", "rollback"),
    question=r"Roll the image back\?",
    about=r"New jobs run from the one before; .+ Nothing is pulled\.",
    sentence=r"New jobs run from OLD\.",
)
TIDY = Change(
    kind=Kind.TIDY_IMAGES,
    at=ON_ITS_PAGE,
    keys=("t",),
    command="image-tidy",
    palette="tidy",
    verb=("image", "tidy"),
    question=r"Remove the images that nothing needs from every node\?",
    about="Of the followed name all go but the last two",
    sentence=r"Removed 1 image, from 1 of 1 nodes\.",
)
UNFOLLOW = Change(
    kind=Kind.UNFOLLOW_IMAGE,
    at=ON_ITS_PAGE,
    keys=("u",),
    command="image-unfollow",
    palette="unfollow",
    verb=("image", "unfollow"),
    question=r"Follow no image any more\?",
    about="New jobs run from the image that nodes were given",
    sentence=r"The swarm follows NAME no more\.",
)
CHANGES = (FOLLOW, ROLL, CHECK, PIN, ROLL_BACK, TIDY, UNFOLLOW)


@dataclass(frozen=True, slots=True)
class ImageHome(OwnHome):
    """A home on the manager, beside a registry; the swarm follows nothing yet."""

    manager: Dockerd
    registry: Registry

    def push(self) -> str:
        """Another image under the name; its digest."""
        push_another(self.registry, TAG)
        api = self.manager.api()
        return str(api.inspect_distribution(f"{HOST}/{TAG}")["Descriptor"]["digest"])

    def has(self) -> set[str]:
        """The digests of the manager's images that are from the registry."""
        names = [name for one in self.manager.api().images() for name in one["RepoDigests"] or ()]
        return {name.partition("@")[2] for name in names if name.startswith(HOST)}


@pytest.fixture
def place(
    swarm_manager: Dockerd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ImageHome]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", swarm_manager.host)
    monkeypatch.setattr(images_screen, "LOOK_SECONDS", 0.2)
    (tmp_path / "home/squarm").mkdir(parents=True)
    (node,) = swarm_manager.api().nodes()
    here = Host(
        "aaaa", node["Description"]["Hostname"], MANAGER_ADDRESS, role="manager", local=True
    )
    inventory_file.write(inventory_file.default_path(), Inventory(here), known_hosts_path())
    with registry(swarm_manager, tmp_path / "registry") as running:
        home = ImageHome(tmp_path / "home", {"NAME": f"{HOST}/{TAG}"}, swarm_manager, running)
        unneeded, old = home.push(), home.push()
        swarm_manager.api().pull(f"{HOST}/{TAG.partition(':')[0]}@{unneeded}")
        assert home.has() == {unneeded}
        yield replace(home, words={**home.words, "OLD": old[:19]})


Ask = Callable[[ImageHome, Change], Awaitable[None]]


async def whole_life(place: ImageHome, ask: Ask) -> None:
    """An image is followed, rolled out, pinned, rolled back, tidied away, followed no more."""
    await ask(place, FOLLOW)
    await ask(place, ROLL)
    (old,) = {one for one in place.has() if one[:19] == place.words["OLD"]}
    new = place.push()
    place = replace(place, words={**place.words, "NEW": new[:19], "DIGEST": new})
    await ask(place, CHECK)
    await ask(place, PIN)
    await ask(place, ROLL_BACK)
    assert len(place.has()) == 3
    await ask(place, TIDY)
    assert place.has() == {old, new}
    await ask(place, UNFOLLOW)
    done = [entry for entry in place.noted() if entry[1] == "done"]
    assert done == [(change.kind.audit, "done") for change in CHANGES]


def on_a_swarm(running: RunningConsole) -> bool:
    return running.app.model.on_swarm


@pytest.mark.parametrize("by", [press_keys, give_command, use_palette])
async def test_in_the_console(by: By, place: ImageHome) -> None:
    async with console(place, on_a_swarm, open_engine=open_engine) as running:

        async def asked(now: ImageHome, change: Change) -> None:
            await running.press(*change.at)
            page = running.app.front
            assert isinstance(page, ImagesScreen)
            # What cannot be done yet has no key.
            await running.until(lambda: change is FOLLOW or page.followed == now.words["NAME"])
            running.toasts.clear()
            await ask(running, change, by, now)

        await whole_life(place, asked)


async def test_on_the_command_line(place: ImageHome) -> None:
    assert "squarm image follow" in tells("status")

    async def asked(now: ImageHome, change: Change) -> None:
        run_verb(now, change)
        if change is ROLL:
            assert "on 1 of 1 nodes, for linux/amd64" in tells("status")
            told = json.loads(tells("status", "--json"))
            assert (told["follow"], told["target"]) == (now.words["NAME"], None)
            assert [*told["nodes"].values()] == [True]
            assert "no image to go back to" in tells("rollback", "--yes", code=2)

    await whole_life(place, asked)
    events = [line.split()[2] for line in tells("history").splitlines()]
    assert events[-3:] == ["rolled", "begun", "followed"]


def tells(*words: str, code: int = 0) -> str:
    """What a verb about images prints."""
    command = [sys.executable, "-m", "tui", "image", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


async def test_read_only_refuses_each_with_one_sentence(place: ImageHome) -> None:
    place = replace(place, words={**place.words, "DIGEST": f"sha256:{'a' * 64}"})
    before = place.has()
    for change in CHANGES:
        child = spawn(place, "--read-only", *change.verb)
        child.expect_exact(f"squarm: {refusal(change)}")
        child.expect(pexpect.EOF)
    async with console(place, on_a_swarm, open_engine=open_engine, read_only=True) as running:
        for by in (press_keys, give_command):
            for change in CHANGES:
                running.toasts.clear()
                await running.press(*change.at)
                await by(running, replace(change, form=()), place)
                await running.until(partial(has_said, running, re.escape(refusal(change))))
    assert place.has() == before
    assert place.noted() == []
