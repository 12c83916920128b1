"""A Pi's SD card: an ext4 image with all that tells it from other Pis, and its sensors."""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.host import run
from lab.plan import MODEL, PASSWORD, PiBoard, Site, Variant

SENSORS = {"temp": "48312", "throttled": "0x0", "clock": "1200000", "volts": "1.2000"}
"""What a Pi senses at first: millidegrees, bits, kilohertz, volts."""
_THROTTLED = "platform/soc/soc:firmware/get_throttled"
"""Where the kernel says so, too, to everybody."""
_RESOLVERS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
_PI_ID = 1000
_BOOT = {
    "config.txt": "[all]\n",
    "cmdline.txt": "console=tty1 rootwait cgroup_enable=memory\n",
    "issue.txt": "Raspberry Pi reference 2025-11-24\n",
    "user-data": "#cloud-config\n",
}
"""What is on the boot partition of an image of Raspberry Pi OS."""
_UBUNTU_USER_DATA = """\
#cloud-config
hostname: {hostname}
manage_etc_hosts: true
ssh_pwauth: true
users:
- name: {user}
  groups: users,adm,dialout,audio,netdev,video,plugdev,cdrom,sudo
  shell: /bin/bash
  lock_passwd: false
  plain_text_passwd: {password}
"""
"""What Raspberry Pi Imager wishes of Ubuntu for its owner; there sudo asks for the password."""
_BUSY_APT = """\
[Unit]
Description=Keep apt busy, as the updates of a first start do (simulated)

[Service]
ExecStart=/usr/local/lib/squarm-lab/busy-apt 60

[Install]
WantedBy=multi-user.target
"""


def image(site: Site, board: PiBoard) -> Path:
    """The file that is a host's card."""
    return site.store / f"{board.name}.img"


def flash(site: Site, board: PiBoard) -> None:
    """Writes a card anew: new host keys, new machine-id, nothing of what was."""
    site.store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.store, prefix=f"{board.name}-") as folder:
        content = Path(folder)
        content.chmod(0o755)
        for name in ("root", "work", "docker", "containerd"):
            (content / name).mkdir()
        _fill(content / "root", site, board)
        partial = site.store / f"{board.name}.partial"
        with partial.open("wb") as file:
            file.truncate(board.plan.card_mib << 20)
        run("mkfs.ext4", "-q", "-d", content, "-E", "lazy_itable_init=1", partial)
    partial.replace(image(site, board))


@contextmanager
def boot_partition(site: Site, board: PiBoard) -> Iterator[Path]:
    """The boot partition of a host that is off: its card is in a reader."""
    with tempfile.TemporaryDirectory(dir=site.store) as place:
        run("mount", "-o", "loop", image(site, board), place)
        try:
            yield Path(place, "root/boot/firmware")
        finally:
            run("umount", place)


def copy(site: Site, source: PiBoard, target: PiBoard) -> None:
    """Makes one host's card a copy of another's."""
    partial = site.store / f"{target.name}.partial"
    run("cp", "--sparse=always", image(site, source), partial)
    partial.replace(image(site, target))


def _fill(root: Path, site: Site, board: PiBoard) -> None:
    hosts = f"127.0.0.1\tlocalhost\n127.0.1.1\t{board.plan.hostname}\n"
    hosts += "::1\tlocalhost ip6-localhost ip6-loopback\n"
    resolver = next(path for path in _RESOLVERS if path.exists() or path is _RESOLVERS[-1])
    _put(root, "etc/hostname", f"{board.plan.hostname}\n")
    _put(root, "etc/hosts", hosts)
    _put(root, "etc/machine-id", f"{secrets.token_hex(16)}\n")
    _put(root, "etc/resolv.conf", resolver.read_text())
    (root / "etc/ssh").mkdir()
    for kind in ("ed25519", "ecdsa"):
        key = root / f"etc/ssh/ssh_host_{kind}_key"
        comment = f"root@{board.plan.hostname}"
        run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", key)
    for variant in board.plan.variants:
        _vary(root, site, board, variant)
    if board.is_master:
        _authorize(root, site, board.plan.user)
        # Only a Pi has a board to pass for; nor is a PC's name taken for one.
        for link in ("etc/avahi/services/ssh.service", "etc/motd", "etc/rpi-issue"):
            _put(root, link, "" if link == "etc/motd" else None)


