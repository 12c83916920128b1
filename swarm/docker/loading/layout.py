"""An image out of a file: an OCI layout, or what `docker save` writes, in a folder or as a tar.

Source: https://github.com/opencontainers/image-spec (image-layout.md); the older archive of Docker
is https://github.com/moby/docker-image-spec, v1.2, "Combined Image JSON + Filesystem Changeset".
"""

import errno
import gzip
import hashlib
import json
import lzma
import re
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from base import paths, regular_file
from base.errors import MALFORMED, UsageError
from base.scratch_folder import scratch_folder
from base.text import clean_text
from swarm.docker.images import placements
from swarm.docker.rollout.blobs import Blob, Platform, blobs, manifests

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
_HEX = re.compile(r"[0-9a-f]{64}")
_LEVEL = 6
_LARGEST_DESCRIPTION = 4 * 1024**2
"""Of a manifest: what registries take, too."""
_DAMAGED = (EOFError, tarfile.TarError, zlib.error, lzma.LZMAError)
"""What is raised where a packed file is cut off, or has other bytes than it had."""
_LEFT_FREE = 256 * 1024**2
"""Where an image is unpacked the swarm's own state may be, too."""


@dataclass(frozen=True, slots=True)
class Layout:
    """An image for one platform or several, whose `digest` is that of its `top` manifest or index.

    `folders`: where its blobs are, by their digests.
    """

    top: bytes
    media_type: str
    digest: str
    platforms: tuple[Platform, ...]
    blobs: Mapping[Platform, tuple[Blob, ...]]
    folders: tuple[Path, ...]

    def blob(self, digest: str) -> Path | None:
        """The file of a blob; None where there is none, or its digest is none."""
        return _file(digest, self.folders)


Wanted = Callable[[], bool]
"""Whether an image that is being read is still wanted: to unpack and to pack one takes minutes."""


@contextmanager
def opened(files: Sequence[Path], wanted: Wanted = lambda: True) -> Iterator[Layout]:
    """The image in these files, one for each platform or one for all; it blocks.

    What must be unpacked is, in squarm's cache, until the block ends. Raises UsageError, also soon
    after it is `wanted` no more.
    """
    paths.cache().mkdir(parents=True, exist_ok=True)
    with scratch_folder(paths.cache(), "image") as room:
        folders = [_folder(file, room / str(number), wanted) for number, file in enumerate(files)]
        yield _joined(files, folders)


def _folder(file: Path, room: Path, wanted: Wanted) -> Path:
    """A layout's folder: the one that is named, or one made of what is in the file."""
    name = clean_text(str(file), 200)
    try:
        folder = file
        if not file.is_dir():
            with regular_file.opened(file) as opened_file, tarfile.open(fileobj=opened_file) as tar:
                _unpack(tar, room, wanted)
            folder = room
        if (folder / "index.json").is_file():
            return folder
        if (folder / "manifest.json").is_file():
            return _converted(folder, room / "layout", wanted)
    except (OSError, *_DAMAGED) as error:
        raise UsageError(f"{name} cannot be read: {clean_text(str(error), 160)}.") from None
    except MALFORMED:
        raise UsageError(f"{name} is no image that docker save has written whole.") from None
    raise UsageError(
        f"{name} is no image: what is wanted is an OCI layout, or what docker save writes."
    )


def _unpack(tar: tarfile.TarFile, room: Path, wanted: Wanted) -> None:
    """Its files, and what links to them: Debian 12's Python refuses nothing that leads out.

    Raises ValueError for a name that does, OSError where there is no room.
    """
    links: list[tuple[Path, Path]] = []
    room.mkdir(exist_ok=True)
    left = shutil.disk_usage(room).free - _LEFT_FREE
    for member in tar:
        left -= max(0, member.size)
        if left < 0:
            raise OSError(errno.ENOSPC, "there is no room to unpack it")
        if member.issparse():
            # A few bytes of it would be gigabytes here, and no layer is one.
            raise ValueError(member.name)
        place = _inside(room, member.name)
        if source := tar.extractfile(member) if member.isfile() else None:
            place.parent.mkdir(parents=True, exist_ok=True)
            with source, place.open("wb") as target:
                _copy(source, target, wanted)
        elif member.issym() or member.islnk():
            begin = place.parent if member.issym() else room
            links.append((place, _inside(room, str(begin / member.linkname))))
    # Behind the last file stands what tells whether all was packed so.
    while tar.fileobj.read(1024**2):
        pass
    for place, there in links:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(there)


def _copy(source: IO[bytes], target: IO[bytes] | gzip.GzipFile, wanted: Wanted) -> None:
    while piece := source.read(1024**2):
        if not wanted():
            raise InterruptedError(errno.EINTR, "it is wanted no more")
        target.write(piece)


