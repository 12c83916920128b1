"""From Pis that only answer SSH to a swarm, and through its life, by the command line."""

import json
import re
import subprocess
from pathlib import Path

import psutil
import pytest

from lab.card import boot_partition
from lab.pi import Pi
from lab.plan import PASSWORD, PiPlan, State, Variant
from tests.dockerd import built_solver
from tests.fleet.pis import make_key
from tests.lab.fixtures import MakeLab
from tests.lab.from_outside import bytes_from_outside
from tests.lab.state import state
from tests.provision.console import Console, docker_of
from tests.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

SECRET = re.compile(rf"{PASSWORD}(?!pi)")
HOSTS = "/etc/cloud/templates/hosts.debian.tmpl"
PASSPHRASE = f"the key's {PASSWORD}"
PLANS = [
    # Docker is there already: installing it takes minutes, and is apt's business, not ours.
    PiPlan(State.DOCKER),
    PiPlan(State.DOCKER, frozenset({Variant.SUDO_RS, Variant.SUDO_PASSWORD})),
    PiPlan(State.DOCKER),
    PiPlan(State.DOCKER),
]


def test_from_ssh_only_to_a_swarm_and_through_its_life(make_lab: MakeLab, tmp_path: Path) -> None:
    with make_lab(PLANS) as lab:
        console = Console(lab, tmp_path)
        without_an_image(console)
        lab["pi4"].power_cut()
        a_wrong_password_costs_one_line(console)
        one_is_cut_off_and_the_others_finish(console)
        it_is_gone_on_with(console)
        with docker_of(console, lab["pi1"]):
            an_image_reaches_them(console)
            a_clone_is_refused(console)
            drained_and_back(console)
            rebooted(console)
            removed_for_good(console)
            reflashed_and_rejoined(console)
            upgraded(console)
            three_managers_and_one_is_lost(console)
        nothing_secret_is_kept(console)


def test_from_an_empty_card_to_a_node_without_a_password(make_lab: MakeLab, tmp_path: Path) -> None:
    with make_lab([PiPlan(State.DOCKER, frozenset({Variant.CLOUD_INIT}))]) as lab:
        console, pi = Console(lab, tmp_path), lab["pi1"]
        without_an_image(console)
        with boot_partition(lab.site, pi.board) as folder:
            words = ["card", "write", str(folder), "--name", "pi-new", "--user", "eva", "--yes"]
            assert "squarm provision pi-new" in console(*words)
        pi.power_on(wait=False)
        pi.wait_ssh(600)
        login = ["--interface", lab.site.bridge, "--user", "eva", "--trust-new"]
        template = pi.run("cat", HOSTS).stdout
        console("provision", *login, "--all", "--master-pi", pi.address, "--yes")
        assert console.nodes() == {"swarmaster": "Ready Active"}
        keeps_its_name(pi, "swarmaster")
        before = state(pi)
        said = console("provision", *login, "--all", "--yes")
        assert "swarmaster: 0 changes." in said
        assert state(pi) ^ before == set()
        console.reset("swarmaster")
        assert pi.run("cat", HOSTS).stdout == template
        keeps_its_name(pi, "pi-new")


def keeps_its_name(pi: Pi, name: str) -> None:
    """At each start cloud-init does what the card says, and what it remembers of it."""

    def has_started() -> bool:
        return "status: done" in pi.run("cloud-init", "status", check=False).stdout

    for _ in range(2):
        pi.reboot()
        pi.wait_docker()
        wait_until(has_started, 300)
        assert pi.run("hostname").stdout == f"{name}\n"
        # What sudo asks for at each call, and complains of where there is none.
        assert pi.run("getent", "-s", "files", "hosts", name).stdout.startswith("127.0.1.1")


def without_an_image(console: Console) -> None:
    """What it would be built from is in no registry that can be reached from here."""
    settings = console.data / "group_vars/all.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text("solver_image_build: false\n")


def a_wrong_password_costs_one_line(console: Console) -> None:
    said = console.provision(
        "--all", "--master-pi", console.lab["pi1"].address, "--yes", entered="wrong\n", code=2
    )
    (line,) = said.splitlines()
    assert "it lets pi in with no key or password that squarm has" in line
    assert not (console.data / "inventory.yml").exists()


