"""Cloud-init itself, Debian 13's, booted from the boot partition that squarm has filled."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.ssh.own_key import public_half
from lab.layers import built, fresh_card
from provision.card.partition import find_partition
from provision.card.settings import CardSettings, WiFi, wifi
from provision.card.systems import CardSystem, files_for
from tests.fleet.pis import make_key
from tests.lab.fixtures import need_lab
from tests.provision.boot_partitions import CARDS, NASTY, TRIXIE, folder

pytestmark = [pytest.mark.lab, pytest.mark.timeout(2400)]
BOOT_SECONDS = 1500
SETTLED = """[Unit]
After=cloud-final.service multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'cloud-init status --wait --long >/root/status 2>&1; poweroff'
[Install]
WantedBy=cloud-init.target
"""
_SHOW = """
mount -t proc proc /proc
ip link set lo up
mkdir -p /run/sshd
/usr/sbin/sshd
login="ssh -F none -i /mnt/key -o BatchMode=yes -o StrictHostKeyChecking=no eva@127.0.0.1"
echo "root=$($login sudo -n id -un)"
echo "shadow=$(getent shadow eva | cut -d: -f2)"
echo "groups=$(id -nG eva)"
echo "ssh=$(systemctl is-enabled ssh)"
echo "passwords=$(sshd -T | grep -i '^passwordauthentication')"
echo "zone=$(readlink -f /etc/localtime)"
"""


@dataclass(frozen=True, slots=True)
class Root:
    """The root file system of a Pi that is off."""

    path: Path

    def run(self, *command: str) -> str:
        """What a program says that is run in it, without a network; fails where it fails."""
        alone = ["unshare", "--mount", "--uts", "--net", "--pid", "--fork", "chroot"]
        told = [*alone, str(self.path), *command]
        done = subprocess.run(told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def boot(self) -> str:
        """Boot it, once, and wait until it has switched itself off; what cloud-init says."""
        told = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
                "--private-network", "--resolv-conf=off", "--timezone=off", "--link-journal=no",
                "--console=pipe", f"--directory={self.path}"]  # fmt: skip
        (self.path / "etc/systemd/system/settled.service").write_text(SETTLED)
        self.run("systemctl", "enable", "settled")
        done = subprocess.run(
            told, capture_output=True, text=True, check=False, timeout=BOOT_SECONDS,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        status = self.path / "root/status"
        assert status.exists(), done.stdout[-4000:] + done.stderr[-4000:]
        return status.read_text()


@contextmanager
def fresh_root(tmp_path: Path) -> Iterator[Root]:
    """A system that has not booted yet, and is thrown away."""
    need_lab()
    lower, place = built(fresh_card("trixie")), tmp_path / "root"
    # Not on an overlay, as the temporary folder may be: nothing can lie above one.
    memory = tmp_path / "memory"
    memory.mkdir()
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", memory], check=True)
    try:
        for name in ("upper", "work"):
            (memory / name).mkdir()
        layers = f"lowerdir={lower},upperdir={memory}/upper,workdir={memory}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, place], check=True)
        try:
            yield Root(place)
        finally:
            subprocess.run(["umount", place], check=True)
    finally:
        subprocess.run(["umount", memory], check=True)


def test_a_pi_that_boots_from_the_card_is_what_was_asked_for(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    settings = CardSettings(
        "pi-a1b2c3", "eva", public_half(key), "DE", "Europe/Berlin", wifi(NASTY, "s3cret pw", "DE")
    )
    with fresh_root(tmp_path) as root:
        partition = find_partition(folder(root.path / "boot/firmware", TRIXIE))
        partition.write(files_for(CardSystem.TRIXIE, settings, partition.texts()))
        status = root.boot()
        assert "status: done" in status, status
        assert "errors: []" in status, status
        assert (root.path / "etc/hostname").read_text().strip() == "pi-a1b2c3"
        assert "pi-a1b2c3" in (root.path / "etc/hosts").read_text()
        shutil.copy(key, root.path / "mnt/key")
        shown = root.run("sh", "-c", _SHOW)
        told = dict(line.split("=", 1) for line in shown.splitlines())
        assert told["root"] == "root"
        assert told["shadow"].startswith("!")
        assert {"sudo", "video", "netdev"} <= set(told["groups"].split())
        assert told["ssh"] == "enabled"
        assert told["passwords"] == "passwordauthentication no"
        assert told["zone"].endswith("Europe/Berlin")
        network = "".join(file.read_text() for file in (root.path / "etc/netplan").iterdir())
        assert settings.wifi is not None
        assert settings.wifi.psk in network
        assert "s3cret pw" not in network


def test_cloud_inits_own_schema_takes_what_is_written(tmp_path: Path) -> None:
    with fresh_root(tmp_path) as root:
        for system in (CardSystem.TRIXIE, CardSystem.UBUNTU):
            for wlan in (None, WiFi("Home", "0" * 64, "DE")):
                key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHn8 squarm"
                settings = CardSettings("pi-1", "pi", key, "DE", "Europe/Berlin", wlan)
                files = files_for(system, settings, CARDS[system])
                for name, schema in (("user-data", "cloud-config"), ("network-config",) * 2):
                    if name in files:
                        (root.path / "mnt" / name).write_text(files[name])
                        told = ["--config-file", f"/mnt/{name}", "--schema-type", schema]
                        root.run("cloud-init", "schema", *told)