def _vary(root: Path, site: Site, board: PiBoard, variant: Variant) -> None:
    match variant:
        case Variant.NO_SERVICES:
            _put(root, "etc/avahi/services/ssh.service", None)
            _put(root, "etc/avahi/avahi-daemon.conf", "[server]\nuse-ipv4=yes\nuse-ipv6=yes\n")
        case Variant.NO_MDNS:
            for unit in ("avahi-daemon.service", "avahi-daemon.socket"):
                _mask(root, unit)
        case Variant.SUDO_PASSWORD:
            _put(root, "etc/sudoers.d/010_pi-nopasswd", None)
        case Variant.KEY_ONLY:
            _authorize(root, site, board.plan.user)
            refusal = "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            _put(root, "etc/ssh/sshd_config.d/01-key-only.conf", refusal)
        case Variant.NO_MEMORY_CGROUP:
            _put(root, "etc/squarm-lab-no-memory-cgroup", "")
        case Variant.CLOUD_INIT:
            for name, text in _BOOT.items():
                _put(root, f"boot/firmware/{name}", text)
            # Its cable has its address already.
            _put(root, "etc/cloud/cloud.cfg.d/99_lab.cfg", "network: {config: disabled}\n")
        case Variant.UBUNTU:
            told = {"hostname": board.plan.hostname, "user": board.plan.user, "password": PASSWORD}
            _put(root, "boot/firmware/user-data", _UBUNTU_USER_DATA.format(**told))
            # Its resolver is its own, and asks whom this machine asks.
            servers = re.findall(r"(?m)^nameserver (\S+)", (root / "etc/resolv.conf").read_text())
            asked = f"[Resolve]\nDNS={' '.join(servers)}\n"
            _put(root, "etc/systemd/resolved.conf.d/lab.conf", asked)
            (root / "etc/resolv.conf").unlink()
            (root / "etc/resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")
        case Variant.BUSY_APT:
            _put(root, "etc/systemd/system/squarm-lab-busy-apt.service", _BUSY_APT)
            wants = root / "etc/systemd/system/multi-user.target.wants"
            wants.mkdir(exist_ok=True)
            (wants / "squarm-lab-busy-apt.service").symlink_to("../squarm-lab-busy-apt.service")
        case _:
            pass  # A matter of the layers below, of the wiring, or of the kernel.


def _put(root: Path, name: str, text: str | None) -> None:
    """Writes a file of the overlay's upper layer; None: hides the one below."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        os.mknod(path, 0o020000, os.makedev(0, 0))  # How overlayfs says "not here".
    else:
        path.write_text(text)


def _mask(root: Path, unit: str) -> None:
    folder = root / "etc/systemd/system"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / unit).symlink_to("/dev/null")


def _authorize(root: Path, site: Site, user: str) -> None:
    """Lets the lab's key in."""
    folder = root / "home" / user / ".ssh"
    folder.mkdir(parents=True)
    shutil.copyfile(site.key.with_suffix(".pub"), folder / "authorized_keys")
    folder.chmod(0o700)
    (folder / "authorized_keys").chmod(0o600)
    for path in (folder.parent, folder, folder / "authorized_keys"):
        os.chown(path, _PI_ID, _PI_ID)


def simulate(site: Site, board: PiBoard) -> Path:
    """Makes the folder that a Pi sees as /opt/simulated: sensors and board."""
    folder = site.run / board.name / "simulated"
    cpu, firmware = folder / "cpu/cpu0/cpufreq", folder / "firmware/devicetree/base"
    zone = folder / "thermal/thermal_zone0"
    for made in (cpu, firmware, zone, (folder / _THROTTLED).parent):
        made.mkdir(parents=True, exist_ok=True)
    sense(folder, list(SENSORS.items()))
    (cpu / "scaling_cur_freq").touch()
    (zone / "temp").touch()
    (zone / "type").write_text("cpu-thermal\n")
    (firmware / "model").write_text(f"{MODEL}\0")
    (firmware / "serial-number").write_text(f"{board.serial}\0")
    (firmware / "compatible").write_text("raspberrypi,3-model-b\0brcm,bcm2837\0")
    (folder / "cpuinfo").write_text(_cpuinfo(board))
    (folder / "README").write_text("SIMULATED by squarm's virtual Pi lab, not sensed.\n")
    return folder


def sense(folder: Path, values: Sequence[tuple[str, str]]) -> None:
    """Changes what a Pi senses; it sees it at once."""
    for name, value in values:
        if name not in SENSORS:
            raise ValueError(f"no such sensor: {name}; there are {', '.join(SENSORS)}")
        # In place: the Pi has these very files mounted.
        (folder / name).write_text(f"{value}\n")
        if name == "throttled":
            (folder / _THROTTLED).write_text(f"{value.removeprefix('0x')}\n")


def _cpuinfo(board: PiBoard) -> str:
    core = "processor\t: {}\nBogoMIPS\t: 38.40\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n\n"
    cores = "".join(core.format(number) for number in range(max(1, round(board.plan.cpus))))
    return f"{cores}Revision\t: a02082\nSerial\t\t: {board.serial}\nModel\t\t: {MODEL}\n"
