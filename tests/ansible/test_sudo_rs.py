"""Root through sudo-rs, which asks in words of its own: Ansible's way in, and preflight's."""

from pathlib import Path

import pytest

from fleet.ssh.shell import LocalShell, Sudo
from provision.runs.events import said
from tests.ansible.local import LocalMachines
from tests.ansible.playbook import failures

PASSWORD = "right one"  # noqa: S105 - nobody's
SUDO_RS = Path(__file__).with_name("sudo_rs")
TASKS = [{"name": "Become root", "ansible.builtin.command": "true", "become": True}]


@pytest.mark.slow
def test_ansible_gives_sudo_rs_its_password_and_tells_where_it_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_RS_PASSWORD", PASSWORD)
    # This test's user may be root, who would not have to become it.
    monkeypatch.setenv("ANSIBLE_BECOME_ALLOW_SAME_USER", "True")
    way = {"ansible_become_exe": str(SUDO_RS)}
    machines = LocalMachines(
        tmp_path,
        {
            "right": way | {"ansible_become_password": PASSWORD},
            "wrong": way | {"ansible_become_password": "wrong one"},
        },
    )
    came = machines.run(TASKS)
    assert came.failed == {"wrong"}, came.output
    told = said({"msg": failures(came.output)["wrong"]})
    assert told == "its sudo refuses the password: give another."


async def test_preflight_gives_it_the_password_in_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sudo").symlink_to(SUDO_RS)
    # As this test's user may be root, who is never asked.
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SUDO_RS_PASSWORD", PASSWORD)
    shell = LocalShell(PASSWORD)
    assert await shell.find_sudo() is Sudo.PASSWORD
    ran = await shell.run("echo one", root=True)
    assert (ran.status, ran.output) == (0, b"one\n")
    assert await LocalShell("wrong one").find_sudo() is Sudo.REFUSED
    outdated = LocalShell("wrong one", Sudo.PASSWORD)
    assert (await outdated.run("echo one", root=True)).status == 1
