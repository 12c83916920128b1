"""The versions of squarm that lie side by side, and the link to the one that runs.

Each is a virtual environment of its own below `versions`; none is changed once it is whole.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from base import safe_file
from base.errors import MALFORMED
from base.text import clean_text, shorten
from serve.upgrade.release import UpgradeError, Wheel

ROOT = Path("/opt/squarm")
_SOURCE = Path("share/squarm")
_LOCK = Path("requirements/run.txt")
_MINUTES = 120
"""What has no wheel for a Pi of 32 bits is compiled there."""


@dataclass(frozen=True, slots=True)
class NotRun:
    """A version that is not tried again by itself, and why."""

    version: str
    why: str


class Versions:
    """What is below `root`; every method may raise OSError, those that install UpgradeError."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @property
    def current(self) -> str:
        """The version that the service runs, '' for none."""
        link = self.root / "current"
        return link.readlink().name if link.is_symlink() else ""

    @property
    def on_trial(self) -> str:
        """The version to go back to, where one was begun of which nobody knows that it is well."""
        with suppress(FileNotFoundError):
            return self._trial.read_text("utf-8").strip()
        return ""

    @property
    def not_run(self) -> NotRun | None:
        """What was gone back from, or held."""
        try:
            body = json.loads(self._not_run.read_text("utf-8"))
            return NotRun(clean_text(body["version"], 80), clean_text(body["why"], 600))
        except (*MALFORMED, OSError):
            return None

    @property
    def _trial(self) -> Path:
        return self.root / "trial"

    @property
    def _not_run(self) -> Path:
        return self.root / "not-run.json"

    def folder(self, version: str) -> Path:
        """Where a version lies."""
        return self.root / "versions" / version

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One at a time."""
        with safe_file.locked(self.root / "versions"):
            yield

    def use(self, version: str) -> None:
        """Have the link lead to a version: at any moment it leads to one or the other."""
        link = self.root / "current"
        new = self.root / ".current"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("versions") / version)
        new.replace(link)
        safe_file.sync_folder(self.root)

    def begin(self, version: str) -> None:
        """Try a version; a power cut does not hide that it was one, and leaves all of its files."""
        os.sync()
        safe_file.replace(self._trial, self.current)
        self.use(version)

    def end_trial(self) -> None:
        """Stay with the version that the link leads to."""
        self._trial.unlink(missing_ok=True)
        safe_file.sync_folder(self.root)

    def note(self, not_run: NotRun | None) -> None:
        """Remember what is not to be tried again; None forgets it."""
        if not_run is None:
            self._not_run.unlink(missing_ok=True)
        else:
            safe_file.replace(self._not_run, json.dumps(asdict(not_run)))
            self._not_run.chmod(0o644)

    def remove_but(self, kept: Collection[str]) -> None:
        """Remove all other versions."""
        for folder in (self.root / "versions").iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder)

    def install(self, wheel: Wheel, content: bytes) -> None:
        """Install a wheel beside what is there; what it needs is linked where it is the same.

        What half an installation has left is made anew.
        """
        folder = self.folder(wheel.folder)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with tempfile.TemporaryDirectory(prefix="squarm-") as scratch:
                file = Path(scratch) / wheel.name
                file.write_bytes(content)
                linked = self._link_packages(folder, _lock_of(file))
                python = folder / "bin/python"
                _run(python, "-m", "pip", "--quiet", "install", "--no-index", "--no-deps",
                     "--disable-pip-version-check", "--force-reinstall", file)  # fmt: skip
            if not linked:
                source = folder / _SOURCE
                _run("sh", source / "packaging/install-locked", folder, source / _LOCK)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _link_packages(self, folder: Path, lock: bytes) -> bool:
        """Make an environment that has the packages of the current one, if those are the same."""
        former = self.folder(self.current)
        try:
            same = bool(self.current) and (former / _SOURCE / _LOCK).read_bytes() == lock
        except OSError:
            same = False
        packages = Path(f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")
        if not same or not (former / packages).is_dir():
            _run(sys.executable, "-m", "venv", folder)
            return False
        _run(sys.executable, "-m", "venv", "--without-pip", folder)
        shutil.copytree(
            former / packages, folder / packages, copy_function=os.link, dirs_exist_ok=True
        )
        for script in (former / "bin").iterdir():
            there = folder / "bin" / script.name
            if not there.exists() and script.is_file():
                text = script.read_bytes()
                there.write_bytes(text.replace(bytes(former), bytes(folder)))
                there.chmod(0o755)
        return True


def _lock_of(wheel: Path) -> bytes:
    """The versions and hashes that a wheel was tested with; raises UpgradeError."""
    try:
        with zipfile.ZipFile(wheel) as opened:
            (name,) = (one for one in opened.namelist() if one.endswith(f"/{_SOURCE / _LOCK}"))
            return opened.read(name)
    except (*MALFORMED, OSError, zipfile.BadZipFile):
        raise UpgradeError(f"{wheel.name} is no wheel of squarm.") from None


def _run(*command: str | Path) -> None:
    """Run what installs; raises UpgradeError with the last that it said."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UpgradeError(f"It was not installed within {_MINUTES} minutes.") from None
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines()
        why = shorten(clean_text(said[-1]), 200) if said else f"exit status {done.returncode}"
        raise UpgradeError(f"It cannot be installed: {why}.")
