"""Builds the solver for arm/v7 and arm64 out of this source, with Debian's cross compilers.

What Python says of itself there (`_PYTHON_SYSCONFIGDATA_NAME`, as crossenv does it) makes mypyc
write the C that it would write on a Pi: integers of 32 bits are boxed elsewhere than those of 64.
Everything is kept in the user's cache; a change of the source costs half a minute.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mypy_extensions
from platformdirs import user_cache_dir

ROOT = Path(__file__).parent.parent.parent
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_SUITES = {"3.11": "bookworm", "3.13": "trixie"}
"""Debian's releases, by their Python: the one there must be as the one here."""
_LOCK = ROOT / "requirements" / "build.txt"


@dataclass(frozen=True, slots=True)
class Target:
    """A platform as Docker, Debian, the compiler, Python and QEMU call it."""

    platform: str
    debian: str
    cross: str
    python: str
    qemu: str

    @property
    def cache(self) -> Path:
        """Where what is built for it is kept."""
        return Path(user_cache_dir("squarm")) / self.qemu.replace("aarch64", "arm64")


ARM_V7 = Target("linux/arm/v7", "armhf", "arm-linux-gnueabihf", "linux-armv7l", "arm")
ARM64 = Target("linux/arm64", "arm64", "aarch64-linux-gnu", "linux-aarch64", "aarch64")
TARGETS = {target.platform: target for target in (ARM_V7, ARM64)}
CROSS = ARM_V7.cross


class NoArm(Exception):
    """What is missing here to build or run anything for ARM, in one sentence."""


class BuildFailed(Exception):
    """All that is needed is here, and the build failed: what it said."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A Debian of another processor and the solver: `app` is what PYTHONPATH leads to."""

    root: Path
    app: Path
    target: Target = ARM_V7

    def command(self, *arguments: str | Path) -> list[str]:
        """What runs a program of that Debian here."""
        return [emulator(self.target), "-L", str(self.root), *map(str, arguments)]

    def python(self, *arguments: str, more: Path | None = None) -> list[str]:
        """What runs its Python; `more`: a folder to import from beside the solver's."""
        path = f"{self.app}:{more}" if more else str(self.app)
        interpreter = self.root / f"usr/bin/python{_VERSION}"
        return [emulator(self.target), "-E", f"PYTHONPATH={path}", "-L", str(self.root),
                str(interpreter), "-P", *arguments]  # fmt: skip


def arm(target: Target = ARM_V7) -> Arm:
    """The solver for ARM, built where the cache has none of this source.

    Raises NoArm and BuildFailed.
    """
    if _VERSION not in _SUITES:
        raise NoArm(f"no Debian has Python {_VERSION}, which runs here, for {target.debian}.")
    emulator(target)
    for program in (f"{target.cross}-gcc", "mmdebstrap"):
        if shutil.which(program) is None:
            raise NoArm(f"{program} is not installed (packaging/system-packages test).")
    with _alone(target) as cache:
        headers = f"python3-minimal,libpython{_VERSION}-dev,libpython{_VERSION}-stdlib"
        root = _made(cache, f"debian-{_SUITES[_VERSION]}", lambda to: _debian(to, target, headers))
        librt = _made(cache, f"librt-{_sum_of(_LOCK)}", lambda to: _librt(to, root, target))
        source = _sum_of(ROOT / "setup.py", *sorted((ROOT / "solver").rglob("*.py")), _LOCK)
        app = _made(cache, f"solver-{source}", lambda to: _solver(to, root, librt, target))
    return Arm(root, app, target)


def base(target: Target) -> Path:
    """A Debian of that processor with nothing but Python, unpacked and never run."""
    packages = f"python3-minimal,libpython{_VERSION}-stdlib"
    with _alone(target) as cache:
        return _made(cache, f"base-{_SUITES[_VERSION]}", lambda to: _debian(to, target, packages))


