"""What the solver's image is made of: how much of it travels when the solver changes."""

import json
import tarfile

import pytest

from tests.dockerd import Dockerd, build_solver, saved_solver

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


def test_its_libraries_are_a_layer_of_their_own_and_the_same_whenever_built(
    plain_daemon: Dockerd,
) -> None:
    build_solver(plain_daemon)
    with tarfile.open(saved_solver()) as saved:
        manifest = saved.extractfile("manifest.json")
        assert manifest
        (image,) = json.load(manifest)
        libraries, solver = (_files(saved, layer) for layer in image["Layers"][-2:])
    assert any(name.startswith("squarm/librt/vecs.") for name in libraries)
    assert "squarm/solver/__main__.py" in solver
    assert not any(name.startswith("squarm/solver") or "mypyc" in name for name in libraries)
    assert not any(name.startswith("squarm/librt") for name in solver)
    assert {entry.mtime for entry in libraries.values() if entry.isfile()} == {0}


def _files(saved: tarfile.TarFile, layer: str) -> dict[str, tarfile.TarInfo]:
    file = saved.extractfile(layer)
    assert file
    with tarfile.open(fileobj=file) as tar:
        return {entry.name: entry for entry in tar.getmembers()}
