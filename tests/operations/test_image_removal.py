"""Images that nothing needs go from every node that lets us in, and no other image does."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from base.audit import Audit
from base.errors import EngineError
from fleet.ssh.shell import LocalShell, Shell, ShellError
from operations.image_removal import tidy
from operations.nodes import Cluster
from operations.operation import Door
from swarm.docker.node_life import NodeLife
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.state import Release, Rollout
from swarm.engine import NodeView
from tests.operations.agreeing import AgreeingUser
from tests.tui.console.scripted.console import node

NAME = "ghcr.io/me/squarm-solver"
OLD, JOB, BEFORE, NOW = (f"{NAME}@sha256:{digit * 64}" for digit in "abcd")
NODES = (
    node("pi-master", role="manager"),
    node("pi-02"),
    node("pi-03"),
    node("pi-04", state="down"),
)
SERVICE, GONE = "s" * 25, "g" * 25
CONTAINERS = (
    f"{'1' * 64} {SERVICE}\n{'2' * 64} {GONE}\n{'3' * 64} {GONE}\n"
    f"$(touch pwned) {GONE}\n; touch pwned {GONE}\n{'4' * 63} {GONE}\n"
)
HOSTILE = f"{NAME}@sha256:$(touch pwned)\n{NAME}@<none>\n<none>@<none>\npostgres@sha256:{'e' * 64}"


@dataclass
class TwoRolledOut:
    """A manager that two images were rolled out by; a job runs from a third."""

    here: str = "id-pi-master"
    images: set[str] = field(default_factory=lambda: {OLD, BEFORE, NOW})
    broken: str = ""
    services: list[str] = field(default_factory=lambda: [f"{NAME}:v1@{JOB.partition('@')[2]}"])
    clean: set[str] = field(default_factory=set)
    removed: list[tuple[str, str]] = field(default_factory=list)

    async def status(self) -> Status:
        return Status((await self.needed())[0], NODES)

    async def needed(self) -> tuple[Rollout, list[str]]:
        current, previous = (Release(one.partition("@")[2]) for one in (NOW, BEFORE))
        return Rollout(f"{NAME}:latest", current, previous), self.services

    async def images_here(self) -> list[str]:
        return [*self.images]

    async def remove_here(self, references: Iterable[str]) -> None:
        if self.broken:
            raise EngineError(self.broken)
        self.images -= {*references}

    async def note_removal(
        self, on: NodeView, removed: Iterable[str], clean: Rollout | None
    ) -> None:
        self.removed += [(on.name, one) for one in removed]
        if clean:
            self.clean.add(on.name)


@dataclass(frozen=True)
class Manager:
    """Knows one job's service; of the nodes one has a Docker that keeps containers."""

    here: str = "id-pi-master"

    async def nodes(self) -> tuple[NodeView, ...]:
        return tuple(replace(one, docker="20.10.24" if one is NODES[1] else "") for one in NODES)

    async def services(self) -> frozenset[str]:
        return frozenset({SERVICE})


@dataclass(frozen=True)
class DockerOfPi02:
    """What its docker has, a line an image."""

    file: Path

    def images(self) -> str:
        return self.file.read_text()

    def removed_containers(self) -> list[str]:
        """Those that it was told to remove."""
        return self.file.with_name("gone").read_text().split()

    def use(self, image: str) -> None:
        """A container uses it from now on."""
        self.file.with_name("used").write_text(image)

    def obeyed(self) -> list[Path]:
        """What a hostile line has made."""
        return [*self.file.parent.rglob("pwned")]


