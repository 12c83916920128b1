"""Preflight: what a Pi says is read, however it lies, and judged in sentences with a way out."""

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.metrics.samples import Throttle
from fleet.ssh.shell import LocalShell, ShellError, Sudo
from provision.inventory import Host, Inventory
from provision.plan import plan
from provision.preflight import Check, Finding, Preflight, Severity, Subject, judge
from provision.probe import (
    ROOT_SCRIPT,
    USER_SCRIPT,
    Knock,
    Probe,
    SwarmSide,
    port_script,
    read_knocks,
    read_probe,
    user_script,
)
from tests.fleet.watching import harmless
from tests.needs import need

GIB = 1024**3
NODE = "dcjutwhjenw0gnyz5alzqxr1n"
MASTER = Host("00000000", "swarmaster", "10.0.0.1", role="manager")
PI = Host("00000001", "swarmost1", "10.0.0.11")
OTHER = Host("00000002", "swarmost2", "10.0.0.12")
KEYS = re.findall(r"\bsay ([a-z]+) ", USER_SCRIPT + ROOT_SCRIPT)
INVENTORY = Inventory(MASTER, (PI, OTHER))
GOOD = Probe(
    arch="aarch64",
    bits=64,
    os_id="debian",
    os_version="12",
    os_name="Debian GNU/Linux 12 (bookworm)",
    hostname="raspberrypi",
    machine_id="a" * 32,
    memory_cgroup=True,
    cmdline="/boot/firmware/cmdline.txt",
    disk=20 * GIB,
    now=1_800_000_000,
    throttle=Throttle(0),
    python=(3, 11),
    docker=False,
)
SWARM = SwarmSide("active", "m" * 25, manager=True, nodes=("m" * 25, NODE))


def met(host: Host = PI, probe: Probe | None = GOOD, **values: object) -> Subject:
    plain = Subject(host, "raspberrypi", sudo=Sudo.NONE, probe=probe, ahead=0.0)
    return replace(plain, **values)  # type: ignore[arg-type]


def master(probe: Probe = GOOD) -> Subject:
    return met(MASTER, replace(probe, machine_id="0" * 32))


def found(subject: Subject, topic: str, *others: Subject) -> Finding:
    flight = judge(INVENTORY, [master(), subject, *others])
    check = next(check for check in flight.checks if check.host == subject.host)
    return next(finding for finding in check.findings if finding.topic == topic)


def probed(**values: object) -> Subject:
    return met(probe=replace(GOOD, **values))  # type: ignore[arg-type]


