"""What is in the way of provisioning a machine, what will be done about it, and by whom. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.ssh.shell import Sudo
from provision.inventory import MANAGER, Host, Inventory
from provision.probe import Knock, Probe

_GIB = 1024**3
_DISK_NEEDED = 1 * _GIB
_DISK_WISHED = 3 * _GIB
_CLOCK_SECONDS = 30
_PYTHON = (3, 8)
"""The oldest that ansible-core 2.19 works with on a machine it is used on."""
_OLDEST = {"debian": 12, "raspbian": 12, "ubuntu": 22}
_MACHINES = ("aarch64", "x86_64", "armv7l", "armv8l")


class Severity(StrEnum):
    """How grave a finding is; the order is that of gravity."""

    OK = "ok"
    WILL = "will be done"
    WARNING = "warning"
    MUST = "you must"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, and one sentence: how it is, what will be done, or what to do."""

    topic: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One machine as preflight met it.

    `called`: what the network calls it now. `problem`: why there is no way in, '' where there is
    one. `twins`: what others share its card's identity. `namesake`: what else on the network has
    the name it is to get; `announced`: what only says so of itself. `ahead`: seconds by which its
    clock was ahead when it was asked.
    """

    host: Host
    called: str = ""
    problem: str = ""
    sudo: Sudo | None = None
    probe: Probe | None = None
    twins: tuple[str, ...] = ()
    namesake: str = ""
    announced: str = ""
    ahead: float | None = None
    knocks: tuple[Knock, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What preflight found out about one machine."""

    host: Host
    findings: tuple[Finding, ...]
    probe: Probe = field(default_factory=Probe)
    called: str = ""

    @property
    def blocked(self) -> bool:
        """Whether it cannot be provisioned before the user has done something."""
        return any(finding.severity is Severity.MUST for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found out about every machine, in the inventory's order."""

    inventory: Inventory
    checks: tuple[Check, ...]

    @property
    def ready(self) -> tuple[Host, ...]:
        """The machines that can be provisioned; none where the master cannot."""
        blocked = {check.host.id for check in self.checks if check.blocked}
        if self.inventory.master.id in blocked:
            return ()
        return tuple(check.host for check in self.checks if check.host.id not in blocked)


def judge(inventory: Inventory, subjects: Iterable[Subject]) -> Preflight:
    """Every machine's findings."""
    met = tuple(subjects)
    ours = _our_nodes(inventory, met)
    copies = _copies(inventory, met)
    checks = [
        Check(
            subject.host,
            tuple(_findings(subject, inventory.master, ours, copies)),
            subject.probe or Probe(),
            subject.called or subject.host.address,
        )
        for subject in met
    ]
    return Preflight(inventory, tuple(checks))


def _findings(
    subject: Subject, master: Host, ours: frozenset[str] | None, copies: Mapping[str, str]
) -> Iterable[Finding]:
    # A cloned card cannot be trusted to be who it says: that comes before everything else.
    if twin := copies.get(subject.host.id):
        yield Finding(
            "identity",
            Severity.MUST,
            f"{twin}: write its card anew, or give it its own machine-id and SSH host keys; if the "
            "card was only moved here, remove the node that it was first.",
        )
    if subject.problem or subject.probe is None:
        why = subject.problem or "it gave no answer."
        yield Finding("reach", Severity.MUST, why)
        return
    probe = subject.probe
    here = subject.host.local
    yield Finding(
        "reach", Severity.OK, "This is the machine squarm runs on." if here else "It lets us in."
    )
    yield _sudo(subject)
    yield _machine(probe)
    yield _system(probe)
    yield from _root(probe)
    yield from _ssh(subject, probe)
    yield _memory(probe)
    yield from _docker(probe)
    yield _disk(probe)
    yield _clock(subject)
    yield from _power(probe)
    yield from _name(subject)
    yield _swarm(subject, master, ours)
    yield from _ports(subject)


def _sudo(subject: Subject) -> Finding:
    user = subject.host.user
    match subject.sudo:
        case Sudo.NONE:
            return Finding("sudo", Severity.OK, f"{user} becomes root without a password.")
        case Sudo.PASSWORD:
            return Finding("sudo", Severity.OK, f"{user} becomes root with the password given.")
        case Sudo.MISSING:
            said = f"there is no sudo: install it and put {user} in the group sudo."
            return Finding("sudo", Severity.MUST, said)
        case Sudo.FORBIDDEN:
            said = (
                f"sudo does not let {user} become root: put {user} in the group sudo (as root: "
                f"usermod -aG sudo {user}), or log in as another."
            )
            return Finding("sudo", Severity.MUST, said)
        case _:
            said = f"its sudo asks {user} for a password and takes none that squarm has: give it."
            return Finding("sudo", Severity.MUST, said)


def _machine(probe: Probe) -> Finding:
    arch = probe.arch or "unknown"
    if arch not in _MACHINES:
        said = f"its processor ({arch}) runs no image of the solver: use a Pi 2 or later."
        return Finding("architecture", Severity.MUST, said)
    if arch == "aarch64" and probe.bits == 32:
        said = "it runs a 32-bit system on a 64-bit kernel: the 64-bit Raspberry Pi OS is faster."
        return Finding("architecture", Severity.WARNING, said)
    return Finding("architecture", Severity.OK, f"{arch}, which the solver's image is built for.")


def _system(probe: Probe) -> Finding:
    name = probe.os_name or probe.os_id or "an unknown system"
    oldest = _OLDEST.get(probe.os_id)
    if oldest is None and not set(probe.os_like) & _OLDEST.keys():
        said = f"it runs {name}: install Raspberry Pi OS, Debian or Ubuntu on it."
        return Finding("system", Severity.MUST, said)
    if probe.python == (0, 0):
        said = f"{name} has no Python, which Ansible needs: sudo apt install python3."
        return Finding("system", Severity.MUST, said)
    if probe.python is not None and probe.python < _PYTHON:
        has = ".".join(map(str, probe.python))
        said = (
            f"{name} has Python {has}, and Ansible needs {'.'.join(map(str, _PYTHON))}: write a "
            "newer system to its card."
        )
        return Finding("system", Severity.MUST, said)
    major = probe.os_version.partition(".")[0]
    if oldest and major.isdigit() and int(major) < oldest:
        said = f"{name} is old: nobody has tried it; {oldest} or later is known to work."
        return Finding("system", Severity.WARNING, said)
    return Finding("system", Severity.OK, f"{name}.")


def _root(probe: Probe) -> Iterable[Finding]:
    if probe.root in ("overlay", "read-only"):
        how = "is read-only" if probe.root == "read-only" else "keeps nothing (overlayroot)"
        way_out = "sudo raspi-config nonint do_overlayfs 1"
        if probe.os_id == "ubuntu":
            # There is no raspi-config.
            way_out = "sudo overlayroot-chroot sed -i s/^overlayroot=.*/overlayroot=/"
            way_out += " /etc/overlayroot.conf"
        said = (
            f"its card {how}, and what is installed would be gone at the next start: turn that off "
            f"({way_out}) and reboot it."
        )
        yield Finding("card", Severity.MUST, said)


def _ssh(subject: Subject, probe: Probe) -> Iterable[Finding]:
    if probe.sshd_settings is False and not subject.host.local:
        said = (
            "its SSH server is not OpenSSH (Dropbear?): squarm's key is installed, and logins by "
            "password stay on."
        )
        yield Finding("ssh", Severity.WARNING, said)


def _memory(probe: Probe) -> Finding:
    topic = "memory cgroup"
    if probe.memory_cgroup:
        return Finding(topic, Severity.OK, "Memory limits are enforced.")
    if probe.cmdline and probe.boot_read_only:
        said = (
            f"{probe.cmdline}, where memory limits are turned on, is on a partition that is "
            "read-only: sudo mount -o remount,rw there; where it stays so its file system is "
            "damaged (sudo fsck.vfat -a mends it)."
        )
        return Finding(topic, Severity.MUST, said)
    if probe.cmdline:
        said = f"Memory limits will be turned on in {probe.cmdline}, and it is rebooted once."
        return Finding(topic, Severity.WILL, said)
    if probe.memory_cgroup is None:
        return Finding(topic, Severity.WARNING, "it does not say whether memory limits hold.")
    said = (
        "memory limits are not enforced, and there is no cmdline.txt to turn them on in: add "
        "cgroup_enable=memory to its kernel's command line (Armbian: extraargs= in "
        "/boot/armbianEnv.txt), and reboot it."
    )
    return Finding(topic, Severity.MUST, said)


def _docker(probe: Probe) -> Iterable[Finding]:
    if probe.docker_snap:
        said = "its Docker is a snap, and nodes need the packages': sudo snap remove docker."
        yield Finding("docker", Severity.MUST, said)


def _disk(probe: Probe) -> Finding:
    if probe.disk is None:
        return Finding("disk", Severity.WARNING, "it does not say how much of its disk is free.")
    room = f"{probe.disk / _GIB:.1f} GiB free in /var/lib"
    if probe.disk < _DISK_NEEDED:
        said = f"{room} is too little for Docker: make 1 GiB of room (sudo apt clean), at least."
        return Finding("disk", Severity.MUST, said)
    if probe.disk < _DISK_WISHED:
        return Finding("disk", Severity.WARNING, f"{room} is little: 3 GiB would be enough.")
    return Finding("disk", Severity.OK, f"{room}.")


def _clock(subject: Subject) -> Finding:
    ahead = subject.ahead
    if ahead is None:
        return Finding("clock", Severity.WARNING, "it does not say what time it is.")
    if abs(ahead) <= _CLOCK_SECONDS:
        return Finding("clock", Severity.OK, "Its clock is right.")
    way = "ahead" if ahead > 0 else "behind"
    said = f"Its clock is {abs(ahead):,.0f} s {way}: it will be set before it joins."
    return Finding("clock", Severity.WILL, said)


def _power(probe: Probe) -> Iterable[Finding]:
    if probe.throttle is None:
        return
    if now := probe.throttle.now:
        said = f"{' and '.join(now)} now: check its power supply and its cooling."
        yield Finding("power", Severity.WARNING, said)
    elif since := probe.throttle.since_boot:
        said = f"{' and '.join(since)} since it started: check its power supply and its cooling."
        yield Finding("power", Severity.WARNING, said)
    else:
        yield Finding("power", Severity.OK, "Its power supply and cooling are good.")


def _name(subject: Subject) -> Iterable[Finding]:
    now = subject.probe.hostname if subject.probe else ""
    name = subject.host.name
    if other := subject.namesake or subject.announced:
        # Who bears the name already, or only says so on the network, keeps nobody from his own.
        grave = Severity.MUST if subject.namesake and now != name else Severity.WARNING
        verb = "is called" if subject.namesake else "announces itself as"
        said = f"{other} {verb} {name}, too: rename that one, or forget it."
        yield Finding("name", grave, said)
    if now == name:
        yield Finding("name", Severity.OK, f"It is called {name}.")
    else:
        yield Finding("name", Severity.WILL, f"{now or 'It'} will be renamed {name}.")


def _swarm(subject: Subject, master: Host, ours: frozenset[str] | None) -> Finding:
    side = subject.probe.swarm if subject.probe else None
    host = subject.host
    if side is None or side.state in ("", "inactive"):
        if why := _no_way(subject, master):
            said = (
                f"{why}: let the router give it an address of the master's network (DHCP), or set "
                "one on it (sudo nmtui)."
            )
            return Finding("swarm", Severity.MUST, said)
        as_what = "a manager" if host.role == MANAGER else "a worker"
        return Finding("swarm", Severity.WILL, f"It will join the swarm as {as_what}.")
    if side.state != "active":
        said = f"its Docker is in a swarm that is {side.state}: sudo docker swarm leave --force."
        return Finding("swarm", Severity.MUST, said)
    if ours is not None and side.node in ours:
        return Finding("swarm", Severity.OK, "It is in this swarm.")
    others = ", ".join(side.managers[:3]) or "unknown managers"
    said = (
        f"it is in another swarm ({others}): let it leave that first (sudo docker swarm leave "
        "--force there), if nobody needs it."
    )
    return Finding("swarm", Severity.MUST, said)


def _no_way(subject: Subject, master: Host) -> str:
    """Why the others would not find it in the swarm; '' where they do."""
    host = subject.host
    cut_off = subject.probe is not None and subject.probe.has_way is False
    if host.endpoint.is_scoped and (cut_off or host.id == master.id):
        return "it has a link-local address alone, and Docker Swarm takes none of those"
    return f"no way leads from it to the master at {master.address}" if cut_off else ""


def _ports(subject: Subject) -> Iterable[Finding]:
    silent = sorted({f"{knock.address}:{knock.port}" for knock in subject.knocks
                     if knock.state == "silent"})  # fmt: skip
    if silent:
        said = (
            f"it reaches nothing at {', '.join(silent[:3])}: let TCP 2377 and 7946 and UDP 7946 "
            "and 4789 through between the nodes (firewall, guest Wi-Fi)."
        )
        yield Finding("ports", Severity.WARNING, said)
    elif subject.knocks:
        yield Finding("ports", Severity.OK, "It reaches the other nodes.")


def _our_nodes(inventory: Inventory, subjects: tuple[Subject, ...]) -> frozenset[str] | None:
    """The ids of the nodes of the swarm that will be joined; None where there is none yet."""
    for subject in subjects:
        if subject.host.id == inventory.master.id and subject.probe is not None:
            side = subject.probe.swarm
            return frozenset(side.nodes) if side.state == "active" and side.manager else None
    return None


def _copies(inventory: Inventory, subjects: tuple[Subject, ...]) -> dict[str, str]:
    """For each machine whose card is a copy of another's: in words, of which.

    Also of one that is not there now: what the inventory keeps of it tells.
    """
    cards = {host.id: (host.name, host.machine_id) for host in inventory.hosts}
    cards |= {
        subject.host.id: (subject.host.name, subject.probe.machine_id)
        for subject in subjects
        if subject.probe
    }
    found = {}
    for subject in subjects:
        own = subject.probe.machine_id if subject.probe else ""
        alike = [
            name
            for pi, (name, card) in cards.items()
            if own and card == own and pi != subject.host.id
        ]
        if others := tuple(dict.fromkeys((*subject.twins, *alike))):
            found[subject.host.id] = f"its card is a copy of {', '.join(others[:3])}'s"
    return found
