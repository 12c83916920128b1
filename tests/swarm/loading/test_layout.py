"""Images as people have them in files, and files that are none."""

import bz2
import gzip
import io
import json
import lzma
import shutil
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from base.errors import UsageError
from swarm.docker.loading.layout import opened
from swarm.docker.rollout.blobs import Blob
from tests.swarm.loading.images import digest_of, layout, noise

ARM64, ARMV7, AMD64 = ("linux", "arm64"), ("linux", "armv7l"), ("linux", "amd64")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def packed(folder: Path) -> Path:
    file = folder.with_suffix(".tar")
    with tarfile.open(file, "w") as tar:
        tar.add(folder, ".")
    return file


def saved_by_old_docker(folder: Path, *layers: bytes) -> Path:
    """As docker save of Docker 20.10 has it: no index, layers that are not packed."""
    folder.mkdir()
    names = []
    for number, layer in enumerate(layers):
        (folder / str(number)).mkdir()
        (folder / str(number) / "layer.tar").write_bytes(layer)
        names.append(f"{number}/layer.tar")
    config = {"architecture": "arm", "variant": "v7", "os": "linux", "rootfs": {}}
    (folder / "c.json").write_text(json.dumps(config))
    told = [{"Config": "c.json", "RepoTags": ["squarm-solver:1"], "Layers": names}]
    (folder / "manifest.json").write_text(json.dumps(told))
    return folder


def test_a_folder_and_a_tar_of_it_are_the_same_image(tmp_path: Path) -> None:
    folder = layout(tmp_path / "image", layers=[b"one", b"two"])
    for given in (folder, packed(folder)):
        with opened([given]) as image:
            assert image.platforms == (AMD64,)
            assert image.digest == digest_of(image.top)
            assert (
                image.digest
                == json.loads((folder / "index.json").read_text())["manifests"][0]["digest"]
            )
            assert len(image.blobs[AMD64]) == 3
    # What was unpacked is gone.
    assert not [*(tmp_path / "cache").rglob("blobs")]


