"""The Ansible collections that the playbooks use, fetched by `make setup` or by the first run.

PyPI has them only as part of the distribution `ansible`: 54 MB that unpack to 21,000 files and
260 MB, minutes on a Pi's card. So it is downloaded, these are taken out of it, and it is dropped.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from base import paths
from base.source import source_tree
from base.text import clean_text
from provision.runs.folder import RunError

FETCHING = "Fetch Ansible's collections (54 MB, of which 10 MB are kept)"
_NAMES = (
    "ansible/posix",
    "community/docker",
    "community/general",
    "community/library_inventory_filtering_v1",  # community.docker depends on it
)
_WANTED = tuple(f"ansible_collections/{name}/" for name in _NAMES)
_LEFT_OUT = {"changelogs", "docs", "tests"}
_STAMP = "fetched"


def collections_folder(tell: Callable[[str], None]) -> Path:
    """Where Ansible finds them: beside the playbooks, else in the user's cache, fetched there.

    `tell` gets what takes so long, where they have to be fetched. Raises RunError.
    """
    if found := find_collections():
        return found
    tell(FETCHING)
    _fetch(_in_cache())
    return _in_cache()


def find_collections() -> Path | None:
    """Where they are, None where they have not been fetched yet."""
    return next(filter(_whole, (_beside_playbooks(), _in_cache())), None)


def _in_cache() -> Path:
    return paths.cache() / "collections"


def _beside_playbooks() -> Path:
    return source_tree() / "ansible" / "collections"


def _pinned() -> Path:
    return source_tree() / "requirements" / "collections.txt"


def _whole(folder: Path) -> bool:
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text("utf-8") == _told()


def _told() -> str:
    return "\n".join((_pinned().read_text("utf-8"), *_NAMES))


def _fetch(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as downloaded:
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
            pip += ["--no-deps", "--no-cache-dir", "--require-hashes", "--only-binary", ":all:"]
            pip += ["--dest", downloaded, "--requirement", str(_pinned())]
            done = subprocess.run(pip, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RunError(
                    "Ansible's collections cannot be fetched from PyPI: try again once the network "
                    f"is up (pip says: {_why(done.stderr)})."
                )
            (wheel,) = Path(downloaded).glob("*.whl")
            _unpack(wheel, folder)
        (folder / _STAMP).write_text(_told(), "utf-8")
    except (OSError, zipfile.BadZipFile) as error:
        raise RunError(f"Ansible's collections cannot be put into {folder}: {error}.") from error


def _why(said: str) -> str:
    """The first error, in pip's words."""
    errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
    return clean_text(errors[0].removeprefix("ERROR: ") if errors else said.strip(), 200)


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.startswith(_WANTED) and name.split("/")[3] not in _LEFT_OUT:
                packed.extract(name, folder)


def main() -> int:
    """Put them beside the playbooks, where plain `ansible-playbook` finds them, too."""
    if not _whole(_beside_playbooks()):
        print(f"{FETCHING} ...")
        try:
            _fetch(_beside_playbooks())
        except RunError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