def one_is_cut_off_and_the_others_finish(console: Console) -> None:
    pi3 = console.lab["pi3"]
    master = console.lab["pi1"].address
    run = console.start(
        *("provision", *console.login, "--all", "--master-pi", master, "--yes"),
        entered=f"{PASSWORD}\n",
    )

    def renamed() -> bool:
        assert run.poll() is None, run.communicate()
        return pi3.run("hostname").stdout.startswith("swarmost")

    # In the middle: its name is its new one, and there is no swarm yet.
    wait_until(renamed, 600)
    in_no_list_of_processes()
    pi3.power_cut()
    output, errors = run.communicate(timeout=900)
    assert run.returncode == 1, (output, errors)
    assert "2 of 3 machines are in order" in output, errors
    (line,) = [line for line in errors.splitlines() if "unreachable" in line]
    assert "it does not answer" in line or "stopped answering" in line, line
    console.wait_for_nodes()
    assert len(console.nodes()) == 2


def in_no_list_of_processes() -> None:
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        mine = "provision.runs.process" in " ".join(told) or "ansible" in " ".join(told)
        assert not (mine and any(map(SECRET.search, told))), told


def it_is_gone_on_with(console: Console) -> None:
    """With a key of the user's own, which is locked."""
    console.lab["pi3"].power_on()
    locked = make_key(console.home / "locked", PASSPHRASE)
    let_in = "mkdir -pm 700 ~/.ssh && cat >> ~/.ssh/authorized_keys"
    for name in ("pi1", "pi3"):
        public = locked.with_suffix(".pub").read_text()
        console.lab[name].run("su", "pi", "-c", let_in, input=public)
    key = ("--key", str(locked), *console.login)
    said = console("runs", "retry", *key, entered=f"\n\n{PASSPHRASE}\n")
    assert "1 of 1 machines are in order" in said
    assert set(console.nodes()) == {"swarmaster", "swarmost1", "swarmost2"}
    console.wait_for_nodes()
    assert "done" in console("runs", "list")
    refused = subprocess.run(
        [*console.lab["pi2"].ssh("-o", "PreferredAuthentications=password"), "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Permission denied (publickey)" in refused.stderr


def an_image_reaches_them(console: Console) -> None:
    """Without a registry, by the SSH logins that there are; and a job runs from it."""
    said = console("image", "load", str(built_solver("life")), "--yes")
    assert "New jobs run from" in said
    assert "60 of 60 squares of order 7 found and kept." in console("run", "7", "--count", "60")
    assert "on 3 of 3 nodes" in console("image", "status")


def a_clone_is_refused(console: Console) -> None:
    pi2, pi4 = console.lab["pi2"], console.lab["pi4"]
    pi2.clone_to(pi4)
    pi4.power_on()
    before = (console.data / "inventory.yml").read_text()
    said = console.provision(pi4.address, "--yes", code=2)
    (line,) = said.splitlines()
    assert "its card is a copy of" in line
    assert "write its card anew" in line
    assert (console.data / "inventory.yml").read_text() == before
    pi4.power_cut()


def drained_and_back(console: Console) -> None:
    assert "drained" in console("node", "drain", "swarmost1", "--yes")
    # Of one whose machine is busy the swarm may hear nothing for a moment.
    wait_until(lambda: console.nodes()["swarmost1"] == "Ready Drain", 60, console.nodes)
    console("node", "activate", "swarmost1")
    console.wait_for_nodes()
    assert "talks through" in console("node", "demote", "swarmaster", "--yes", code=2)
    assert "--read-only refuses" in console("--read-only", "node", "drain", "swarmost1", code=2)


def rebooted(console: Console) -> None:
    """With the password for sudo that this one asks for, and with the key for the login."""
    pi2 = console.lab["pi2"]
    before = pi2.run("cut", "-d", " ", "-f", "22", "/proc/1/stat").stdout
    asked = ("--password-stdin", "--yes")
    name = pi2.run("hostname").stdout.strip()
    said = console("node", "reboot", name, *asked, entered=f"{PASSWORD}\n")
    assert f"{name} is back" in said
    assert pi2.run("cut", "-d", " ", "-f", "22", "/proc/1/stat").stdout != before


def removed_for_good(console: Console) -> None:
    pi3 = console.lab["pi3"]
    name = pi3.run("hostname").stdout.strip()
    assert "is out of the swarm" in console("node", "remove", name, "--yes")
    assert name not in console.nodes()
    state = pi3.run("docker", "info", "-f", "{{.Swarm.LocalNodeState}}").stdout
    assert state == "inactive\n"
    assert name not in (console.data / "inventory.yml").read_text()


def reflashed_and_rejoined(console: Console) -> None:
    pi3 = console.lab["pi3"]
    pi3.reflash()
    pi = console.pi_id(pi3)
    said = console.provision(pi3.address, "--yes", code=2)
    assert "host key has changed" in said
    shown = said.partition(" to SHA256:")[2].partition(":")[0]
    network = ("--interface", console.lab.site.bridge)
    wrong = "SHA256:" + "A" * 43
    assert "nothing was accepted" in console("pi", "accept", pi, wrong, "--yes", *network, code=1)
    console("pi", "accept", pi, f"SHA256:{shown}", "--yes", *network)
    console.provision(pi3.address, "--yes")
    assert len(console.nodes()) == 3
    console.wait_for_nodes()


def upgraded(console: Console) -> None:
    """One fetches by way of this machine, the other, which may forward nothing, for itself."""
    alone, other = console.lab["pi3"], console.lab["pi2"]
    alone.run("tee", "/etc/ssh/sshd_config.d/00-alone.conf", input="AllowTcpForwarding no\n")
    alone.run("systemctl", "reload", "ssh")
    names = [pi.run("hostname").stdout.strip() for pi in (alone, other)]
    asked = ("--password-stdin", "--yes")
    with bytes_from_outside(console.lab.site) as came:
        said = console("node", "upgrade", *names, *asked, entered=f"{PASSWORD}\n")
        assert "2 of 2 machines are in order" in said
        console.wait_for_nodes()
        log = console("runs", "log")
        fetched, served = map(float, re.findall(r"([\d.]+) MB", log.splitlines()[-1]))
        assert served >= fetched > 1
        # What one fetched for itself; of the other's nothing went beside this machine.
        assert 1 < came() / 1e6 < 1.2 * served


def three_managers_and_one_is_lost(console: Console) -> None:
    kept, lost = (console.lab[pi].run("hostname").stdout.strip() for pi in ("pi2", "pi3"))
    assert "make it an odd number" in console("node", "promote", kept, "--yes")
    assert f"{lost} is a manager." in console("node", "promote", lost, "--yes")
    console.lab["pi3"].power_cut()
    wait_until(lambda: console.nodes()[lost].startswith("Down"), 90)
    assert "1 of 2 managers" in console("node", "demote", kept, "--yes", code=2)
    assert "drained" in console("node", "drain", kept, "--yes")
    console("node", "activate", kept)
    console("node", "remove", lost, "--yes")
    console.wait_for_nodes()
    assert console.nodes().keys() == {"swarmaster", kept}


def nothing_secret_is_kept(console: Console) -> None:
    said = console("audit", "--json")
    noted = {(entry["what"], entry["result"]) for entry in map(json.loads, said.splitlines())}
    assert {("provision", "failed"), ("provision", "done"), ("drain", "done")} <= noted
    assert {("activate", "done"), ("remove", "done"), ("accept key", "done")} <= noted
    assert {("upgrade", "done"), ("promote", "done"), ("demote", "failed")} <= noted
    looked_at = 0
    for path in console.home.rglob("*"):
        if path.is_file():
            looked_at += 1
            assert not SECRET.search(path.read_text("utf-8", "replace")), path
    assert looked_at > 10
    console.lab["pi3"].power_on()
    for pi in console.lab.pis[:3]:
        journal = pi.run("journalctl", "--no-pager", "-o", "cat", check=False).stdout
        assert not SECRET.search(journal)
        assert "SWMTKN" not in journal
    # What a run that another test has just killed left there goes with that test's next run.
    wait_until(lambda: not left_in_memory(), 60)


def left_in_memory() -> list[Path]:
    """The folders of runs that are over."""
    left = Path("/dev/shm").glob("squarm-*-*")
    return [path for path in left if not Path("/proc", path.name.split("-")[1]).exists()]
