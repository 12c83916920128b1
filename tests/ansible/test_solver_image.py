"""The role solver_image where Docker and kernel differ, and where no image can be built."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ansible.docker_peer import DockerPeer, serving
from tests.ansible.local import LocalMachines
from tests.ansible.playbook import failures

pytestmark = pytest.mark.slow
NAME = "squarm-solver:1"
ROLE = [{"name": "Image", "ansible.builtin.include_role": {"name": "solver_image"}}]
MakeMachines = Callable[..., LocalMachines]


def image(arch: str) -> dict[str, dict[str, object]]:
    layers = {"Type": "layers", "Layers": [f"sha256:{arch}"]}
    return {NAME: {"Id": "sha256:1", "Architecture": arch, "RepoTags": [NAME], "RootFS": layers}}


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[MakeMachines]:
    with ExitStack() as stack:

        def make(**peers: DockerPeer) -> LocalMachines:
            sockets = {}
            for name, peer in peers.items():
                stack.enter_context(serving(peer, tmp_path / f"{name}.sock"))
                sockets[name] = {"DOCKER_HOST": f"unix://{tmp_path}/{name}.sock"}
            return LocalMachines(tmp_path, {name: {} for name in peers}, sockets)

        yield make


def test_docker_says_whose_programs_it_runs_not_the_kernel(machines: MakeMachines) -> None:
    here, other = DockerPeer("arm", loaded=image("arm")), DockerPeer("arm64", loaded=image("arm"))
    made = machines(master=DockerPeer("arm", image("arm")), here=here, other=other)
    came = made.run(ROLE, solver_image_name=NAME)
    assert here.images == image("arm"), came.output
    # It would die there with exit status 159, or never be given anything to do.
    assert other.images == {}
    assert came.failed == {"other"}, came.output
    assert "is for arm and Docker runs arm64 here" in failures(came.output)["other"]


def test_where_no_image_can_be_built_each_machine_says_so_and_why(machines: MakeMachines) -> None:
    why = "failed to resolve python:3.13-slim: no such host"
    made = machines(master=DockerPeer("arm64", refuses=why), one=DockerPeer("arm64"),
                    two=DockerPeer("arm64"))  # fmt: skip
    came = made.run(ROLE, solver_image_name=NAME)
    assert came.failed == {"master", "one", "two"}, came.output
    for name in ("one", "two"):
        assert why in failures(came.output)[name]
        assert failures(came.output)[name].startswith("There is no image to carry over")