def _converted(saved: Path, folder: Path, wanted: Wanted) -> Path:
    """A layout of what Docker before 25 saves: its layers are packed, as they are to travel."""
    (folder / "blobs/sha256").mkdir(parents=True)
    (told,) = json.loads(_described(saved / "manifest.json"))
    config = _described(_inside(saved, told["Config"]))
    body = json.loads(config)
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST_TYPE,
        "config": _kept(folder, config, _CONFIG_TYPE),
        "layers": [_packed(folder, _inside(saved, layer), wanted) for layer in told["Layers"]],
    }
    described = _kept(folder, json.dumps(manifest).encode(), _MANIFEST_TYPE)
    platform = {key: body[key] for key in ("os", "architecture", "variant") if body.get(key)}
    index = {"schemaVersion": 2, "manifests": [{**described, "platform": platform}]}
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def _inside(folder: Path, name: str) -> Path:
    """A file by its name in an archive, which may lead out of it."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise ValueError(name)
    return file


def _kept(folder: Path, content: bytes, media_type: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs/sha256" / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def _packed(folder: Path, layer: Path, wanted: Wanted) -> dict[str, Any]:
    """The same bytes for the same layer each time: a node that has it pulls it not again."""
    packed = folder / "packed"
    with (
        layer.open("rb") as source,
        packed.open("wb") as target,
        gzip.GzipFile("", "wb", _LEVEL, target, mtime=0) as file,
    ):
        _copy(source, file, wanted)
    with packed.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    size = packed.stat().st_size
    packed.rename(folder / "blobs/sha256" / digest)
    return {"mediaType": _LAYER_TYPE, "digest": f"sha256:{digest}", "size": size}


def _joined(files: Sequence[Path], folders: Sequence[Path]) -> Layout:
    """One image of all that is in these layouts; raises UsageError."""
    entries: list[dict[str, Any]] = []
    names = clean_text(", ".join(map(str, files)), 200)
    try:
        for folder in folders:
            entries += json.loads(_described(folder / "index.json"))["manifests"]
        return _layout(entries, tuple(folders))
    except FileNotFoundError as error:
        lacks = clean_text(str(error.filename), 200)
        raise UsageError(f"{names} is not whole: there is no {lacks}.") from None
    except OSError as error:
        raise UsageError(f"{names} cannot be read: {clean_text(str(error), 160)}.") from None
    except MALFORMED:
        raise UsageError(f"{names} is no image that makes sense: make it anew.") from None


def _layout(entries: Sequence[dict[str, Any]], folders: tuple[Path, ...]) -> Layout:
    leaves = [leaf for entry in entries for leaf in _leaves(entry, folders)]
    whole = len(entries) == 1 and all(_file(one["digest"], folders) for one in leaves)
    # Docker saves an index of all platforms, and of most of them nothing else.
    leaves = [leaf for leaf in leaves if _file(leaf["digest"], folders)]
    if whole or len(leaves) == 1:
        entry = entries[0] if whole else leaves[0]
        top, media_type = _content(entry["digest"], folders), str(entry["mediaType"])
    else:
        placed = [{**leaf, "platform": _platform(leaf, folders)} for leaf in leaves]
        body = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": placed}
        top, media_type = json.dumps(body).encode(), INDEX_TYPE
    found: dict[Platform, tuple[Blob, ...]] = {}
    for leaf in leaves:
        for placed_on in placements([_platform(leaf, folders)]):
            platform = (placed_on["OS"], placed_on["Architecture"])
            manifest = json.loads(top).get("manifests") and manifests(top, [platform])
            digest = manifest[platform] if manifest else leaf["digest"]
            found[platform] = _travelling(digest, folders)
    if not found:
        raise ValueError(leaves)
    digest = f"sha256:{hashlib.sha256(top).hexdigest()}"
    return Layout(top, media_type, digest, tuple(found), found, folders)


def _leaves(entry: dict[str, Any], folders: tuple[Path, ...]) -> list[dict[str, Any]]:
    """The manifests that an entry of an index leads to, there or not: itself, if it is one."""
    inner = json.loads(_content(entry["digest"], folders)).get("manifests")
    return [entry] if inner is None else list(inner)


def _travelling(digest: str, folders: tuple[Path, ...]) -> tuple[Blob, ...]:
    """A manifest's blobs, all of which are there; raises FileNotFoundError for one that is not."""
    content = _content(digest, folders)
    body = json.loads(content)
    for described in (body["config"], *body["layers"]):
        if _file(described["digest"], folders) is None:
            raise FileNotFoundError(errno.ENOENT, "", described["digest"])
    return blobs(content)


def _platform(entry: Mapping[str, Any], folders: tuple[Path, ...]) -> Mapping[str, Any]:
    """What an entry is made for: by its own word, else by its configuration's."""
    if entry.get("platform"):
        return dict(entry["platform"])
    manifest = json.loads(_content(entry["digest"], folders))
    config = json.loads(_content(manifest["config"]["digest"], folders))
    return {key: config[key] for key in ("os", "architecture", "variant") if config.get(key)}


def _file(digest: str, folders: Sequence[Path]) -> Path | None:
    """The file of a blob; None where there is none, or its digest is none."""
    hexadecimal = digest.removeprefix("sha256:")
    if not _HEX.fullmatch(hexadecimal):
        return None
    found = (folder / "blobs/sha256" / hexadecimal for folder in folders)
    return next((file for file in found if file.is_file()), None)


def _described(file: Path) -> bytes:
    """An index, a manifest or a configuration; raises ValueError for what is too large for one."""
    if file.stat().st_size > _LARGEST_DESCRIPTION:
        raise ValueError(file)
    return file.read_bytes()


def _content(digest: str, folders: tuple[Path, ...]) -> bytes:
    """A manifest or a configuration, if it is what its digest says."""
    file = _file(digest, folders)
    if file is None:
        raise FileNotFoundError(errno.ENOENT, "", digest)
    content = _described(file)
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise ValueError(digest)
    return content
