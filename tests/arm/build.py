"""Builds the solver for arm/v7 out of this source, with Debian's cross compiler.

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
CROSS = "arm-linux-gnueabihf"
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_SUITES = {"3.11": "bookworm", "3.13": "trixie"}
"""Debian's releases, by their Python: the one there must be as the one here."""
_LOCK = ROOT / "requirements" / "build.txt"


class NoArm(Exception):
    """What is missing here to build or run anything for arm/v7, in one sentence."""


class BuildFailed(Exception):
    """All that is needed is here, and the build failed: what it said."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A Debian for armhf with the solver in it: `app` is what PYTHONPATH leads to."""

    root: Path
    app: Path

    def command(self, *arguments: str | Path) -> list[str]:
        """What runs a program of armhf here."""
        return [_emulator(), "-L", str(self.root), *map(str, arguments)]

    def python(self, *arguments: str, more: Path | None = None) -> list[str]:
        """What runs its Python; `more`: a folder to import from beside the solver's."""
        path = f"{self.app}:{more}" if more else str(self.app)
        interpreter = self.root / f"usr/bin/python{_VERSION}"
        return [_emulator(), "-E", f"PYTHONPATH={path}", "-L", str(self.root), str(interpreter),
                "-P", *arguments]  # fmt: skip


def arm() -> Arm:
    """The solver for arm/v7, built where the cache has none of this source.

    Raises NoArm and BuildFailed.
    """
    if _VERSION not in _SUITES:
        raise NoArm(f"no Debian has Python {_VERSION}, which runs here, for armhf.")
    _emulator()
    for program in (f"{CROSS}-gcc", "mmdebstrap"):
        if shutil.which(program) is None:
            raise NoArm(f"{program} is not installed (packaging/system-packages test).")
    with _alone() as cache:
        root = _made(cache, f"debian-{_SUITES[_VERSION]}", _debian)
        librt = _made(cache, f"librt-{_sum_of(_LOCK)}", lambda to: _librt(to, root))
        source = _sum_of(ROOT / "setup.py", *sorted((ROOT / "solver").rglob("*.py")), _LOCK)
        app = _made(cache, f"solver-{source}", lambda to: _solver(to, root, librt))
    return Arm(root, app)


def _emulator() -> str:
    for name in ("qemu-arm-static", "qemu-arm"):
        if found := shutil.which(name):
            return found
    raise NoArm("QEMU is not installed (Debian's qemu-user-static).")


@contextmanager
def _alone() -> Iterator[Path]:
    cache = Path(user_cache_dir("squarm")) / "arm"
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


def _debian(folder: Path) -> None:
    packages = f"python3-minimal,libpython{_VERSION}-dev,libpython{_VERSION}-stdlib"
    suite = _SUITES[_VERSION]
    _run("mmdebstrap", "--quiet", "--variant=extract", "--architectures=armhf",
         "--skip=check/qemu", f"--include={packages}", suite, folder,
         f"deb http://deb.debian.org/debian {suite} main")  # fmt: skip


def _librt(folder: Path, root: Path) -> None:
    """Out of its source, since PyPI has no wheel of it for arm/v7."""
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
    _build(folder, root)


def _solver(folder: Path, root: Path, librt: Path) -> None:
    shutil.copyfile(ROOT / "setup.py", folder / "setup.py")
    sources = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "solver", folder / "solver", ignore=sources)
    _build(folder, root)
    if not list(folder.glob(f"*{CROSS}.so")):
        raise BuildFailed("the solver did not compile for arm/v7.")
    shutil.copytree(librt / "librt", folder / "librt")
    shutil.copyfile(str(mypy_extensions.__file__), folder / "mypy_extensions.py")


def _build(folder: Path, root: Path) -> None:
    """`setup.py build_ext --inplace` as if this were an armhf."""
    there = root / f"usr/lib/python{_VERSION}/_sysconfigdata__{CROSS}.py"
    shutil.copyfile(there, folder / "_sysconfigdata_arm.py")
    told = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "_PYTHON_SYSCONFIGDATA_NAME": "_sysconfigdata_arm",
        "_PYTHON_HOST_PLATFORM": "linux-armv7l",
        "CC": f"{CROSS}-gcc",
        "LDSHARED": f"{CROSS}-gcc -shared",
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
