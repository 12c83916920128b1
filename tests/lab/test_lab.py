"""The lab does what it says, as seen from outside."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from lab import registry
from lab.host import LabError, cgroups_of, mounts, run, wait_until
from lab.lab import Lab, down, up
from lab.layers import locked
from lab.pi import Pi
from lab.plan import LABS, PiPlan, Site, State, Variant
from tests.lab.fixtures import MakeLab, need_lab

pytestmark = pytest.mark.lab
REPOSITORY = Path(__file__).parent.parent.parent
CRASHING = LABS - 1


def over_ssh(pi: Pi, command: str) -> str:
    """What a command prints that a person runs over SSH with the password."""
    answer = f"#!/bin/sh\necho {pi.password}\n"
    askpass = Path(pi.site.run / "askpass")
    askpass.write_text(answer)
    askpass.chmod(0o755)
    told = ["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR"]
    told += ["PubkeyAuthentication=no", "ConnectTimeout=5"]
    options = [part for option in told for part in ("-o", option)]
    done = subprocess.run(
        ["ssh", "-F", "none", *options, f"{pi.user}@{pi.address}", command],
        env={**os.environ, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


def host_key_seen(pi: Pi) -> str:
    """The host key that a Pi shows on the network."""
    line = run("ssh-keyscan", "-t", "ed25519", "-T", "5", pi.address)
    return " ".join(line.split()[1:3])


def connect_seconds(pi: Pi) -> float:
    """What a connection and a greeting take: the quickest of four, as tests run beside this."""

    def one() -> float:
        started = time.monotonic()
        assert pi.answers_ssh()
        return time.monotonic() - started

    return min(one() for _ in range(4))


def everything_of(site: Site) -> list[str]:
    """All that a lab could leave on this machine."""
    links = [path.name for path in Path("/sys/class/net").iterdir()]
    spaces = [path.name for path in Path("/run/netns").glob("*")]
    folders = [str(path) for path in (site.run, site.store) if path.exists()]
    rules = [*run("iptables", "-w", "-S").splitlines()]
    rules += run("iptables", "-w", "-t", "nat", "-S").splitlines()
    found = [name for name in links if name == site.bridge or name.startswith(site.port(""))]
    found += [name for name in spaces if name.startswith(site.namespace(""))]
    found += [rule for rule in rules if re.search(rf"\b{site.tag}\b", rule)]
    found += [m for m in mounts() if m.startswith((f"{site.run}/", f"{site.store}/"))]
    found += [line for line in run("losetup", "-a").splitlines() if f"{site.store}/" in line]
    found += [str(path) for path in Path("/run/systemd/nspawn").glob(f"*/{site.tag}-*")]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        found += [command] if f"{site.run}/" in command else []
    return found + folders + [str(cgroup) for cgroup in cgroups_of(site.tag)]


def routing_without_labs() -> str:
    """Whether this machine routes where no lab is up, or will when the last of those up is down."""
    noted, now = Path("/run/squarm-lab/ip_forward"), Path("/proc/sys/net/ipv4/ip_forward")
    with locked("routing"):
        return (noted if noted.exists() else now).read_text()


def names_settled(looker: Pi, expected: set[str]) -> Callable[[], bool]:
    def settled() -> bool:
        lines = looker.run("avahi-browse", "-atrp").stdout.splitlines()
        fields = [line.split(";") for line in lines if line.startswith("=")]
        return {f[6] for f in fields if f[1] == "eth0" and f[2] == "IPv4"} >= expected

    return settled


def resolved(looker: Pi, names: Iterable[str]) -> set[str]:
    """The addresses that names stand for, asked by mDNS."""
    told = looker.run("avahi-resolve", "-4", "-n", *names, check=False).stdout
    return {line.split()[1] for line in told.splitlines()}


def test_each_answers_with_password_and_has_a_board_of_its_own(fresh_lab: Lab) -> None:
    seen = set()
    for pi in fresh_lab.pis:
        assert over_ssh(pi, "hostname; sudo -n id -u").split() == ["raspberrypi", "0"]
        assert host_key_seen(pi) == pi.host_key()
        serial = over_ssh(pi, "tr -d '\\0' </sys/firmware/devicetree/base/serial-number")
        assert f": {serial}\n" in over_ssh(pi, "cat /proc/cpuinfo") + "\n"
        assert over_ssh(pi, "cat /sys/class/net/eth0/address") == pi.board.mac
        seen.add((serial, pi.host_key(), pi.machine_id(), pi.board.mac))
    assert len(seen) == 3


def test_avahi_settles_the_names(fresh_lab: Lab) -> None:
    names = {"raspberrypi.local", "raspberrypi-2.local", "raspberrypi-3.local"}
    wait_until(names_settled(fresh_lab["pi1"], names), "three names", 60)


def test_each_shows_its_own_memory_and_processor(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi1"]
    told = over_ssh(pi, "free -m | awk '/^Mem/ {print $2}'; nproc; grep -c ^cpu[0-9] /proc/stat")
    assert told.split() == ["1024", "1", "1"]
    busy = "a=$(head -1 /proc/stat); timeout 2 sh -c 'while :; do :; done'; head -1 /proc/stat"
    fields = over_ssh(pi, f"{busy}; echo $a").splitlines()
    after, before = (list(map(int, line.split()[1:5])) for line in fields)
    used, idle = after[0] - before[0], after[3] - before[3]
    assert used > 20
    assert used + idle < 500


def test_sensors_are_simulated_and_set_from_outside(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi2"]
    assert "simulated" in over_ssh(pi, "vcgencmd version; cat /sys/firmware/devicetree/base/model")
    pi.sense(temp="81500", throttled="0x50005")
    told = "vcgencmd measure_temp; vcgencmd get_throttled; cat /sys/class/thermal/*/temp"
    assert over_ssh(pi, told).split() == ["temp=81.5'C", "throttled=0x50005", "81500"]


def test_power_cut_and_on(fresh_lab: Lab) -> None:
    pi, before = fresh_lab["pi1"], fresh_lab["pi1"].machine_id()
    pi.power_cut()
    assert not pi.is_on
    assert not pi.answers_ssh()
    assert fresh_lab["pi2"].answers_ssh()
    with pytest.raises(LabError, match="pi1 is off"):
        pi.run("true")
    pi.power_on()
    assert pi.machine_id() == before


def test_cable_out_and_in(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi1"]
    pi.cable_out()
    assert not pi.answers_ssh()
    assert pi.run("cat", "/sys/class/net/eth0/carrier").stdout == "0\n"
    pi.cable_in()
    pi.wait_ssh()


def test_frozen_takes_connections_and_says_nothing(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi1"]
    pi.freeze()
    assert pi.is_on
    assert not pi.answers_ssh()
    pi.thaw()
    pi.wait_ssh()
    pi.freeze()
    pi.power_cut()
    pi.power_on()


def test_reboot_keeps_the_card_and_loses_what_runs(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi1"]
    pi.run("touch", "/run/volatile", "/home/pi/kept")
    pi.reboot()
    assert pi.run("ls", "/run/volatile", "/home/pi/kept", check=False).stdout == "/home/pi/kept\n"


def test_reflash_changes_identity_but_not_the_board(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi3"]
    key, machine, board = host_key_seen(pi), pi.machine_id(), pi.board
    pi.reflash()
    assert host_key_seen(pi) != key
    assert pi.machine_id() != machine
    assert pi.board == board
    assert over_ssh(pi, "hostname") == "raspberrypi"


def test_clone_has_the_same_identity(make_lab: MakeLab) -> None:
    with make_lab(2) as lab:
        one, other = lab.pis
        one.run("touch", "/home/pi/mine")
        one.clone_to(other)
        assert host_key_seen(one) == host_key_seen(other)
        assert one.machine_id() == other.machine_id()
        assert one.board.serial != other.board.serial
        assert over_ssh(other, "ls") == "mine"
        one.clone_to(other, board=True)
        told = over_ssh(other, "tr -d '\\0' </sys/firmware/devicetree/base/serial-number")
        assert told == one.board.serial
        assert Lab.open(lab.site.number)["pi2"].board.serial == one.board.serial


def test_slow_and_lossy_link(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi2"]
    whole = connect_seconds(pi)
    pi.link(delay=150)
    pi.wait_ssh()
    # A connection and a greeting: two ways there, two ways back; the other Pis as before.
    assert 0.55 <= connect_seconds(pi) - whole < 1.2
    wait_until(lambda: connect_seconds(fresh_lab["pi1"]) < 0.3, "a quick link", 60)
    pi.link(rate=400)
    pi.wait_ssh()
    started = time.monotonic()
    over_ssh(pi, "head -c 100000 /dev/urandom | base64 -w0")
    assert time.monotonic() - started > 2
    pi.link(loss=100)
    assert not pi.answers_ssh()
    pi.link()
    pi.wait_ssh()
    wait_until(lambda: connect_seconds(pi) < 0.3, "a quick link again", 60)


def test_clock_skew_and_full_disk(fresh_lab: Lab) -> None:
    pi = fresh_lab["pi2"]
    pi.clock(-7200)
    assert abs(int(over_ssh(pi, "date +%s")) + 7200 - time.time()) < 5
    pi.clock(0)
    assert abs(int(over_ssh(pi, "date +%s")) - time.time()) < 5
    pi.fill_disk()
    full = pi.run("dd", "if=/dev/zero", "of=/root/more", "bs=1M", "count=1", check=False)
    assert "No space left" in full.stderr
    pi.free_disk()
    over_ssh(pi, "echo room >again && cat again")


def test_a_registry_on_each_pi_and_none(fresh_lab: Lab) -> None:
    def asked(pi: Pi) -> bool:
        url = f"http://{registry.ADDRESS}/v2/"
        return pi.run("curl", "--silent", "--fail", url, check=False).returncode == 0

    pis = fresh_lab.pis[:2]
    registry.start(fresh_lab.site, [pi.name for pi in pis])
    wait_until(lambda: all(map(asked, pis)), "the registry answers")
    registry.stop(fresh_lab.site)
    assert not any(map(asked, pis))


def test_another_address_and_name(make_lab: MakeLab) -> None:
    with make_lab(2) as lab:
        pi = lab["pi2"]
        pi.readdress(str(lab.site.network[77]))
        pi.wait_ssh()
        assert Lab.open(lab.site.number)["pi2"].address == str(lab.site.network[77])
        pi.rename("kitchen")
        wait_until(names_settled(lab["pi1"], {"kitchen.local"}), "the new name", 60)


def test_variants(make_lab: MakeLab) -> None:
    plans = [
        PiPlan(State.DOCKER, frozenset({Variant.I686, Variant.NO_MEMORY_CGROUP})),
        PiPlan(variants=frozenset({Variant.KEY_ONLY, Variant.SUDO_PASSWORD, Variant.NO_SERVICES})),
        PiPlan(variants=frozenset({Variant.NO_MDNS})),
    ]
    with make_lab(plans) as lab:
        foreign, strict, silent = lab.pis
        foreign.wait_docker()
        told = foreign.run("docker", "info", "-f", "{{.Architecture}} {{.MemoryLimit}}").stdout
        assert told == "i686 false\n"
        assert over_ssh(foreign, "uname -m") == "i686"
        foreign.run("sed", "-i", "s/$/ cgroup_enable=memory/", "/boot/firmware/cmdline.txt")
        foreign.reboot()
        foreign.wait_docker()
        assert foreign.run("docker", "info", "-f", "{{.MemoryLimit}}").stdout == "true\n"
        with pytest.raises(subprocess.CalledProcessError):
            over_ssh(strict, "true")
        asks = subprocess.run([*strict.ssh(), "sudo -n true"], capture_output=True, check=False)
        assert b"password is required" in asks.stderr
        names = ("raspberrypi.local", "raspberrypi-2.local")
        wait_until(lambda: strict.address in resolved(foreign, names), "its A record", 60)
        announced = foreign.run("avahi-browse", "-atrp").stdout
        assert foreign.address in announced
        assert strict.address not in announced
        assert silent.address not in announced


def test_variants_of_systems(make_lab: MakeLab) -> None:
    """Docker is on those that the test of provisioning has, too: so their layers are made once."""
    plans = [
        PiPlan(State.DOCKER, frozenset({Variant.SUDO_RS, Variant.SUDO_PASSWORD})),
        PiPlan(State.DOCKER, frozenset({Variant.DROPBEAR})),
        PiPlan(variants=frozenset({Variant.TWO_INTERFACES, Variant.NO_VIDEO_GROUP})),
        PiPlan(variants=frozenset({Variant.OVERLAYROOT, Variant.BUSY_APT})),
    ]
    with make_lab(plans) as lab:
        rust, dropbear, wireless, forgetful = lab.pis
        assert "sudo-rs" in over_ssh(rust, "sudo --version 2>&1")
        asks = over_ssh(rust, "sudo -n true 2>&1 || true")
        assert asks == "sudo-rs: interactive authentication is required"
        with socket.create_connection((dropbear.address, 22), 5) as connection:
            assert connection.recv(12) == b"SSH-2.0-drop"
        assert host_key_seen(dropbear) == dropbear.host_key()
        assert (
            over_ssh(dropbear, "sudo -n id -u; command -v scp; ls -d /etc/ssh/sshd*; true") == "0"
        )
        two = run("ssh-keyscan", "-t", "ed25519", "-T", "5", wireless.address, wireless.board.wifi)
        keys = {line.split()[0]: line.split(maxsplit=1)[1] for line in two.splitlines()}
        assert keys == dict.fromkeys((wireless.address, wireless.board.wifi), wireless.host_key())
        throttled = "/sys/devices/platform/soc/soc:firmware/get_throttled"
        wireless.sense(throttled="0x50005")
        told = over_ssh(wireless, f"vcgencmd get_throttled; cat {throttled}").splitlines()
        assert (told[0], told[-1]) == ("Can't open device file: /dev/vcio", "50005")
        assert wireless.run("vcgencmd", "get_throttled").stdout == "throttled=0x50005\n"
        forgetful.run("touch", "/home/pi/lost")
        forgetful.reboot()
        assert "lost" not in over_ssh(forgetful, "ls")
        assert "lowerdir=/media/root-ro," in over_ssh(forgetful, "grep ' / ' /proc/mounts")
        forgetful.run("systemctl", "restart", "squarm-lab-busy-apt")
        # Of this start alone: the one at boot said that it holds the locks, too.
        show = ("systemctl", "show", "--value", "-p", "InvocationID", "squarm-lab-busy-apt")
        started = f"_SYSTEMD_INVOCATION_ID={forgetful.run(*show).stdout.strip()}"
        journal = ("journalctl", "--no-pager", "-o", "cat", started)
        wait_until(lambda: "holds" in forgetful.run(*journal).stdout, "apt is busy")
        refused = forgetful.run("apt-get", "install", "-y", "docker.io", check=False)
        assert "Could not get lock" in refused.stderr


def test_swarm_with_a_master(make_lab: MakeLab) -> None:
    with make_lab([PiPlan(State.SWARM)] * 2, master=True) as lab:
        nodes = lab.master.run("docker", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")
        assert sorted(nodes.stdout.splitlines()) == ["master Ready", *["raspberrypi Ready"] * 2]
        shown = subprocess.run(
            [*lab.master.ssh(), "squarm", "--help"], capture_output=True, check=True
        )
        assert b"squarm" in shown.stdout


@pytest.fixture
def last_lab() -> Iterator[Site]:
    """A lab's number that is this test run's alone: another run waits."""
    need_lab()
    with locked("last-lab"):
        yield Site(CRASHING)


def test_second_up_is_quick_and_down_leaves_nothing(last_lab: Site) -> None:
    site = last_lab
    down(site.number)
    assert everything_of(site) == []
    routing = routing_without_labs()
    started = time.monotonic()
    lab = up([PiPlan()] * 3, number=site.number)
    assert time.monotonic() - started < 10
    with pytest.raises(LabError, match="is there already"):
        up([PiPlan()], number=site.number)
    lab["pi1"].freeze()
    lab["pi2"].link(delay=10)
    lab["pi3"].power_cut()
    assert everything_of(site) != []
    down(site.number)
    assert everything_of(site) == []
    assert routing_without_labs() == routing
    down(site.number)


@pytest.fixture
def crashed(last_lab: Site) -> Iterator[Callable[[float], Site]]:
    site = last_lab

    def crash(after: float) -> Site:
        command = [sys.executable, "-m", "lab", "--lab", str(CRASHING), "up", "3"]
        maker = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        wait_until((site.run / "lab.json").exists, "the lab begins")
        time.sleep(after)
        maker.send_signal(signal.SIGKILL)
        maker.wait()
        return site

    yield crash
    down(CRASHING)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.15, 0.3, 0.6])
def test_a_crashed_lab_is_cleaned(crashed: Callable[[float], Site], after: float) -> None:
    site = crashed(after)
    command = [sys.executable, "-m", "lab", "--lab", str(CRASHING), "down"]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    assert everything_of(site) == []


def test_refuses_without_root() -> None:
    need_lab()
    command = ["setpriv", "--reuid", "65534", "--clear-groups", sys.executable, "-c",
               "from lab.host import refusal; print(refusal())"]  # fmt: skip
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if "Permission denied" in done.stderr:
        pytest.skip("nobody may not read the tree or this Python")
    assert (
        done.stdout == "The virtual Pi lab needs root: it makes containers, bridges and mounts.\n"
    )