@pytest.fixture
def docker_of_pi_02(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DockerOfPi02:
    images = tmp_path / "images"
    images.write_text(f"{OLD}\n{JOB}\n{BEFORE}\n{NOW}\n{HOSTILE}\n")
    (tmp_path / "used").write_text("")
    (tmp_path / "containers").write_text(CONTAINERS)
    program = tmp_path / "docker"
    program.write_text(
        f"""#!/bin/sh
        cd {tmp_path}
        case "$1 $2" in
        "image ls") cat images ;;
        "container ls") case "$*" in *--no-trunc*) cat containers ;; esac ;;
        "container rm") shift 2; echo "$@" >>gone; : >containers ;;
        "image rm")
            [ "$#" = 3 ] || exit 9
            grep -qxF "$3" used && {{ echo "conflict: $3 is used"; exit 1; }}
            grep -vxF "$3" images > left; mv left images ;;
        esac"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return DockerOfPi02(images)


@asynccontextmanager
async def shell(on: NodeView) -> AsyncIterator[Shell]:
    if on.name != "pi-02":
        raise ShellError(f"{on.name} lets nobody in.")
    yield LocalShell()


async def tidied(rollouts: TwoRolledOut, folder: Path) -> str:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Rollouts]:
        yield cast("Rollouts", rollouts)

    door = Door(AgreeingUser(), read_only=False, audit=Audit(folder / "audit.jsonl"))
    cluster = Cluster(lambda: nullcontext(cast("NodeLife", Manager())), shell)
    done = await door.perform(tidy(opened, cluster))
    assert done is not None
    return done.sentence


async def test_what_nothing_needs_goes_from_each_node(
    tmp_path: Path, docker_of_pi_02: DockerOfPi02
) -> None:
    rollouts = TwoRolledOut()
    said = await tidied(rollouts, tmp_path)
    assert said.startswith("Removed 2 images, from 2 of 4 nodes. Removed jobs had left 2 con")
    assert docker_of_pi_02.removed_containers() == ["2" * 64, "3" * 64]
    assert "pi-03: pi-03 lets nobody in." in said
    assert "pi-04: pi-04 is down." in said
    assert rollouts.images == {BEFORE, NOW}
    assert docker_of_pi_02.images() == f"{JOB}\n{BEFORE}\n{NOW}\n{HOSTILE}\n"
    assert not docker_of_pi_02.obeyed()
    assert rollouts.removed == [("pi-master", OLD), ("pi-02", OLD)]
    # What the job needs is to go once it is gone.
    assert rollouts.clean == {"pi-master"}
    rollouts.services = []
    assert (await tidied(rollouts, tmp_path)).startswith("Removed 1 image, from 1 of 4 nodes.")
    assert JOB not in docker_of_pi_02.images()
    assert rollouts.clean == {"pi-master", "pi-02"}
    assert (await tidied(rollouts, tmp_path)).startswith("There was nothing to remove.")


async def test_what_a_container_uses_stays_and_is_told(
    tmp_path: Path, docker_of_pi_02: DockerOfPi02
) -> None:
    docker_of_pi_02.use(OLD)
    rollouts = TwoRolledOut(services=[])
    said = await tidied(rollouts, tmp_path)
    assert f"pi-02: Docker keeps 1 of them (conflict: {OLD} is used)." in said
    assert docker_of_pi_02.images() == f"{OLD}\n{BEFORE}\n{NOW}\n{HOSTILE}\n"
    assert rollouts.clean == {"pi-master"}


async def test_what_one_daemon_cannot_do_keeps_no_other_from_it(
    tmp_path: Path, docker_of_pi_02: DockerOfPi02
) -> None:
    rollouts = TwoRolledOut(services=[], broken="Docker says: failed to remove root filesystem.")
    said = await tidied(rollouts, tmp_path)
    assert "pi-master: Docker keeps 1 of them (Docker says: failed to remove root" in said
    assert docker_of_pi_02.images() == f"{BEFORE}\n{NOW}\n{HOSTILE}\n"
    assert rollouts.clean == {"pi-02"}


async def test_one_job_that_names_a_tag_alone_keeps_them_all(
    tmp_path: Path, docker_of_pi_02: DockerOfPi02
) -> None:
    rollouts = TwoRolledOut(services=[f"{NAME}:v1"])
    assert (await tidied(rollouts, tmp_path)).startswith("There was nothing to remove.")
    assert OLD in docker_of_pi_02.images()
    assert OLD in rollouts.images
