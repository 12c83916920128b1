"""How Ansible is told to run: where its playbooks are, its environment, the user's settings."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from base.source import source_tree
from provision.runs.folder import RunError, Setting

_FORK_BYTES = 60_000_000
"""Each of Ansible's forks takes so much."""
_FORKS_A_CORE = 10
"""They mostly wait for their machines."""
_LEAST_FORKS, _MOST_FORKS = 5, 50
_SSH = (
    "-o ControlMaster=auto -o ControlPersist=120s -o ConnectTimeout=10 "
    # A Pi whose plug was pulled must not hold up the others for long.
    "-o ServerAliveInterval=5 -o ServerAliveCountMax=4"
)


def find_playbooks(path: Path | None = None) -> Path:
    """The folder of the playbooks, squarm's own if None; raises RunError where they are not."""
    path = path or source_tree() / "ansible" / "playbooks"
    if not (path / "site.yml").is_file():
        raise RunError(f"The playbooks are not at {path}: install squarm anew.")
    return path


def environment(
    memory: Path, playbooks: Path, agent: Path | None, collections: Path | None, packages: int
) -> dict[str, str]:
    """Variables for Ansible, beside this process's own; None is what there is none of.

    `packages`: the port on loopback where packages are served, 0 where they are not.
    """
    # Imported late: the console reads this module, and starts no run for long.
    import psutil

    control = memory / "c"
    control.mkdir(mode=0o700)
    own = {
        # ansible-playbook and its Python are those squarm was installed with.
        "PATH": f"{Path(sys.executable).parent}:{_path()}",
        "ANSIBLE_CONFIG": str(playbooks.parent / "ansible.cfg"),
        # ansible-runner puts its own in the place of what the configuration names.
        "ANSIBLE_CALLBACK_PLUGINS": str(source_tree() / "ansible" / "callback_plugins"),
        "ANSIBLE_LOOKUP_PLUGINS": str(source_tree() / "ansible" / "lookup_plugins"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(control),
        # Named so that ssh itself finds the connection to a machine (squarm_packages.py).
        "ANSIBLE_SSH_CONTROL_PATH": "%(directory)s/%%C",
        "SQUARM_PACKAGES": str(packages or ""),
        "ANSIBLE_SSH_ARGS": _SSH,
        "ANSIBLE_LOCAL_TEMP": str(memory / "local"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORKS": str(forks(psutil.virtual_memory().available, os.cpu_count() or 1)),
        "LC_ALL": "C.UTF-8",
    }
    if agent is not None:
        own["SSH_AUTH_SOCK"] = str(agent)
    if collections is not None:
        own["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
    return own


def forks(memory: int, cores: int) -> int:
    """How many machines Ansible works on at a time, by the bytes of memory that are free here."""
    return max(_LEAST_FORKS, min(memory // 2 // _FORK_BYTES, _FORKS_A_CORE * cores, _MOST_FORKS))


def package_settings(packages: int) -> dict[str, Setting]:
    """How apt is to find packages, by the port where they are served."""
    return {"squarm_apt_environment": "{{ lookup('squarm_packages') }}"} if packages else {}


def write_settings(memory: Path, settings: Mapping[str, Setting]) -> Path:
    """The variables that the user's choices stand for, as a file that Ansible reads."""
    path = memory / "settings.json"
    path.write_text(json.dumps(dict(settings)), "utf-8")
    return path


def _path() -> str:
    return os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")
