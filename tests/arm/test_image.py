"""The images for Pis, built here: they pass their own self-test, and are what Docker expects."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from solver import VERSION
from tests.arm.build import TARGETS, NoArm
from tests.arm.image import Built, build
from tests.needs import need

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=TARGETS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    try:
        return build(TARGETS[request.param], tmp_path_factory.mktemp("image") / "layout")
    except NoArm as error:
        need(str(error))
        raise


def read(built: Built, described: dict[str, Any]) -> bytes:
    algorithm, _, digest = str(described["digest"]).partition(":")
    content = (built.folder / "blobs" / algorithm / digest).read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (digest, described["size"])
    return content


def test_it_tests_itself_and_is_small(built: Built) -> None:
    assert built.said.startswith(f"solver {VERSION}, compiled, on a")
    assert ": well (" in built.said
    assert built.libraries + built.solver < 1_500_000


def test_its_layout_is_whole(built: Built) -> None:
    index = json.loads((built.folder / "index.json").read_text())
    (entry,) = index["manifests"]
    manifest = json.loads(read(built, entry))
    config = json.loads(read(built, manifest["config"]))
    named = {key: config[key] for key in ("os", "architecture", "variant") if key in config}
    assert named == entry["platform"]
    assert "/".join(named.values()) in TARGETS
    assert config["config"]["User"] == "65532:65532"
    for layer, diff in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
        content = gzip.decompress(read(built, layer))
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == diff
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            members = tar.getmembers()
        assert not [member.name for member in members if member.isdev()]
        assert {(member.uid, member.mtime) for member in members} == {(0, 0)}


def test_the_same_source_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    index = json.loads((built.folder / "index.json").read_text())
    platform = index["manifests"][0]["platform"]
    named = [platform[key] for key in ("os", "architecture", "variant") if key in platform]
    again = build(TARGETS["/".join(named)], tmp_path / "again")
    assert (again.folder / "index.json").read_bytes() == (built.folder / "index.json").read_bytes()
