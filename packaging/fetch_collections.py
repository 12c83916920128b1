"""Fetches the Ansible collections that the playbooks use, and no others.

PyPI has them only as part of the distribution `ansible`: 54 MB that unpack to 21,000 files and
260 MB, minutes on a Pi's card. So it is downloaded, these are taken out of it, and it is dropped.
`ansible-galaxy collection install -r ansible/requirements.yml` does the same from Galaxy.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DISTRIBUTION = "ansible==12.3.0"
"""The one that goes with ansible-core 2.19, the last for Python 3.11."""
COLLECTIONS = (
    "ansible/posix",
    "community/docker",
    "community/general",
    "community/library_inventory_filtering_v1",  # community.docker depends on it
)
_WANTED = tuple(f"ansible_collections/{name}/" for name in COLLECTIONS)
_LEFT_OUT = {"changelogs", "docs", "tests"}
_FOLDER = Path(__file__).parent.parent / "ansible" / "collections"


def main() -> int:
    """Puts them in ansible/collections, where ansible.cfg looks; does nothing twice."""
    stamp = _FOLDER / "fetched"
    told = "\n".join((DISTRIBUTION, *COLLECTIONS))
    if stamp.exists() and stamp.read_text() == told:
        return 0
    print("Fetching Ansible's collections (54 MB, of which 10 MB are kept) ...")
    shutil.rmtree(_FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--no-cache-dir"]
        if subprocess.run([*pip, "--dest", folder, DISTRIBUTION], check=False).returncode != 0:
            print("pip could not fetch them: is the network up?", file=sys.stderr)
            return 1
        (wheel,) = Path(folder).glob("*.whl")
        _unpack(wheel)
    stamp.write_text(told)
    return 0


def _unpack(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.startswith(_WANTED) and name.split("/")[3] not in _LEFT_OUT:
                packed.extract(name, _FOLDER)


if __name__ == "__main__":
    sys.exit(main())