CASES = [
    (probed(), "memory cgroup", Severity.OK, "enforced"),
    (probed(memory_cgroup=False), "memory cgroup", Severity.WILL, "turned on in /boot/firmware"),
    (probed(memory_cgroup=False, cmdline=""), "memory cgroup", Severity.MUST, "armbianEnv.txt"),
    (
        probed(memory_cgroup=False, boot_read_only=True),
        "memory cgroup",
        Severity.MUST,
        "sudo mount -o remount,rw",
    ),
    (probed(boot_read_only=True), "memory cgroup", Severity.OK, "enforced"),
    (probed(docker_snap=True), "docker", Severity.MUST, "sudo snap remove docker"),
    (probed(arch="armv6l"), "architecture", Severity.MUST, "use a Pi 2 or later"),
    (probed(arch="aarch64", bits=32), "architecture", Severity.WARNING, "32-bit system"),
    (probed(arch=""), "architecture", Severity.MUST, "unknown"),
    (probed(os_id="arch", os_name="Arch"), "system", Severity.MUST, "install Raspberry Pi OS"),
    (probed(os_version="10"), "system", Severity.WARNING, "is old"),
    (probed(os_id="armbian", os_like=("debian",), os_version="26.2"), "system", Severity.OK, "Deb"),
    (probed(os_version=""), "system", Severity.OK, "Debian"),
    (probed(root="overlay"), "card", Severity.MUST, "do_overlayfs 1"),
    (probed(root="overlay", os_id="ubuntu"), "card", Severity.MUST, "overlayroot-chroot sed"),
    (probed(root="read-only"), "card", Severity.MUST, "is read-only"),
    (probed(sshd_settings=False), "ssh", Severity.WARNING, "logins by password stay on"),
    (probed(python=(0, 0)), "system", Severity.MUST, "apt install python3"),
    (
        probed(os_version="10", python=(3, 7)),
        "system",
        Severity.MUST,
        "has Python 3.7, and Ansible",
    ),
    (probed(disk=GIB // 2), "disk", Severity.MUST, "0.5 GiB"),
    (probed(disk=2 * GIB), "disk", Severity.WARNING, "is little"),
    (probed(disk=None), "disk", Severity.WARNING, "does not say"),
    (met(ahead=-7200.0), "clock", Severity.WILL, "7,200 s behind: it will be set"),
    (met(ahead=None), "clock", Severity.WARNING, "does not say"),
    (
        probed(throttle=Throttle(0x50005)),
        "power",
        Severity.WARNING,
        "under-voltage and throttled n",
    ),
    (probed(throttle=Throttle(0x10000)), "power", Severity.WARNING, "under-voltage since"),
    (probed(has_way=True), "swarm", Severity.WILL, "join the swarm as a worker"),
    (
        probed(has_way=False),
        "swarm",
        Severity.MUST,
        "no way leads from it to the master",
    ),
    (
        met(replace(PI, address="fe80::7%eth0"), replace(GOOD, has_way=False)),
        "swarm",
        Severity.MUST,
        "a link-local address alone, and Docker Swarm takes none of those: let the router give",
    ),
    (met(sudo=Sudo.REFUSED), "sudo", Severity.MUST, "give it"),
    (met(sudo=Sudo.FORBIDDEN), "sudo", Severity.MUST, "usermod -aG sudo pi"),
    (met(sudo=Sudo.MISSING), "sudo", Severity.MUST, "install it"),
    (met(sudo=Sudo.PASSWORD), "sudo", Severity.OK, "with the password given"),
    (met(namesake="10.0.0.77"), "name", Severity.MUST, "10.0.0.77 is called swarmost1, too"),
    (
        met(probe=replace(GOOD, hostname="swarmost1"), namesake="10.0.0.77"),
        "name",
        Severity.WARNING,
        "10.0.0.77 is called swarmost1, too",
    ),
    (met(announced="10.0.0.77"), "name", Severity.WARNING, "announces itself as swarmost1"),
    (met(), "name", Severity.WILL, "raspberrypi will be renamed swarmost1"),
    (met(), "swarm", Severity.WILL, "join the swarm as a worker"),
    (
        probed(swarm=SwarmSide("active", "x" * 25, managers=("10.9.9.9:2377",))),
        "swarm",
        Severity.MUST,
        "another swarm (10.9.9.9:2377)",
    ),
    (probed(swarm=SwarmSide("error")), "swarm", Severity.MUST, "swarm leave --force"),
    (met(knocks=(Knock("10.0.0.1", 2377, "silent"),)), "ports", Severity.WARNING, "10.0.0.1:2377"),
    (met(knocks=(Knock("10.0.0.1", 2377, "refused"),)), "ports", Severity.OK, "reaches the other"),
    (met(twins=("kitchen",)), "identity", Severity.MUST, "copy of kitchen's: write its card anew"),
    (met(probe=None, problem="it is off."), "reach", Severity.MUST, "it is off."),
]


@pytest.mark.parametrize(("subject", "topic", "severity", "words"), CASES)
def test_a_finding(subject: Subject, topic: str, severity: Severity, words: str) -> None:
    finding = found(subject, topic)
    assert (finding.severity, words in finding.sentence) == (severity, True), finding


def test_a_node_of_the_masters_swarm_is_at_home_there() -> None:
    inside = probed(swarm=SwarmSide("active", NODE))
    flight = judge(INVENTORY, [master(replace(GOOD, swarm=SWARM)), inside])
    assert [check.blocked for check in flight.checks] == [False, False]
    assert flight.ready == (MASTER, PI)


def test_two_chosen_pis_with_one_card_are_both_refused_and_others_are_not() -> None:
    copy = met(OTHER)
    flight = judge(INVENTORY, [master(), met(), copy])
    assert flight.ready == (MASTER,)
    said = [check.findings[0].sentence for check in flight.checks[1:]]
    assert said[0].startswith("its card is a copy of swarmost2's")
    assert said[1].startswith("its card is a copy of swarmost1's")


def test_a_copy_of_a_card_that_is_not_there_now_is_refused() -> None:
    kept = Inventory(MASTER, (PI, replace(OTHER, machine_id="a" * 32)))
    flight = judge(kept, [master(), met()])
    assert flight.ready == (MASTER,)
    assert "copy of swarmost2's" in flight.checks[1].findings[0].sentence


def test_without_the_master_nothing_goes() -> None:
    flight = judge(INVENTORY, [met(MASTER, None, problem="it is off."), met()])
    assert flight.ready == ()
    planned = plan(flight)
    assert planned.hosts == ()
    assert [check.host for check in planned.refused] == [MASTER, PI]


def test_the_plan_says_what_is_foreseen() -> None:
    subject = met(ahead=99.0, probe=replace(GOOD, memory_cgroup=False))
    planned = plan(judge(INVENTORY, [master(), subject]))
    steps = {step.step: " ".join(step.changes) for step in planned.hosts[1].steps}
    assert "renamed swarmost1" in steps["common"]
    assert "99 s ahead" in steps["common"]
    assert "installed" in steps["docker"]
    assert "rebooted once" in steps["memory_cgroup"]
    assert "join as a worker" in steps["swarm_host"]
    assert planned.hosts[0].now_called == "raspberrypi"


def test_what_a_pi_says_is_read() -> None:
    said = (
        b"P\tarch=aarch64\nP\tbits=64\nP\thost=raspberrypi\nP\tmachine=" + b"a" * 32 + b"\n"
        b"P\tid=debian\nP\tversion=12\nP\tos=Debian GNU/Linux 12 (bookworm)\nP\tcgroup=on\n"
        b"P\tcmdline=/boot/firmware/cmdline.txt\nP\tdisk=20971520\nP\tnow=1800000000\n"
        b"P\tthrottled=throttled=0x0\nP\tpython=3.11\nP\tdocker=no\nmotd: welcome\n"
    )
    assert read_probe(said) == GOOD
    said += b"P\tdocker=yes\nP\tswarm=active\nP\tmanager=true\nP\tnode=" + b"m" * 25 + b"\n"
    said += b"P\tnodes=" + b"m" * 25 + b"," + NODE.encode() + b",\n"
    assert read_probe(said).swarm == SWARM


def test_what_ubuntu_dietpi_and_an_overlaid_card_say_is_read() -> None:
    said = (
        b"P\tid=ubuntu\nP\tlike=debian\nP\tversion=25.10\nP\troot=overlay\nP\tsshd=other\n"
        b"P\tcmdline=/boot/firmware/current/cmdline.txt\nP\tthrottled=50005\n"
    )
    probe = read_probe(said)
    assert (probe.os_like, probe.root, probe.sshd_settings) == (("debian",), "overlay", False)
    assert probe.cmdline == "/boot/firmware/current/cmdline.txt"
    assert probe.throttle == Throttle(0x50005)


@given(
    st.lists(
        st.binary(max_size=80)
        | st.tuples(
            st.sampled_from(KEYS),
            st.text(max_size=60),
        ).map(lambda pair: f"P\t{pair[0]}={pair[1]}\n".encode("utf-8", "surrogatepass")),
        max_size=12,
    )
)
def test_any_answer_is_judged_in_harmless_sentences(pieces: list[bytes]) -> None:
    probe = read_probe(b"\n".join(pieces))
    flight = judge(INVENTORY, [master(), met(probe=probe)])
    for check in flight.checks:
        assert check.findings
        assert all(harmless(finding.sentence) for finding in check.findings)
    assert all(harmless(step.now_called) for step in plan(flight).hosts)


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_only_what_was_asked_for_is_a_knock(lines: list[bytes]) -> None:
    asked = [("10.0.0.1", 2377)]
    lines += [b"T\t10.0.0.1\t2377\topen", b"T\t9.9.9.9\t2377\topen", b"T\t10.0.0.1\t2377\tx"]
    assert read_knocks(b"\n".join([b"", *lines]), asked) == (Knock("10.0.0.1", 2377, "open"),)
    with pytest.raises(ValueError, match="does not appear"):
        port_script([("10.0.0.1; reboot", 2377)])
    for master in ("10.0.0.1'; reboot", "fe80::7%'; reboot;'", "fe80::7%eth0"):
        assert user_script(master).startswith("master=''\n")


def test_a_master_without_an_address_that_means_it_everywhere_stops_all() -> None:
    lonely = replace(MASTER, address="fe80::1%eth0")
    inventory = Inventory(lonely, (PI,))
    flight = judge(inventory, [met(lonely, replace(GOOD, machine_id="0" * 32)), met()])
    (said,) = (found.sentence for found in flight.checks[0].findings if found.topic == "swarm")
    assert "Docker Swarm takes none of those: let the router give it an address" in said
    assert flight.ready == ()


def machine_id() -> str:
    """This machine's; a bare chroot has none."""
    file = Path("/etc/machine-id")
    return file.read_text().strip() if file.exists() else ""


def root_is_a_mount() -> bool:
    """False in a bare chroot."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    return any(line.split()[1] == "/" for line in mounts)


async def test_this_machine_answers_the_scripts() -> None:
    shell = LocalShell()
    assert await shell.find_sudo() in (Sudo.NONE, Sudo.REFUSED, Sudo.MISSING)
    probe = read_probe((await shell.run(user_script("127.0.0.1"))).output)
    assert probe.arch
    assert probe.os_name
    assert probe.machine_id == machine_id()
    assert probe.disk
    assert probe.has_way is not False
    assert probe.root == ("writable" if root_is_a_mount() else "")
    assert probe.sshd_settings is not None
    assert abs((probe.now or 0) - time.time()) < 60
    if shell.sudo is Sudo.NONE:
        said = read_probe((await shell.run(ROOT_SCRIPT, root=True)).output)
        assert said.docker is not None


async def test_an_open_port_and_a_closed_one() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked = [("127.0.0.1", port), ("127.0.0.1", 1)]
    said = (await LocalShell().run(port_script(asked))).output
    server.close()
    assert [knock.state for knock in read_knocks(said, asked)] == ["open", "refused"]


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that run here say what they say in German."""
    made = shutil.which("localedef") and subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", str(tmp_path / "de_DE.UTF-8")],
        capture_output=True,
        check=False,
    )
    need("" if made and (tmp_path / "de_DE.UTF-8").exists() else "not installed: locales")
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")


@pytest.mark.usefixtures("german")
async def test_a_closed_port_is_no_silent_one_in_german() -> None:
    """On a fresh swarm's master it is closed: a German Pi told of a firewall."""
    asked = [("127.0.0.1", 1)]
    said = (await LocalShell().run(port_script(asked))).output
    assert read_knocks(said, asked) == (Knock("127.0.0.1", 1, "refused"),)


async def test_the_boot_partition_of_each_system_is_looked_at(tmp_path: Path) -> None:
    """Mount tables as they are on them; the kernel makes one with errors read-only."""
    fat = "vfat {},relatime,fmask=0022,errors=remount-ro 0 0\n"
    tables = {
        "boot/firmware/cmdline.txt": "/dev/mmcblk0p1 {root}/boot/firmware " + fat,
        "boot/cmdline.txt": "/dev/mmcblk0p1 {root}/boot " + fat,
        "boot/firmware/current/cmdline.txt": "/dev/mmcblk0p1 {root}/boot/firmware " + fat,
    }
    for place, table in tables.items():
        for how, read_only in (("rw", False), ("ro", True)):
            root = tmp_path / place.replace("/", "-") / how
            (root / place).parent.mkdir(parents=True)
            (root / place).touch()
            mounts = root / "mounts"
            mounts.write_text("/dev/root / ext4 rw,noatime 0 0\n" + table.format(how, root=root))
            script = USER_SCRIPT.replace("/boot/", f"{root}/boot/").replace(
                "/proc/mounts", str(mounts)
            )
            said = (await LocalShell().run(script)).output.replace(str(root).encode(), b"")
            probe = read_probe(said)
            assert (probe.cmdline, probe.boot_read_only) == (f"/{place}", read_only)


async def test_a_script_that_never_ends_is_given_up() -> None:
    with pytest.raises(ShellError, match="no answer within"):
        await LocalShell().run("sleep 60", patience=0.2)
    said = await LocalShell().run("yes | head -c 1000000; exit 3")
    assert (said.status, len(said.output)) == (3, 64 * 1024)


def test_a_password_shows_in_no_repr() -> None:
    assert "raspberry" not in repr(LocalShell("raspberry"))
    assert Preflight(INVENTORY, (Check(PI, ()),)).ready == (PI,)
