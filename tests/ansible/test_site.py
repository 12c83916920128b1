"""Three fresh Pis become a swarm by `ansible-playbook` alone."""

from collections.abc import Iterator

import pytest

from lab.pi import Pi
from lab.plan import PiPlan, Variant
from tests.ansible.playbook import PASSWORD, VAULT, Swarm, failures, password_lets_in
from tests.lab.fixtures import MakeLab
from tests.lab.state import state

pytestmark = [pytest.mark.lab, pytest.mark.timeout(2400)]
_WISHES = "#cloud-config\\nhostname: raspberrypi\\nmanage_etc_hosts: true\\n"


@pytest.fixture(scope="module")
def swarm(make_lab: MakeLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    plans = [
        PiPlan(),
        PiPlan(variants=frozenset({Variant.SUDO_PASSWORD})),
        # Debian 12, with Docker 20.10, beside Debian 13 with Docker 26.
        PiPlan(variants=frozenset({Variant.KEY_ONLY, Variant.NO_MEMORY_CGROUP, Variant.BOOKWORM})),
    ]
    with make_lab(plans) as lab:
        # What Raspberry Pi Imager writes: cloud-init itself is not on the lab's Pis.
        lab["pi2"].run("mkdir", "-p", "/etc/cloud/cloud.cfg.d")
        lab["pi2"].run("sh", "-c", f"printf '{_WISHES}' >/boot/firmware/user-data")
        yield Swarm(lab, tmp_path_factory.mktemp("swarm"))


def test_check_mode_on_fresh_pis_changes_nothing_and_tells_what_would(swarm: Swarm) -> None:
    before = [state(pi) for pi in swarm.lab.pis]
    came = swarm.play("site", "--check", "--diff")
    assert not came.failed, came.output
    for pi, was in zip(swarm.lab.pis, before, strict=True):
        assert state(pi) ^ was == set()
    assert all(count > 3 for count in came.changed.values())
    assert "Would form a swarm on" in came.output
    assert "Would join the swarm of" in came.output
    assert "+127.0.1.1\tswarmost1" in came.output


def test_a_master_that_fails_stops_nobody_and_is_named_once_per_machine(swarm: Swarm) -> None:
    names = [swarm.name(pi) for pi in swarm.lab.pis]
    files = swarm.folder / "host_vars"
    files.mkdir()
    (files / f"{names[0]}.yml").write_text("common_free_mib: 99999999\n")
    first_start(swarm.lab["pi2"])
    came = swarm.play("site")
    assert came.failed == set(names), came.output
    first, *others = (failures(came.output)[name] for name in names)
    assert first.startswith("Only ")
    assert "MiB are free in /var/lib" in first
    said = f"There is no swarm to join: {names[0]} failed, and says itself why."
    assert set(others) == {f"{said} Put that right and run this again; what is done here stays."}
    assert swarm.lab["pi2"].run("hostname").stdout == "swarmost1\n"
    swarm.lab["pi2"].run("test", "/etc/hostname", "-nt", "/run/first-start-ended")
    swarm.lab["pi3"].run("docker", "info")
    (files / f"{names[0]}.yml").unlink()


def test_three_fresh_pis_become_a_swarm_and_no_secret_is_shown(swarm: Swarm) -> None:
    assert password_lets_in(swarm.lab["pi1"])
    before = swarm.lab["pi3"].run("cat", "/boot/firmware/cmdline.txt").stdout
    assert "cgroup_enable=memory cgroup_memory=1\n" in before
    came = swarm.play("site", "-vvv", **swarm.key())
    assert not came.failed, came.output
    assert swarm.nodes() == {
        "swarmaster": "Ready Active Leader",
        "swarmost1": "Ready Active",
        "swarmost2": "Ready Active",
    }
    manager = swarm.lab["pi1"]
    token = manager.run("docker", "swarm", "join-token", "-q", "worker").stdout.strip()
    assert token.startswith("SWMTKN-")
    for secret in ("SWMTKN-", token, PASSWORD, VAULT):
        assert secret not in came.output
    for pi in swarm.lab.pis:
        assert not password_lets_in(pi)
        assert "SWMTKN-" not in pi.run("journalctl", "--no-pager").stdout
        proved = pi.run("cat", "/var/lib/squarm/memory-proved").stdout
        assert proved.split()[0] == pi.run("uname", "-r").stdout.strip()
        assert pi.run("docker", "info", "-f", "{{.LoggingDriver}}").stdout == "json-file\n"
        conf = pi.run("grep", "^allow-interfaces", "/etc/avahi/avahi-daemon.conf").stdout
        assert conf == "allow-interfaces=eth0\n"


def first_start(pi: Pi) -> None:
    """Cloud-init is at work, as systemd tells of it, for a while yet."""
    work = "sleep 15; touch /run/first-start-ended"
    unit = ("--unit=cloud-final", "--property=Type=oneshot", "--no-block")
    pi.run("systemd-run", *unit, "sh", "-c", work)


def test_a_second_run_changes_nothing(swarm: Swarm) -> None:
    came = swarm.play("site", **swarm.key())
    assert not came.failed, came.output
    assert set(came.changed.values()) == {0}, came.output


def test_the_tokens_that_were_used_are_void(swarm: Swarm) -> None:
    manager, worker = swarm.lab["pi1"], swarm.lab["pi3"]
    token = manager.run("docker", "swarm", "join-token", "-q", "worker").stdout.strip()
    worker.run("docker", "swarm", "leave")
    came = swarm.play("site", "--limit", swarm.name(worker), **swarm.key())
    assert not came.failed, came.output
    assert manager.run("docker", "swarm", "join-token", "-q", "worker").stdout.strip() != token
    assert sorted(swarm.nodes()) == ["swarmaster", "swarmost1", "swarmost2"]


def test_the_name_stays_after_a_reboot(swarm: Swarm) -> None:
    pi = swarm.lab["pi2"]
    assert "\nhostname: swarmost1\n" in pi.run("cat", "/boot/firmware/user-data").stdout
    told = pi.run("cat", "/etc/cloud/cloud.cfg.d/99-squarm.cfg").stdout
    assert "\npreserve_hostname: true\n" in told
    pi.reboot()
    assert pi.run("hostname").stdout == "swarmost1\n"
    pi.wait_docker()


def test_an_even_number_of_managers_is_refused_before_anything_is_changed(swarm: Swarm) -> None:
    swarm.roles["pi2"] = "manager"
    came = swarm.play("site", **swarm.key())
    swarm.roles.clear()
    (message,) = failures(came.output).values()
    assert message.startswith("2 managers are asked for")
    assert set(came.changed.values()) == {0}


def test_a_foreign_swarm_is_not_left_unasked(swarm: Swarm) -> None:
    pi = swarm.lab["pi2"]
    pi.run("docker", "swarm", "leave")
    pi.run("docker", "swarm", "init", "--advertise-addr", pi.address)
    came = swarm.play("site", "--limit", swarm.name(pi), **swarm.key())
    (message,) = failures(came.output).values()
    assert message.startswith(f"It is already in another swarm (managers: {pi.address}:2377)")
    assert pi.run("docker", "node", "ls", "-q").stdout.count("\n") == 1
