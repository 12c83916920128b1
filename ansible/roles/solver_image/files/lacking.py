"""Leave out of a saved image the layers that a machine has: `lacking.py ARCHIVE`.

ARCHIVE is what `docker image save` writes, packed by gzip. On standard input are the layers of each
image that the machine has, a JSON list of digests a line. Prints which archive is to be brought:
this one, or one beside it without the layers that both begin with. Docker asks for no layer that it
has (https://github.com/moby/moby, image/tarexport/load.go).
"""

import fcntl
import gzip
import json
import sys
import tarfile
from collections.abc import Sequence
from os.path import normpath
from pathlib import Path


def main(archive: Path, held: str) -> Path:
    """The archive to be brought to a machine that has what is `held`."""
    with tarfile.open(archive) as tar:
        links = {one.name: one.linkname for one in tar if one.issym()}
        (manifest,) = json.loads(_content(tar, "manifest.json"))
        layers = json.loads(_content(tar, manifest["Config"]))["rootfs"]["diff_ids"]
    images = [json.loads(line) for line in held.splitlines()]
    begun = max((_alike(layers, image) for image in images), default=0)
    # Of two layers that are the same Docker before 25 saves one, and a link to it.
    wanted = {*manifest["Layers"][begun:]}
    wanted |= {normpath(Path(name).parent / links[name]) for name in wanted & links.keys()}
    left_out = {*manifest["Layers"][:begun]} - wanted
    if not left_out:
        return archive
    lacking = archive.with_name(f"without-{begun}-{archive.name}")
    # Several machines mostly lack the same.
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not lacking.exists():
            made = lacking.with_suffix(".new")
            _copy(archive, made, left_out)
            made.replace(lacking)
    return lacking


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    return file.read() if file else b""


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many layers two images begin with that are the same: only so Docker shares them."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _copy(source: Path, target: Path, left_out: set[str]) -> None:
    with (
        tarfile.open(source) as old,
        gzip.open(target, "wb", 1) as packed,
        tarfile.open(fileobj=packed, mode="w") as new,
    ):
        for member in old:
            if member.name not in left_out:
                new.addfile(member, old.extractfile(member) if member.isreg() else None)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), sys.stdin.read()))
