"""`make image PLATFORM=linux/arm/v7`: the worker's image for a Pi, built here, as an OCI layout.

As Dockerfile.solver has it, without Docker and without running anything of ARM but the self-test:
a Debian that is only unpacked, the libraries, and the cross-compiled solver, a layer each. The
self-test runs in what the layers hold, by QEMU, as the user and with the environment that the image
names; neither root nor a change of this machine is needed.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solver import VERSION
from tests.arm.build import TARGETS, BuildFailed, NoArm, Target, arm, base, emulator

LEFT_OUT = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/info"),
    *("var/cache", "var/lib/apt", "var/log", "dev", "proc", "sys", "run", "tmp"),
)
"""Of the base: nothing that a solver reads, and what Docker makes itself."""
LIBRARIES = ("librt", "mypy_extensions.py")
"""In a layer of their own, as in Dockerfile.solver: they change less often than the solver."""
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONPATH": "/squarm",
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
ENTRYPOINT = ["python3", "-m", "solver"]
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True, slots=True)
class Built:
    """An OCI layout in `folder`; bytes of its layers as they travel."""

    folder: Path
    base: int
    libraries: int
    solver: int
    said: str
    seconds: float


def build(target: Target, folder: Path) -> Built:
    """The image for a target, which has passed its self-test; raises NoArm and BuildFailed."""
    made, root = arm(target), base(target)
    with tempfile.TemporaryDirectory() as scratch:
        libraries, app = Path(scratch) / "libraries", Path(scratch) / "squarm"
        _copy(made.app, libraries, LIBRARIES)
        _copy(made.app, app, ("solver", *(path.name for path in made.app.glob("*__mypyc*.so"))))
        layers = [
            _tar(root, "", LEFT_OUT),
            *(_tar(folder, "squarm/", ()) for folder in (libraries, app)),
        ]
        said, seconds = _self_test(target, layers, Path(scratch) / "root")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "blobs/sha256").mkdir(parents=True)
    of_base, of_libraries, of_solver = _write(folder, target, layers)
    return Built(folder, of_base, of_libraries, of_solver, said, seconds)


def _copy(built: Path, to: Path, names: Sequence[str]) -> None:
    to.mkdir()
    for name in names:
        source = built / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, to / name)


def _self_test(target: Target, layers: Sequence[bytes], place: Path) -> tuple[str, float]:
    """What the image says of itself, and after how long."""
    for layer in layers:
        with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
            # Python before 3.11.4 has no filters.
            tar.extraction_filter = getattr(tarfile, "tar_filter", None)
            tar.extractall(place)  # noqa: S202 - made here
    shutil.copyfile(emulator(target), place / "qemu")
    (place / "qemu").chmod(0o755)
    began = time.monotonic()
    done = subprocess.run(
        ["unshare", "--map-root-user", "/usr/sbin/chroot", place, "/qemu", "/usr/bin/python3",
         *ENTRYPOINT[1:], "--self-test"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise BuildFailed(f"its self-test fails: {(done.stdout + done.stderr).strip()[-500:]}")
    return done.stdout.strip(), time.monotonic() - began


def _tar(tree: Path, prefix: str, left_out: tuple[str, ...]) -> bytes:
    """A layer: the same bytes for the same files, whoever made them and when."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(tree.rglob("*")):
            inside = str(path.relative_to(tree))
            if any(inside == skipped or inside.startswith(f"{skipped}/") for skipped in left_out):
                continue
            entry = tar.gettarinfo(path, prefix + inside)
            # A device would be read for ever; Docker makes those that it wants.
            if entry.isdev():
                continue
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = 0
            if entry.isreg():
                with path.open("rb") as file:
                    tar.addfile(entry, file)
            else:
                tar.addfile(entry)
    return packed.getvalue()


def _write(folder: Path, target: Target, layers: list[bytes]) -> list[int]:
    """The layout's files; the sizes of the layers as they travel."""
    system, architecture, *variant = target.platform.split("/")
    platform = {"os": system, "architecture": architecture}
    platform |= {"variant": variant[0]} if variant else {}
    # The highest level takes four times as long, for half a per cent.
    packed = [_blob(folder, gzip.compress(layer, 6, mtime=0), _LAYER) for layer in layers]
    config = {
        **platform,
        "config": {
            "User": "65532:65532",
            "Env": [f"{key}={value}" for key, value in ENVIRONMENT.items()],
            "Entrypoint": ENTRYPOINT,
        },
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers],
        },
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _blob(folder, json.dumps(config).encode(), _CONFIG),
        "layers": packed,
    }
    described = _blob(folder, json.dumps(manifest).encode(), _MANIFEST)
    name = {"org.opencontainers.image.ref.name": f"squarm-solver:{VERSION}"}
    entry = {**described, "platform": platform, "annotations": name}
    index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": [entry]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return [int(layer["size"]) for layer in packed]


def _blob(folder: Path, content: bytes, media: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs/sha256" / digest).write_bytes(content)
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(content)}


def main() -> int:
    """Build the image for the platform that is named: 1 where it cannot be."""
    platform, folder = sys.argv[1], Path(sys.argv[2])
    if platform not in TARGETS:
        print(f"PLATFORM is {' or '.join(TARGETS)}: {platform} is not.", file=sys.stderr)
        return 2
    try:
        built = build(TARGETS[platform], folder)
    except (NoArm, BuildFailed) as error:
        print(f"No image for {platform}: {error}", file=sys.stderr)
        return 1
    print(built.said)
    sizes = (built.base, built.libraries, built.solver)
    debian, libraries, solver = (f"{size / 1e6:.2f} MB" for size in sizes)
    print(
        f"{os.path.relpath(built.folder)}: an OCI layout, {debian} of Debian, {libraries} of "
        f"libraries, {solver} of solver; its self-test took {built.seconds:.1f} s emulated."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
