"""Every kind of system that the lab has, side by side, and one run of squarm over all of them."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.lab import Lab
from lab.pi import Pi
from lab.plan import PASSWORD, USER, PiPlan, State, Variant
from solver import VERSION
from tests.ansible.playbook import password_lets_in
from tests.dockerd import IMAGE, built_solver
from tests.lab.fixtures import MakeLab
from tests.lab.state import state
from tests.provision.console import Console, docker_of
from tests.tui.tmux import tmux
from tests.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.systems, pytest.mark.timeout(3600)]

MASTER = "usual"
KINDS: Mapping[str, tuple[Variant, ...]] = {
    MASTER: (),
    "bookworm": (Variant.BOOKWORM,),
    "docker 28": (Variant.DOCKER_28,),
    "sudo-rs": (Variant.SUDO_RS, Variant.SUDO_PASSWORD),
    "dropbear": (Variant.DROPBEAR,),
    "two interfaces": (Variant.TWO_INTERFACES,),
    "no video group": (Variant.NO_VIDEO_GROUP,),
    "overlayroot": (Variant.OVERLAYROOT,),
    "32-bit": (Variant.USERLAND_32,),
    "busy apt": (Variant.BUSY_APT,),
    "ubuntu": (Variant.UBUNTU, Variant.NO_MEMORY_CGROUP),
}
REFUSED, FOREIGN = "overlayroot", "32-bit"
NODES = KINDS.keys() - {REFUSED}
WORKING = NODES - {FOREIGN}


@dataclass(frozen=True, slots=True)
class Systems:
    """The Pis by kind, and the person who has them."""

    pis: Mapping[str, Pi]
    console: Console

    @property
    def master(self) -> Pi:
        """The first, which has the solver's image."""
        return self.pis[MASTER]

    def name(self, kind: str) -> str:
        """What it is called by now."""
        return self.pis[kind].run("hostname").stdout.strip()

    def nodes(self) -> Mapping[str, str]:
        """The nodes that are ready, by address, as Docker on the master tells: their names."""
        script = "docker node inspect $(docker node ls -q) --format '"
        script += "{{.Status.State}} {{.Status.Addr}} {{.Description.Hostname}}'"
        lines = self.master.run("sh", "-c", script).stdout.splitlines()
        return {line.split()[1]: line.split()[2] for line in lines if line.startswith("ready ")}


@pytest.fixture(scope="module")
def systems(make_lab: MakeLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systems]:
    # All have one user, as whoever writes several cards says: then one login is for them all.
    plans = [
        PiPlan(state_of(kind), frozenset(variants), owner=USER) for kind, variants in KINDS.items()
    ]
    with make_lab(plans) as lab:
        made = Systems(
            dict(zip(KINDS, lab.pis, strict=True)), at_home(lab, tmp_path_factory.mktemp("home"))
        )
        give_image(made.master)
        bring_new_kernel(made.pis["ubuntu"])
        yield made


def give_image(pi: Pi) -> None:
    """Let Docker there have the solver's image."""
    image = built_solver("systems")
    pi.wait_docker()
    with image.open("rb") as file:
        load = [*pi.shell_command(), "docker", "load", "--quiet"]
        subprocess.run(load, stdin=file, check=True, stdout=subprocess.DEVNULL)
    pi.run("docker", "tag", IMAGE, f"squarm-solver:{VERSION}")


def bring_new_kernel(pi: Pi) -> None:
    """Put it where Ubuntu's updates have it tried at the next start, as flash-kernel does.

    Its updates are done when its first start is.
    """
    pi.run("cloud-init", "status", "--wait")
    came = "cd /boot/firmware && cp -r current new && echo unknown >new/state"
    pi.run("sh", "-c", came)


def state_of(kind: str) -> State:
    """Docker is there before, but where apt is to be waited for."""
    return State.FRESH if kind == "busy apt" else State.DOCKER


def at_home(lab: Lab, home: Path) -> Console:
    """A person who has an image already."""
    console = Console(lab, home)
    settings = console.data / "group_vars/all.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text("solver_image_build: false\n")
    return console


async def test_check_mode_asks_once_for_a_password_and_changes_nothing(systems: Systems) -> None:
    """The Pi with two addresses is one machine, and no copy of itself."""
    before = {kind: state(pi) for kind, pi in systems.pis.items()}
    bridge = systems.console.lab.site.bridge
    command = systems.console.command(
        *("provision", "--interface", bridge, "--trust-new", "--check"),
        *("--all", "--master-pi", systems.master.address),
    )
    async with tmux(systems.console.home, command, (160, 400)) as terminal:
        await terminal.until(lambda s: s.rstrip().endswith("[pi]:"), 120)
        await terminal.press("Enter")
        await terminal.until(lambda s: "Password of pi" in s)
        await terminal.type(PASSWORD)
        await terminal.press("Enter")
        said = await terminal.until(lambda s: "nothing was changed" in s, 1200)
    assert said.count("Password of pi") == 1
    assert "is a copy" not in said
    assert {kind: state(pi) ^ before[kind] for kind, pi in systems.pis.items()} == {
        kind: set() for kind in KINDS
    }


