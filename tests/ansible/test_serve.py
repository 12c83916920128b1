"""`playbooks/serve.yml`: squarm serve as a service of the master, installed from this source."""

from collections.abc import Iterator

import pytest

from tests.ansible.playbook import Swarm
from tests.lab.fixtures import MakeLab
from tests.lab.host import wait_until
from tests.lab.plan import PiPlan, State

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def swarm(make_lab: MakeLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with make_lab([PiPlan(State.SWARM, memory_mib=2048, cpus=2.0)]) as lab:
        yield Swarm(lab, tmp_path_factory.mktemp("serve"))


def test_the_daemon_is_installed_and_comes_back_when_killed(swarm: Swarm) -> None:
    came = swarm.play("serve")
    assert not came.failed, came.output
    (master,) = swarm.lab.pis
    ask = ("runuser", "-u", "pi", "--", "/opt/squarm/bin/squarm", "serve", "--check")
    wait_until(lambda: master.run(*ask).stdout.startswith("swarm, 0 jobs running"), "it works", 30)
    before = main_process(swarm)
    master.run("kill", "-9", before)
    wait_until(lambda: main_process(swarm) not in ("0", before), "systemd starts it again", 60)
    again = swarm.play("serve")
    assert set(again.changed.values()) == {0}, again.output


def test_slacks_tokens_are_a_credential_and_nowhere_else(swarm: Swarm) -> None:
    token = "xoxb-1-a-token-nobody-may-read"  # noqa: S105 - what is looked for
    settings = f'bot_token = "{token}"\napp_token = "xapp-{token}"\nchannel = "#squarm"\n'
    came = swarm.play("serve", "-vvv", squarm_serve_slack=settings)
    (master,) = swarm.lab.pis
    assert token not in came.output
    assert master.run("stat", "-c", "%a %U", "/etc/squarm/slack.toml").stdout == "600 root\n"
    assert token in master.run("cat", "/etc/squarm/slack.toml").stdout
    processes = master.run("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ").stdout
    assert token not in processes
    assert token not in master.run("journalctl", "--no-pager").stdout
    gone = swarm.play("serve")
    assert not gone.failed, gone.output
    assert master.run("ls", "/etc/squarm").stdout == ""


def main_process(swarm: Swarm) -> str:
    (master,) = swarm.lab.pis
    return master.run("systemctl", "show", "-P", "MainPID", "squarm@pi").stdout.strip()
