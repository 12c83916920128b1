"""What squarm runs with: Python, the solver, the system's packages, Ansible."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import solver
from base.errors import MALFORMED
from base.processes import environment
from base.source import source_tree
from base.text import clean_text
from provision.runs.fetch_collections import FETCHING, find_collections
from provision.runs.variables import find_playbooks
from tui.command.doctor.examination import Judged, broken, ok, warning

OLDEST = (3, 11)
SOLVER_SECONDS = 30.0
_SCRIPT_SECONDS = 6.0


def python() -> Judged:
    """Python's version, and whose it is."""
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return broken(f"Python is {here}: squarm needs {wanted} or later.")
    return ok(f"{here}, {sys.executable}.")


def search() -> Judged:
    """Whether the solver is compiled, and finds what it always has."""
    if not solver.compiled():
        return warning(f"The solver is {solver.HOW_TO_COMPILE}.")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "solver", "--self-test"],
        env=environment(),
        capture_output=True,
        timeout=SOLVER_SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1:] or [b"no word"]
        said = clean_text(last[0].decode(errors="replace")[-200:])
        return broken(f"The solver does not give what it must ({said}): make setup.")
    return ok("Compiled, and it finds, counts and refuses what it must.")


def packages() -> Judged:
    """The system's packages, by the list that `make setup` installs them from."""
    script = source_tree() / "packaging" / "system-packages"
    done = subprocess.run(
        [str(script), "run", "--list"],
        env={**os.environ, "PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SCRIPT_SECONDS,
        check=False,
    )
    return judge_packages(done.stdout.split(), compiled=solver.compiled())


def judge_packages(missing: list[str], *, compiled: bool) -> Judged:
    """What to say of packages that are missing; those that only compile the solver may be."""
    needed = [name for name in missing if name == "openssh-client" or not compiled]
    if not needed:
        return ok("All that squarm needs are here.")
    way_out = f"sudo apt install {' '.join(needed)}"
    if "openssh-client" in needed:
        return broken(f"Ansible cannot log in without ssh: {way_out}.")
    return warning(f"Packages are missing that the solver is compiled with: {way_out}.")


def ansible() -> Judged:
    """Ansible, its collections and squarm's playbooks."""
    find_playbooks()
    try:
        core = version("ansible-core")
    except PackageNotFoundError:
        core = ""
    if not core or not Path(sys.executable).with_name("ansible-playbook").exists():
        return broken("Ansible is not installed beside squarm: install squarm anew.")
    folder = find_collections()
    if folder is None:
        fetching = FETCHING[:1].lower() + FETCHING[1:]
        return warning(f"ansible-core {core}; the first provisioning run will {fetching}.")
    return ok(f"ansible-core {core}, {', '.join(_collections(folder))}.")


def _collections(folder: Path) -> list[str]:
    told = []
    for manifest in sorted((folder / "ansible_collections").glob("*/*/MANIFEST.json")):
        with suppress(OSError, *MALFORMED):
            about = json.loads(manifest.read_text("utf-8"))["collection_info"]
            told.append(f"{about['namespace']}.{about['name']} {about['version']}")
    return told
