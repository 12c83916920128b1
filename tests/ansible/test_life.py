"""The life of nodes by `ansible-playbook` alone: taken over, upgraded, removed, reset."""

from collections.abc import Iterator

import pytest

from lab.pi import Pi
from lab.plan import PiPlan, State, Variant
from tests.ansible.playbook import Swarm, failures, password_lets_in, set_password
from tests.lab.fixtures import MakeLab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(2400)]
_IMAGE = (
    "mkdir -p /tmp/i/usr && cd /tmp/i && ln -sf usr/bin bin && ln -sf usr/lib lib && "
    "ln -sf usr/lib64 lib64 && tar -c . | docker import - empty"
)


@pytest.fixture(scope="module")
def swarm(make_lab: MakeLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    """A swarm that was made by hand: one manager, three workers, all called raspberrypi."""
    with make_lab([PiPlan(State.SWARM, frozenset({Variant.BOOKWORM}))] * 4) as lab:
        yield Swarm(lab, tmp_path_factory.mktemp("swarm"), {"pi2": "manager", "pi3": "manager"})


def in_swarm(pi: Pi) -> str:
    return pi.run("docker", "info", "-f", "{{.Swarm.LocalNodeState}}").stdout.strip()


def test_a_swarm_made_by_hand_is_taken_over_with_three_managers(swarm: Swarm) -> None:
    ids = set(swarm.lab["pi1"].run("docker", "node", "ls", "-q").stdout.split())
    came = swarm.play("site", **swarm.key())
    assert not came.failed, came.output
    assert swarm.nodes() == {
        "swarmaster": "Ready Active Leader",
        "swarmost1": "Ready Active Reachable",
        "swarmost2": "Ready Active Reachable",
        "swarmost3": "Ready Active",
    }
    assert set(swarm.lab["pi1"].run("docker", "node", "ls", "-q").stdout.split()) == ids


def test_an_upgrade_moves_the_work_reboots_and_brings_the_node_back(swarm: Swarm) -> None:
    manager, pi = swarm.lab["pi1"], swarm.lab["pi4"]
    for each in swarm.lab.pis:
        each.run("sh", "-c", _IMAGE)
    mount = "type=bind,src=/usr,dst=/usr,ro"
    service = ["--name", "busy", "--detach", "--no-resolve-image", "--mount", mount]
    pin = ["--constraint", "node.role==worker", "--stop-grace-period", "1s"]
    manager.run("docker", "service", "create", *service, *pin, "empty", "/usr/bin/sleep", "9999")
    # Containers share the boot time of the machine below them; when their init began is their own.
    began = ("cut", "-d", " ", "-f", "22", "/proc/1/stat")
    before = pi.run(*began).stdout
    options = {"os_upgrade_reboot": "always", **swarm.key()}
    came = swarm.play("upgrade", "--limit", swarm.name(pi), **options)
    assert not came.failed, came.output
    assert pi.run(*began).stdout != before
    assert swarm.nodes()["swarmost3"] == "Ready Active"
    tasks = manager.run("docker", "service", "ps", "busy", "--format", "{{.DesiredState}}").stdout
    assert "Shutdown" in tasks
    manager.run("docker", "service", "rm", "busy")


def test_a_card_written_anew_joins_again_and_its_old_self_is_forgotten(swarm: Swarm) -> None:
    pi = swarm.lab["pi4"]
    pi.reflash()
    set_password(pi)
    came = swarm.play("site", "--limit", swarm.name(pi), **swarm.key())
    assert not came.failed, came.output
    assert swarm.nodes()["swarmost3"] == "Ready Active"
    assert len(swarm.lab["pi1"].run("docker", "node", "ls", "-q").stdout.split()) == 4


def test_a_dead_manager_is_removed(swarm: Swarm) -> None:
    swarm.lab["pi3"].power_cut()
    came = swarm.play("remove", **swarm.key(), remove_hosts="swarmost2")
    assert not came.failed, came.output
    assert sorted(swarm.nodes()) == ["swarmaster", "swarmost1", "swarmost3"]


def test_living_nodes_are_drained_leave_and_are_forgotten(swarm: Swarm) -> None:
    came = swarm.play("remove", **swarm.key(), remove_hosts="swarmost1, swarmost3")
    assert not came.failed, came.output
    assert swarm.nodes() == {"swarmaster": "Ready Active Leader"}
    assert [in_swarm(swarm.lab[name]) for name in ("pi2", "pi4")] == ["inactive", "inactive"]


def test_the_last_manager_is_not_removed(swarm: Swarm) -> None:
    came = swarm.play("remove", **swarm.key(), remove_hosts="swarmaster")
    message = failures(came.output)[swarm.name(swarm.lab["pi1"])]
    assert message.startswith("It cannot leave: it is a manager, and of those")
    assert swarm.nodes() == {"swarmaster": "Ready Active Leader"}


def test_nobody_is_removed_who_is_not_named(swarm: Swarm) -> None:
    said = failures(swarm.play("remove", **swarm.key()).output)
    assert said == {"localhost": "Name the machines: -e remove_hosts=swarmost3"}
    said = failures(swarm.play("reset", "-e", "reset_hosts=swarmost1", **swarm.key()).output)
    assert said == {"localhost": "Nothing was done: say -e reset_confirmed=yes if you mean it."}
    assert not password_lets_in(swarm.lab["pi2"])


def test_a_reset_pi_is_as_it_was(swarm: Swarm) -> None:
    pi = swarm.lab["pi2"]
    came = swarm.play("reset", "-e", "reset_hosts=swarmost1 reset_confirmed=yes", **swarm.key())
    assert not came.failed, came.output
    assert pi.run("hostname").stdout == "raspberrypi\n"
    assert "127.0.1.1\traspberrypi\n" in pi.run("cat", "/etc/hosts").stdout
    assert password_lets_in(pi)
    assert pi.run("ls", "/var/lib/squarm", check=False).returncode != 0
    assert "allow-interfaces=eth0" not in pi.run("cat", "/etc/avahi/avahi-daemon.conf").stdout
