"""A manager that lost its swarm's state gets it back from a copy, and its worker with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from lab.pi import Pi
from lab.plan import PiPlan, State
from tests.lab.fixtures import MakeLab
from tests.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
SCRIPT = Path("ansible/roles/swarm_master/files/squarm-swarm-state")
COMMAND = "/usr/local/sbin/squarm-swarm-state"


@pytest.fixture(scope="module")
def lab(make_lab: MakeLab) -> Iterator[Lab]:
    with make_lab([PiPlan(State.SWARM)] * 2) as made:
        yield made


def nodes(manager: Pi) -> dict[str, str]:
    told = manager.run("docker", "node", "ls", "--format", "{{.ID}} {{.Status}}", check=False)
    return dict(line.split(" ", 1) for line in told.stdout.splitlines())


def test_a_lost_swarm_comes_back_from_its_copy(lab: Lab) -> None:
    manager = lab["pi1"]
    manager.run("sh", "-c", f"cat >{COMMAND} && chmod +x {COMMAND}", input=SCRIPT.read_text())
    manager.run("docker", "network", "create", "--driver", "overlay", "kept")
    before = nodes(manager)
    assert len(before) == 2
    folder = "/var/backups/squarm"
    # By a clock that was ahead; and one that a power cut broke off.
    ahead = [f"{folder}/swarm-299901{day:02}-000000.tar.gz" for day in range(1, 8)]
    manager.run("mkdir", "-p", folder)
    manager.run("touch", *ahead, f"{folder}/swarm-20260101-000000.tar.gz.part")
    copy = ""
    for _ in range(9):
        copy = manager.run(COMMAND, "save").stdout.strip()
        manager.run("test", "-s", copy)
        manager.run("sleep", "1")
    kept = manager.run("ls", "-l", folder).stdout
    assert kept.count("-rw------- 1 root root") == kept.count(".tar.gz\n") == 7
    assert "2999" not in kept
    assert ".part" not in kept
    full = f"mount -t tmpfs -o size=8k tmpfs {folder}; {COMMAND} save; ls {folder}; umount {folder}"
    said = manager.run("sh", "-c", full)
    assert "No copy can be written to /var/backups/squarm: make room." in said.stderr
    assert said.stdout == ""

    refused = manager.run(COMMAND, "restore", "/etc/passwd", check=False)
    assert refused.stderr == "squarm-swarm-state: /etc/passwd holds no swarm's state.\n"
    assert nodes(manager) == before

    lost = "systemctl stop docker.socket docker && rm -rf /var/lib/docker/swarm"
    manager.run("sh", "-c", f"{lost} && systemctl start docker")
    assert nodes(manager) == {}
    manager.run(COMMAND, "restore", copy)

    wait_until(lambda: nodes(manager) == before, 90, lambda: nodes(manager))
    names = manager.run("docker", "network", "ls", "--format", "{{.Name}}").stdout.split()
    assert "kept" in names
