"""The role solver_image where Docker and kernel differ, and where no image can be built."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ansible.docker_peer import DockerPeer, archive, files_of, serving
from tests.ansible.local import LocalMachines
from tests.ansible.playbook import failures
from tests.dockerd import daemon, need_docker
from tests.needs import need_program

pytestmark = pytest.mark.slow
NAME = "squarm-solver:1"
ROOT = Path(__file__).parents[2]
LACKING = ROOT / "ansible/roles/solver_image/files/lacking.py"
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


def in_layers(name: str, *layers: str) -> dict[str, dict[str, object]]:
    told = {"Type": "layers", "Layers": [f"sha256:{layer}" for layer in layers]}
    about = {"Architecture": "arm64", "RepoTags": [name], "RootFS": told}
    return {name: {"Id": f"sha256:{name}", **about}}


@pytest.mark.parametrize("needs", ["", "blobs/sha256/base"])
def test_a_machine_with_an_older_image_is_brought_what_it_lacks(
    machines: MakeMachines, needs: str
) -> None:
    """And all of it where Docker cannot do with that."""
    layers = {"base": os.urandom(2_000_000), "python": b"libraries", "new": b"solver"}
    new, old = in_layers(NAME, *layers), in_layers("squarm-solver:0", "base", "python", "old")
    other = in_layers("registry:2", "python", "new")
    master = DockerPeer("arm64", new, saved=archive(layers))
    node = DockerPeer("arm64", old | other, loaded=new, needs=needs)
    made = machines(master=master, node=node)
    came = made.run(ROLE, solver_image_name=NAME)
    assert came.failed == set(), came.output
    assert NAME in node.images
    first, *then = node.came
    assert set(files_of(first)) == {"manifest.json", "config.json", "blobs/sha256/new"}
    assert len(first) < 10_000
    assert [len(files_of(whole)) for whole in then] == [5] * bool(needs)


def test_a_machine_without_any_of_it_is_brought_all(machines: MakeMachines) -> None:
    new = in_layers(NAME, "base", "new")
    master = DockerPeer("arm64", new, saved=archive({"base": b"base", "new": b"solver"}))
    node = DockerPeer("arm64", in_layers("registry:2", "other", "new"), loaded=new)
    came = machines(master=master, node=node).run(ROLE, solver_image_name=NAME)
    assert came.failed == set(), came.output
    assert [len(files_of(whole)) for whole in node.came] == [4]


@pytest.mark.docker
def test_docker_takes_an_image_without_the_layers_that_it_has(tmp_path: Path) -> None:
    """Some of its own are the same: before Docker 25 one is saved, and links to it."""
    need_docker()
    (tmp_path / "Dockerfile").write_text(
        "FROM base:1\n" + 2 * "COPY Dockerfile /once\nCOPY Dockerfile /again\n" + "CMD /none\n"
    )
    whole = tmp_path / "whole.tar.gz"
    with daemon("layers") as running:
        api = running.api()
        base = archive({"base": os.urandom(1_000_000)})
        api.import_image_from_data(base, repository="base", tag="1")
        assert list(api.build(path=str(tmp_path), tag="whole:1", rm=True))
        layers = api.inspect_image("whole:1")["RootFS"]["Layers"]
        assert len(layers) == 5 > len(set(layers))
        with gzip.open(whole, "wb", 1) as file:
            file.writelines(api.get_image("whole:1"))
        for image in api.images(all=True, quiet=True):
            held = api.inspect_image(image)["RootFS"]["Layers"]
            api.tag(image, "held", str(len(held)))
        for kept in reversed(range(1, 5)):
            for tag in ("whole:1", f"held:{kept + 1}"):
                api.remove_image(tag, force=True)
            told = subprocess.run(
                [sys.executable, LACKING, whole], input=json.dumps(layers[:kept]), text=True,
                stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            lacking = Path(told.stdout.strip())
            assert lacking.stat().st_size < 10_000
            with lacking.open("rb") as file:
                assert list(api.load_image(file))
            assert api.inspect_image("whole:1")["RootFS"]["Layers"] == layers
            api.create_container("whole:1", name=f"made-{kept}")
            found = b"".join(api.get_archive(f"made-{kept}", "/again")[0])
            api.remove_container(f"made-{kept}")
            assert (tmp_path / "Dockerfile").read_bytes() in found


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
