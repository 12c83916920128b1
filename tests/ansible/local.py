"""Roles run by `ansible-playbook` on this very machine, in a folder, as several machines."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.ansible.playbook import FOLDER, Came, came_of


@dataclass(frozen=True, slots=True)
class LocalMachines:
    """Machines that are all this one, told apart by `variables` of each; the first is the master.

    `environments`: what else their programs find in their environment.
    """

    folder: Path
    variables: Mapping[str, Mapping[str, object]]
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def run(self, tasks: Sequence[Mapping[str, object]], *options: str, **settings: object) -> Came:
        """Run tasks on all of them; `settings` win over the roles' own."""
        master, *others = self.variables
        hosts = {name: {**self._way(name), **said} for name, said in self.variables.items()}
        groups = {
            "swarm_master": {"hosts": {master: hosts[master]}},
            "swarm_hosts": {"hosts": {name: hosts[name] for name in others}},
        }
        play = {"hosts": "swarm_master:swarm_hosts", "gather_facts": False, "tasks": list(tasks)}
        inventory, playbook = self.folder / "hosts.yml", self.folder / "play.yml"
        inventory.write_text(yaml.safe_dump({"all": {"vars": settings, "children": groups}}))
        playbook.write_text(yaml.safe_dump([play]))
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(FOLDER / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        program = Path(sys.executable).with_name("ansible-playbook")
        done = subprocess.run(
            [program, "-i", inventory, playbook, *options],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        return came_of(done.stdout)

    def _way(self, name: str) -> dict[str, str]:
        """A Python of its own: so what is delegated to a machine finds that machine's things."""
        python = self.folder / f"python-{name}"
        told = "".join(
            f"export {key}={value}\n" for key, value in self.environments.get(name, {}).items()
        )
        python.write_text(f'#!/bin/sh\n{told}exec {sys.executable} "$@"\n')
        python.chmod(0o755)
        return {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
