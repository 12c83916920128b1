"""The role solver_image where Docker and kernel differ, and where no image can be built."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ansible.docker_peer import DockerPeer, serving
from tests.ansible.local import LocalMachines
from tests.ansible.playbook import failures
from tests.needs import need_program

pytestmark = pytest.mark.slow
NAME = "squarm-solver:1"
ROOT = Path(__file__).parents[2]
ROLE = [{"name": "Image", "ansible.builtin.include_role": {"name": "solver_image"}}]
MakeMachines = Callable[..., LocalMachines]


def image(arch: str) -> dict[str, dict[str, object]]:
    layers = {"Type": "layers", "Layers": [f"sha256:{arch}"]}
    return {NAME: {"Id": "sha256:1", "Architecture": arch, "RepoTags": [NAME], "RootFS": layers}}


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[MakeMachines]:
    need_program("docker")
    with ExitStack() as stack:

        def make(**peers: DockerPeer) -> LocalMachines:
            sockets = {}
            for name, peer in peers.items():
                stack.enter_context(serving(peer, tmp_path / f"{name}.sock"))
                sockets[name] = {
                    "DOCKER_HOST": f"unix://{tmp_path}/{name}.sock",
                    "PATH": f"{tmp_path}/bin:$PATH",
                }
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


def test_a_node_is_labelled_once_with_what_kind_of_machine_it_is(
    machines: MakeMachines, tmp_path: Path
) -> None:
    (tmp_path / "model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\x00")
    # What `docker run IMAGE --score` does, without a daemon to do it.
    run = tmp_path / "bin" / "docker"
    run.parent.mkdir()
    asked = tmp_path / "asked"
    scores = f"cd {ROOT} && {sys.executable} -m solver --score 0.2"
    other = f'[ "$1" = run ] || exec {shutil.which("docker")} "$@"'
    run.write_text(f"#!/bin/sh\n{other}\necho . >>{asked}\n{scores}\n")
    run.chmod(0o755)
    own = {"rack": "left"}
    master = DockerPeer("arm64", image("arm64"), node="n1", labels={"n1": {}, "n2": own})
    made = machines(master=master, one=DockerPeer("arm64", image("arm64"), node="n2"))
    settings = {"solver_image_name": NAME, "solver_image_model_file": str(tmp_path / "model")}
    came = made.run(ROLE, **settings)
    assert came.failed == set(), came.output
    labels = dict(master.labels["n2"])
    assert labels.pop("squarm.score").isdigit()
    assert len(labels.pop("squarm.solver")) == 12
    assert labels == {
        "rack": "left",
        "squarm.arch": "aarch64",
        "squarm.memory": "8G",
        "squarm.model": "pi-4-model-b",
    }
    again = made.run(ROLE, **settings)
    assert set(again.changed.values()) == {0}, again.output
    assert (master.updates, len(asked.read_text().split())) == (2, 2)
