"""A password for the login costs no process of its own for each step on each machine."""

from pathlib import Path

import pytest

from provision.runs.variables import environment, find_playbooks
from tests.ansible.local import LocalMachines

SSH = '#!/bin/sh\n(echo ssh; ps -ww --ppid $PPID -o args= | grep -v "$0") >> {started}\nexit 255\n'
TASKS = [{"name": "Log in", "ansible.builtin.command": "true", "ignore_unreachable": True}] * 2


@pytest.mark.parametrize("way", ["ansible-playbook alone", "squarm"])
def test_only_ssh_is_started_for_each(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "squarm":
        told = environment(tmp_path, find_playbooks(), None, None, 0)
        # Put there in place of the configuration's by what runs Ansible for squarm.
        monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", told["ANSIBLE_CALLBACK_PLUGINS"])
    started, ssh = tmp_path / "started", tmp_path / "ssh"
    ssh.write_text(SSH.format(started=started))
    ssh.chmod(0o755)
    login = {
        "ansible_connection": "ssh",
        "ansible_ssh_executable": str(ssh),
        "ansible_ssh_retries": 0,
        "ansible_password": "right one",
    }
    LocalMachines(tmp_path, {"one": login, "two": login}).run(TASKS)
    assert started.read_text().split("\n") == ["ssh"] * 4 + [""]