def test_what_a_killed_load_has_unpacked_goes_with_the_next(tmp_path: Path) -> None:
    file = packed(layout(tmp_path / "image", layers=[b"one"]))
    killed = f"""
import os, signal
from pathlib import Path
from swarm.docker.loading.layout import opened
with opened([Path({str(file)!r})]):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", killed], check=False)
    (left,) = (tmp_path / "cache").rglob("image-*")
    with opened([file]):
        assert not left.exists()


def test_two_files_are_one_image_for_two_platforms(tmp_path: Path) -> None:
    files = [layout(tmp_path / name, architecture=name, layers=[name.encode()])
             for name in ("arm64", "arm", "amd64")]  # fmt: skip
    with opened(files) as image:
        assert set(image.platforms) == {ARM64, ARMV7, AMD64}
        assert len({blobs[0] for blobs in image.blobs.values()}) == 3
        assert [entry["platform"]["architecture"] for entry in
                json.loads(image.top)["manifests"]] == ["arm64", "arm", "amd64"]  # fmt: skip


def test_what_an_old_docker_saves_is_packed_as_it_travels(tmp_path: Path) -> None:
    big = bytes(3_000_000)
    found: list[tuple[Blob, ...]] = []
    for name, last in (("one", b"1"), ("two", b"2")):
        saved = saved_by_old_docker(tmp_path / name, big, last, big)
        # A layer that comes again is a link to where it was.
        (saved / "2/layer.tar").unlink()
        (saved / "2/layer.tar").symlink_to("../0/layer.tar")
        with opened([packed(saved)]) as image:
            found.append(image.blobs[ARMV7])
            layers = json.loads(image.top)["layers"]
            file = image.blob(layers[0]["digest"])
            assert file is not None
            assert file.stat().st_size == layers[0]["size"] < 10_000
    # The same layer is the same blob: a node that has it pulls it not again.
    assert found[0][1] == found[1][1] == found[0][3]
    assert found[0][2] != found[1][2]


@pytest.mark.parametrize("pieces", [2, 6])
def test_what_is_wanted_no_more_is_read_no_further(tmp_path: Path, pieces: int) -> None:
    """While it is unpacked, and while it is packed anew."""
    file = packed(saved_by_old_docker(tmp_path / "image", bytes(4 * 1024**2)))
    looks = iter([True] * pieces)
    with (
        pytest.raises(UsageError, match="it is wanted no more"),
        opened([file], lambda: next(looks, False)),
    ):
        pass
    assert not [*(tmp_path / "cache").rglob("image-*")]


def test_of_an_index_only_what_is_there_counts(tmp_path: Path) -> None:
    """Docker saves the whole index of an image of which it has one platform."""
    folder = layout(tmp_path / "image", layers=[b"one"])
    index = json.loads((folder / "index.json").read_text())
    (here,) = index["manifests"]
    absent = {**here, "digest": digest_of(b"nowhere"), "platform": {"architecture": "arm64"}}
    inner = json.dumps({"manifests": [{**here, "platform": {"architecture": "amd64"}}, absent]})
    (folder / "blobs/sha256" / digest_of(inner.encode())[7:]).write_text(inner)
    outer = {"mediaType": "application/vnd.oci.image.index.v1+json",
             "digest": digest_of(inner.encode())}  # fmt: skip
    (folder / "index.json").write_text(json.dumps({"manifests": [outer]}))
    with opened([folder]) as image:
        assert (image.platforms, image.digest) == ((AMD64,), here["digest"])


def _nothing(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _text(folder: Path) -> Path:
    folder.write_text("a letter")
    return folder


def _without_a_layer(folder: Path) -> Path:
    layout(folder, layers=[noise(5_000)])
    max((folder / "blobs/sha256").iterdir(), key=lambda file: file.stat().st_size).unlink()
    return folder


def _changed(folder: Path) -> Path:
    layout(folder, layers=[b"one"])
    digest = json.loads((folder / "index.json").read_text())["manifests"][0]["digest"]
    (folder / "blobs/sha256" / digest[7:]).write_text("{}")
    return folder


def _leading_out(folder: Path) -> Path:
    file = folder.with_suffix(".tar")
    with tarfile.open(file, "w") as tar:
        entry = tarfile.TarInfo("../../escaped")
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"out"))
    return file


def _linking_out(folder: Path) -> Path:
    (folder.parent / "index.json").write_text('{"manifests": []}')
    file = folder.with_suffix(".tar")
    with tarfile.open(file, "w") as tar:
        entry = tarfile.TarInfo("index.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, str(folder.parent / "index.json")
        tar.addfile(entry)
    return file


def _naming_what_is_outside(folder: Path) -> Path:
    saved_by_old_docker(folder, b"one")
    told = json.loads((folder / "manifest.json").read_text())
    told[0]["Config"] = "../secret"
    (folder.parent / "secret").write_text("{}")
    (folder / "manifest.json").write_text(json.dumps(told))
    return folder


def _sparse(folder: Path) -> Path:
    """Ten kilobytes that say that they are gigabytes."""
    folder.mkdir()
    with (folder / "index.json").open("wb") as file:
        file.truncate(3 * 1024**3)
    tarball = folder.with_suffix(".tar")
    subprocess.run(["tar", "-cSf", tarball, "-C", folder, "."], check=True)
    assert tarball.stat().st_size < 100_000
    return tarball


def _larger_than_the_disk(folder: Path) -> Path:
    file = folder.with_suffix(".tar")
    entry = tarfile.TarInfo("index.json")
    entry.size = 2**50
    file.write_bytes(entry.tobuf())
    return file


def _with_an_endless_index(folder: Path) -> Path:
    layout(folder, layers=[b"one"])
    with (folder / "index.json").open("r+b") as file:
        file.truncate(3 * 1024**3)
    return folder


def _cut(folder: Path) -> Path:
    file = packed(layout(folder, layers=[noise(50_000)]))
    file.write_bytes(file.read_bytes()[:20_000])
    shutil.rmtree(folder)
    return file


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_nothing, "is no image: what is wanted is an OCI layout"),
        (_text, "cannot be read"),
        (_without_a_layer, "is not whole: there is no sha256:"),
        (_changed, "is no image that makes sense"),
        (_leading_out, "is no image that docker save has written whole"),
        (_linking_out, "is no image that docker save has written whole"),
        (_naming_what_is_outside, "is no image that docker save has written whole"),
        (_sparse, "is no image that docker save has written whole"),
        (_larger_than_the_disk, "cannot be read: .*there is no room to unpack it"),
        (_with_an_endless_index, "is no image that makes sense"),
        (_cut, "cannot be read|is not whole"),
    ],
)
def test_what_is_no_image_is_told_in_a_sentence(
    make: Callable[[Path], Path], said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said), opened([make(tmp_path / "image")]):
        pass
    assert not (tmp_path / "escaped").exists()


def _in_gzip(tar: bytes) -> bytes:
    """A block of a kind that there is none of; of other damage only the checksum tells."""
    pack = zlib.compressobj(wbits=31)
    begun = pack.compress(tar[: len(tar) // 2]) + pack.flush(zlib.Z_FULL_FLUSH)
    return begun + b"\xff" * 1000


def _inverted(packed: bytes) -> bytes:
    middle = len(packed) // 2
    other = bytes(byte ^ 0xFF for byte in packed[middle : middle + 100])
    return packed[:middle] + other + packed[middle + 100 :]


@pytest.mark.parametrize(
    ("ending", "damaged"),
    [
        ("tgz", _in_gzip),
        ("tar.gz", lambda tar: _inverted(gzip.compress(tar))),
        ("tar.xz", lambda tar: _inverted(lzma.compress(tar))),
        ("tar.bz2", lambda tar: _inverted(bz2.compress(tar))),
    ],
)
def test_a_packed_file_that_is_damaged_is_told_to_be_so(
    ending: str, damaged: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    tar = packed(layout(tmp_path / "image", layers=[noise(500_000)])).read_bytes()
    file = tmp_path / f"solver.{ending}"
    file.write_bytes(damaged(tar))
    with pytest.raises(UsageError, match=f"solver.{ending} cannot be read: "), opened([file]):
        pass
    assert not [*(tmp_path / "cache").rglob("image-*")]
