"""Ubuntu as a Pi has it: its own packages, and what its image lays out around them."""

from collections.abc import Iterator

import pytest

from lab.host import wait_until
from lab.pi import Pi
from lab.plan import PiPlan, Variant
from provision.probe import read_probe, user_script
from tests.lab.fixtures import MakeLab
from tests.lab.test_lab import over_ssh

pytestmark = [pytest.mark.lab, pytest.mark.systems, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def ubuntu(make_lab: MakeLab) -> Iterator[Pi]:
    variants = frozenset({Variant.UBUNTU, Variant.NO_MEMORY_CGROUP})
    with make_lab([PiPlan(variants=variants)]) as lab:
        (pi,) = lab.pis
        pi.run("cloud-init", "status", "--wait")
        yield pi


def test_it_says_of_itself_what_preflight_judges(ubuntu: Pi) -> None:
    said = ubuntu.run("sh", "-s", input=user_script("")).stdout
    probe = read_probe(said.encode())
    assert (probe.os_id, probe.os_like, probe.os_version) == ("ubuntu", ("debian",), "25.10")
    assert probe.cmdline == "/boot/firmware/current/cmdline.txt"
    assert probe.sshd_settings
    assert probe.memory_cgroup is False
    assert probe.python == (3, 13)
    assert "questing" in ubuntu.run("lsb_release", "-a").stdout
    assert ubuntu.run("sh", "-c", "command -v raspi-config", check=False).stdout == ""


def test_its_first_start_makes_the_login_that_its_card_asks_for(ubuntu: Pi) -> None:
    assert over_ssh(ubuntu, "id -un; hostname").split() == ["ubuntu", "raspberrypi"]
    asks = over_ssh(ubuntu, "sudo --version 2>&1; sudo -n true 2>&1 || true").splitlines()
    assert asks[0].startswith("sudo-rs 0.2.")
    assert asks[-1] == "sudo-rs: interactive authentication is required"
    drop_in = ubuntu.run("cat", "/etc/ssh/sshd_config.d/50-cloud-init.conf").stdout
    assert drop_in == "PasswordAuthentication yes\n"
    assert "manage_etc_hosts" in ubuntu.run("cat", "/etc/hosts").stdout


def test_ssh_begins_with_the_first_who_knocks(ubuntu: Pi) -> None:
    ubuntu.run("systemctl", "stop", "ssh.service", "ssh.socket")
    ubuntu.run("systemctl", "start", "ssh.socket")
    assert ubuntu.run("systemctl", "is-active", "ssh", check=False).stdout == "inactive\n"
    assert ubuntu.answers_ssh()
    assert ubuntu.run("systemctl", "is-active", "ssh").stdout == "active\n"


def test_its_updates_ask_for_a_reboot_and_its_firewall_is_off(ubuntu: Pi) -> None:
    came = "DPKG_MAINTSCRIPT_PACKAGE=linux-image-raspi"
    ubuntu.run("env", came, "/usr/share/update-notifier/notify-reboot-required")
    assert ubuntu.run("cat", "/run/reboot-required.pkgs").stdout == "linux-image-raspi\n"
    assert ubuntu.run("ufw", "status").stdout == "Status: inactive\n"
    sources = ubuntu.run("cat", "/etc/apt/sources.list.d/ubuntu.sources").stdout
    assert "Suites: questing questing-updates" in sources
    assert ubuntu.run("needrestart", "-b", "-l").stdout.startswith("NEEDRESTART-VER")


def test_a_new_command_line_is_tried_at_the_next_start_and_kept(ubuntu: Pi) -> None:
    script = "cd /boot/firmware && cp -r current new && echo unknown >new/state"
    ubuntu.run("sh", "-c", f"{script} && sed -i 's/$/ cgroup_enable=memory/' new/cmdline.txt")
    ubuntu.reboot()
    wait_until(lambda: ubuntu.run("ls", "/boot/firmware/old", check=False).returncode == 0, "tried")
    said = ubuntu.run("sh", "-s", input=user_script("")).stdout
    assert read_probe(said.encode()).memory_cgroup is True
