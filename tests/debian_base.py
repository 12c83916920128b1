"""Base images made by mmdebstrap, for Dockerfile.solver where no registry is at hand.

Two tarballs, cached: `run` has Python alone; `build` also has gcc, pip and a folder of the wheels
and sources that the build needs, so that it goes through without a network.
"""

import fcntl
import hashlib
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
RUN_PACKAGES = ("python3", "ca-certificates", "usr-is-merged")
BUILD_PACKAGES = ("gcc", "libc6-dev", "python3-dev", "python3-pip")
WHEELS = "/wheels"
BUILT_HERE = "librt"
"""Fetched as source, as on arm/v7, where the build stage has to compile it."""
DROPPED = (
    *("dev/*", "proc/*", "sys/*", "var/cache/apt/*", "var/lib/apt/lists/*"),
    *("usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/info/*"),
)


@dataclass(frozen=True, slots=True)
class Bases:
    """Root file systems as tarballs, for `docker import`."""

    run: Path
    build: Path


def cache_folder() -> Path:
    """Where what is slow to make is kept between test runs."""
    return user_cache_path("squarm") / "test-images"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone in `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def bases(pins: Path) -> Bases:
    """The two tarballs, made (about a minute) where they are not cached; `pins`: for the build."""
    recipe = (
        "mmdebstrap",
        SUITE,
        MIRROR,
        RUN_PACKAGES,
        BUILD_PACKAGES,
        BUILT_HERE,
        DROPPED,
        pins.read_text(),
    )
    key = hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    folder = cache_folder()
    made = Bases(folder / f"run-{key}.tar", folder / f"build-{key}.tar")
    with locked(folder):
        if not (made.run.exists() and made.build.exists()):
            for old in (*folder.glob("run-*.tar"), *folder.glob("build-*.tar")):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=folder) as tree:
                _make(Path(tree), made, pins)
    return made


def _make(tree: Path, made: Bases, pins: Path) -> None:
    # Half of the processor time of debootstrap. The lists are for what is installed below.
    _run("mmdebstrap", "--quiet", "--variant=minbase", "--skip=cleanup/apt/lists",
         "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
         f"--include={','.join(RUN_PACKAGES)}", SUITE, str(tree), MIRROR)  # fmt: skip
    _pack(tree, made.run)
    shutil.copyfile("/etc/resolv.conf", tree / "etc/resolv.conf")
    chroot = ("chroot", str(tree), "env", "DEBIAN_FRONTEND=noninteractive")
    _run(*chroot, "apt-get", "install", "-y", "-q", "--no-install-recommends", *BUILD_PACKAGES)
    # The machine's own certificates: the way to the package index may lead through a proxy.
    authorities = os.environ.get("PIP_CERT") or ssl.get_default_verify_paths().cafile
    if authorities:
        shutil.copyfile(authorities, tree / "etc/ssl/certs/ca-certificates.crt")
    shutil.copyfile(pins, tree / "tmp/pins")
    _run(*chroot, "python3", "-m", "pip", "download", "-q", "--dest", WHEELS,
         "--require-hashes", "--no-binary", BUILT_HERE, "--requirement", "/tmp/pins")  # fmt: skip
    (tree / "etc/pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {WHEELS}\n")
    _pack(tree, made.build)


def _pack(tree: Path, tarball: Path) -> None:
    partial = tarball.with_suffix(".partial")
    excluded = [f"--exclude=./{pattern}" for pattern in DROPPED]
    _run("tar", "-C", str(tree), "--numeric-owner", *excluded, "-cf", str(partial), ".")
    partial.rename(tarball)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{' '.join(command)[:200]} ended with {done.returncode}:\n{said}")
