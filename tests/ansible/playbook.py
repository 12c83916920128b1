"""Runs a playbook on a lab with `ansible-playbook`: its inventory, its secrets, what came of it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from lab.lab import Lab
from lab.pi import Pi
from lab.plan import Variant
from tests.waiting import wait_until

FOLDER = Path(__file__).parent.parent.parent / "ansible"
PASSWORD = "a-login-nobody-may-read"  # noqa: S105 - what the tests look for in every output
VAULT = "a-vault-nobody-may-open"
_RECAP = re.compile(
    r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a run: by machine, how much was changed; who failed or was not reached."""

    output: str
    changed: Mapping[str, int]
    failed: frozenset[str]


@dataclass(slots=True)
class Swarm:
    """A lab as Ansible sees it: the first Pi is the master."""

    lab: Lab
    folder: Path
    roles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pi in self.lab.pis:
            set_password(pi)
        shutil.copyfile(self.lab.site.key, self.folder / "key")
        (self.folder / "key").chmod(0o600)
        (self.folder / "vault-password").write_text(VAULT)
        secrets = {"ansible_password": PASSWORD, "ansible_become_password": PASSWORD}
        vault = self.folder / "group_vars/all/vault.yml"
        vault.parent.mkdir(parents=True)
        vault.write_text(yaml.safe_dump(secrets))
        self._call("ansible-vault", "encrypt", vault)

    def name(self, pi: Pi) -> str:
        """What Ansible calls a Pi."""
        return f"squarm-{pi.board.serial[-8:]}"

    def play(self, playbook: str, *options: str, **variables: object) -> Came:
        """Runs a playbook; `variables` are the user's settings, which win over the roles' own."""
        self._write_inventory(variables)
        output = self._call("ansible-playbook", FOLDER / "playbooks" / f"{playbook}.yml", *options)
        return came_of(output)

    def nodes(self) -> dict[str, str]:
        """The swarm as its master tells: host names, and `Ready Active Leader`.

        Of a node whose machine is busy it may hear nothing for a moment: that is waited for.
        """
        with suppress(AssertionError):
            wait_until(lambda: all(each.startswith("Ready") for each in self._nodes().values()), 60)
        return self._nodes()

    def _nodes(self) -> dict[str, str]:
        form = "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}"
        told = self.lab.pis[0].run("docker", "node", "ls", "--format", form).stdout
        return {line.split()[0]: " ".join(line.split()[1:]) for line in told.splitlines()}

    def _write_inventory(self, variables: Mapping[str, object]) -> None:
        known = (
            "".join(f"{self.name(pi)} {pi.host_key()}\n" for pi in self.lab.pis if pi.is_on)
            or (self.folder / "known_hosts").read_text()
        )
        (self.folder / "known_hosts").write_text(known)
        master, *others = self.lab.pis
        options = f"-F none -o UserKnownHostsFile={self.folder}/known_hosts -o UpdateHostKeys=no "
        options += "-o StrictHostKeyChecking=yes -o HostKeyAlias=squarm-{{ squarm_id }}"
        groups = {
            "swarm_master": {"hosts": {self.name(master): self._host(master, "swarmaster")}},
            "swarm_hosts": {
                "hosts": {
                    self.name(pi): self._host(pi, f"swarmost{number}")
                    for number, pi in enumerate(others, 1)
                }
            },
        }
        body = {"all": {"vars": {"ansible_ssh_common_args": options}, "children": groups}}
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(body, sort_keys=False))
        # What it would be built from is in no registry that can be reached from here.
        settings = {"solver_image_build": False, **variables}
        (self.folder / "group_vars/all/settings.yml").write_text(yaml.safe_dump(settings))

    def _host(self, pi: Pi, hostname: str) -> dict[str, object]:
        told: dict[str, object] = {
            "ansible_host": pi.address,
            "ansible_user": pi.user,
            "squarm_id": pi.board.serial[-8:],
            "squarm_hostname": hostname,
            "squarm_role": self.roles.get(pi.name, "worker"),
        }
        if Variant.KEY_ONLY in pi.board.plan.variants:
            told["ansible_ssh_private_key_file"] = str(self.folder / "key")
        return told

    def key(self) -> dict[str, object]:
        """The settings that install the lab's key and prove it."""
        public = self.lab.site.key.with_suffix(".pub").read_text().strip()
        return {
            "ssh_authorized_keys": [public],
            "ssh_private_key_file": str(self.folder / "key"),
            "ansible_ssh_private_key_file": str(self.folder / "key"),
        }

    def _call(self, program: str, *arguments: str | Path) -> str:
        command = [Path(sys.executable).parent / program, *arguments]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(FOLDER / "ansible.cfg"),
            "ANSIBLE_INVENTORY": str(self.folder / "inventory.yml"),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self.folder / "vault-password"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            command, cwd=FOLDER, env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False,
        )  # fmt: skip
        return done.stdout


def came_of(output: str) -> Came:
    """What came of a run, from all that it printed."""
    told = _RECAP.findall(output)
    bad = (name for name, _, unreachable, failed in told if unreachable + failed != "00")
    return Came(output, {name: int(count) for name, count, *_ in told}, frozenset(bad))


def failures(output: str) -> dict[str, str]:
    """The message of each machine that failed, as Ansible prints it."""
    blocks = re.findall(r"^fatal: \[([^\] ]+).*=> \n((?:    .*\n)+)", output, re.MULTILINE)
    return {machine: yaml.safe_load(block)["msg"] for machine, block in blocks}


def password_lets_in(pi: Pi) -> bool:
    """Whether sshd offers to try a password."""
    options = ["-o", "PreferredAuthentications=none", "-o", "StrictHostKeyChecking=no"]
    told = ["ssh", "-F", "none", *options, "-o", "UserKnownHostsFile=/dev/null"]
    done = subprocess.run(
        [*told, f"{pi.user}@{pi.address}", "true"], capture_output=True, text=True, check=False
    )
    assert "Permission denied" in done.stderr
    return "password" in done.stderr.split("Permission denied")[1]


def set_password(pi: Pi) -> None:
    """Gives a Pi a password of its own, that no other word contains."""
    pi.run("chpasswd", input=f"{pi.user}:{PASSWORD}\n")