def test_one_run_makes_nodes_of_all_that_can_be(systems: Systems) -> None:
    refused, busy = systems.pis[REFUSED], systems.pis["busy apt"]
    before = state(refused)
    # For longer than the minute after its start, as that may be over by now.
    busy_apt = ("/usr/local/lib/squarm-lab/busy-apt", "3600")
    busy.run("systemd-run", "--quiet", "--unit=keeps-apt-busy", *busy_apt)
    run = systems.console.start(
        *("provision", *systems.console.login, "--all", "--yes"),
        *("--master-pi", systems.master.address),
        entered=f"{PASSWORD}\n",
    )

    def waits_for_apt() -> bool:
        assert run.poll() is None, run.communicate()
        return busy.run("sh", "-c", "grep -ls apt_pkg /proc/[0-9]*/maps", check=False).stdout != ""

    wait_until(waits_for_apt, 1800)
    busy.run("systemctl", "stop", "keeps-apt-busy")
    output, errors = run.communicate(timeout=2400)
    assert run.returncode == 1, (output, errors)
    assert f"{len(WORKING)} of {len(NODES)} machines are in order" in output
    (line,) = [line for line in errors.splitlines() if "overlayroot" in line]
    assert f"({refused.address}): its card keeps nothing" in line
    assert "sudo raspi-config nonint do_overlayfs 1" in line
    assert state(refused) ^ before == set()
    assert "its SSH server is not OpenSSH" in output
    assert re.search(f"{systems.name(FOREIGN)}: .* is for amd64 and Docker runs 386 here", errors)
    addresses = {systems.pis[kind].address for kind in NODES}
    wait_until(lambda: systems.nodes().keys() == addresses, 60, systems.nodes)
    assert set(systems.nodes().values()) == {systems.name(kind) for kind in NODES}


def test_passwords_are_off_but_where_dropbear_takes_the_logins(systems: Systems) -> None:
    assert {kind for kind in NODES if password_lets_in(systems.pis[kind])} == {"dropbear"}


def test_limits_hold_with_the_kernel_that_ubuntu_tried(systems: Systems) -> None:
    pi = systems.pis["ubuntu"]
    assert set(pi.run("ls", "/boot/firmware").stdout.split()) >= {"current", "old"}
    assert "cgroup_enable=memory" in pi.run("cat", "/boot/firmware/current/cmdline.txt").stdout
    assert pi.run("test", "-e", "/var/lib/squarm/memory-proved", check=False).returncode == 0


def test_a_second_run_changes_nothing(systems: Systems) -> None:
    before = {kind: state(pi) for kind, pi in systems.pis.items()}
    said = systems.console.provision("--all", "--yes", code=1)
    for kind in WORKING:
        assert f"\n{systems.name(kind)}: 0 changes." in f"\n{said}"
    assert {kind: state(pi) ^ before[kind] for kind, pi in systems.pis.items()} == {
        kind: set() for kind in KINDS
    }


def test_root_is_reached_through_sudo_rs_and_all_come_back(systems: Systems) -> None:
    """Most of what breaks, breaks at the second start."""
    pi = systems.pis["sudo-rs"]
    before = started(pi)
    with docker_of(systems.console, systems.master):
        words = ("node", "reboot", systems.name("sudo-rs"), "--password-stdin", "--yes")
        assert "is back" in systems.console(*words, entered=f"{PASSWORD}\n")
    assert started(pi) != before
    for kind in NODES - {MASTER, "sudo-rs"}:
        systems.pis[kind].reboot()
    addresses = {systems.pis[kind].address for kind in NODES}
    wait_until(lambda: systems.nodes().keys() == addresses, 120, systems.nodes)


def started(pi: Pi) -> str:
    """When its first process was started."""
    return pi.run("cut", "-d", " ", "-f", "22", "/proc/1/stat").stdout


def test_jobs_run_on_every_node_that_has_the_image(systems: Systems) -> None:
    """One may pass over a node that has only just come back."""
    working = {systems.name(kind) for kind in WORKING}
    script = "docker service ps --format '{{.Node}}' $(docker service ls --quiet)"

    def ran() -> set[str]:
        return set(systems.master.run("sh", "-c", script).stdout.split())

    def a_job_runs_there() -> bool:
        said = systems.console("run", "10", "--count", "40", "--replicas", str(len(WORKING)))
        assert "40 of 40 squares" in said
        return ran() == working

    with docker_of(systems.console, systems.master):
        wait_until(a_job_runs_there, 600, lambda: working ^ ran())