def emulator(target: Target) -> str:
    """The program that runs those of a target; raises NoArm."""
    for name in (f"qemu-{target.qemu}-static", f"qemu-{target.qemu}"):
        if found := shutil.which(name):
            return found
    raise NoArm("QEMU is not installed (Debian's qemu-user-static).")


@contextmanager
def _alone(target: Target) -> Iterator[Path]:
    cache = target.cache
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield cache


def _made(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A folder of the cache, made where it is missing; older ones of its kind go."""
    folder = cache / name
    if not folder.exists():
        partial = cache / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        make(partial)
        for old in cache.glob(f"{name.partition('-')[0]}-*"):
            shutil.rmtree(old, ignore_errors=True)
        partial.rename(folder)
    return folder


def _sum_of(*files: Path) -> str:
    told = hashlib.sha256(_VERSION.encode())
    for file in files:
        told.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return told.hexdigest()[:12]


def _debian(folder: Path, target: Target, packages: str) -> None:
    suite = _SUITES[_VERSION]
    _run("mmdebstrap", "--quiet", "--variant=extract", f"--architectures={target.debian}",
         "--skip=check/qemu", f"--include={packages}", suite, folder,
         f"deb http://deb.debian.org/debian {suite} main")  # fmt: skip


def _librt(folder: Path, root: Path, target: Target) -> None:
    """Out of its source, since PyPI has no wheel of it for each."""
    pinned = re.search(r"^librt==(?:.*\\\n)*.*\n", _LOCK.read_text(), re.MULTILINE)
    assert pinned is not None
    alone = folder / "librt.txt"
    alone.write_text(pinned.group())
    # The environment has what builds it, as pinned as the rest: no other is to be fetched for it.
    _run(sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--no-build-isolation",
         "--no-binary", "librt", "--require-hashes", "--dest", folder, "--requirement", alone,
         told={**os.environ, "PIP_BUILD_CONSTRAINT": ""})  # fmt: skip
    (archive,) = folder.glob("librt-*.tar.gz")
    _run("tar", "-xzf", archive, "-C", folder, "--strip-components=1")
    _build(folder, root, target)


def _solver(folder: Path, root: Path, librt: Path, target: Target) -> None:
    shutil.copyfile(ROOT / "setup.py", folder / "setup.py")
    sources = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "solver", folder / "solver", ignore=sources)
    _build(folder, root, target)
    if not list(folder.glob(f"*{target.cross}.so")):
        raise BuildFailed(f"the solver did not compile for {target.platform}.")
    shutil.copytree(librt / "librt", folder / "librt")
    shutil.copyfile(str(mypy_extensions.__file__), folder / "mypy_extensions.py")


def _build(folder: Path, root: Path, target: Target) -> None:
    """`setup.py build_ext --inplace` as if this were a machine of that kind."""
    there = root / f"usr/lib/python{_VERSION}/_sysconfigdata__{target.cross}.py"
    shutil.copyfile(there, folder / "_sysconfigdata_arm.py")
    told = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "_PYTHON_SYSCONFIGDATA_NAME": "_sysconfigdata_arm",
        "_PYTHON_HOST_PLATFORM": target.python,
        "CC": f"{target.cross}-gcc",
        "LDSHARED": f"{target.cross}-gcc -shared",
        # Python's own header first, and the C library's, which it leads to, last.
        "CFLAGS": f"-isystem {root}/usr/include/python{_VERSION} -idirafter {root}/usr/include "
        "-O2 -DNDEBUG",
    }
    _run(sys.executable, "setup.py", "--quiet", "build_ext", "--inplace", told=told, folder=folder)
    shutil.rmtree(folder / "build", ignore_errors=True)


def _run(
    *command: str | Path, told: dict[str, str] | None = None, folder: Path | None = None
) -> None:
    done = subprocess.run(
        [*map(str, command)], env=told, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-1500:]
        raise BuildFailed(f"{command[0]} ended with {done.returncode}: {said}")
