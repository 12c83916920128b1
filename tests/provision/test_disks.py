"""What this machine runs from, through whatever lies between: links as Linux has them in /sys."""

import os
from pathlib import Path

import pytest

from provision.card.disks import Mount, disks_of, disks_of_mount, mounts

# A laptop: a disk's partitions, LUKS on the third, LVM on that, and a RAID of two more disks.
DEVICES = {
    "259:0": "nvme0n1",
    "259:3": "nvme0n1/nvme0n1p3",
    "254:0": "dm-0",
    "254:1": "dm-1",
    "8:0": "sda",
    "8:1": "sda/sda1",
    "8:17": "sdb/sdb1",
    "9:0": "md0",
    "259:9": "md0/md0p1",
    "8:33": "sdc/sdc1",
}
BELOW = {"dm-0": "nvme0n1/nvme0n1p3", "dm-1": "dm-0", "md0": "sda/sda1 sdb/sdb1", "sda": ""}


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """Linux's /sys/dev/block."""
    folder = tmp_path / "dev/block"
    folder.mkdir(parents=True)
    for number, place in DEVICES.items():
        device = tmp_path / "devices" / place
        device.mkdir(parents=True, exist_ok=True)
        (folder / number).symlink_to(device)
        if "/" in place:
            (device / "partition").touch()
    for upper, lower in BELOW.items():
        slaves = tmp_path / "devices" / upper / "slaves"
        slaves.mkdir()
        for place in lower.split():
            (slaves / Path(place).name).symlink_to(tmp_path / "devices" / place)
    return folder


@pytest.mark.parametrize(
    ("number", "disks"),
    [
        ("259:3", {"nvme0n1"}),
        ("254:1", {"nvme0n1"}),
        ("259:9", {"sda", "sdb"}),
        ("8:1", {"sda"}),
        ("8:33", {"sdc"}),
        ("0:42", set()),
    ],
)
def test_a_device_is_on_the_disks_at_the_bottom(number: str, disks: set[str], block: Path) -> None:
    major, minor = map(int, number.split(":"))
    assert disks_of(os.makedev(major, minor), block) == disks


def test_btrfs_has_a_number_of_its_own_and_is_known_by_its_device(
    block: Path, tmp_path: Path
) -> None:
    """As on Fedora and openSUSE: the number in /proc/self/mountinfo is no device's."""
    table = tmp_path / "mountinfo"
    table.write_text(
        "26 1 0:23 /root / rw,relatime shared:1 - btrfs /dev/null rw,subvol=/root\n"
        f"27 26 8:33 / {tmp_path}/a\\040card rw - vfat /dev/sdc1 rw\n"
        "28 26 0:50 / /net rw - nfs4 10.0.0.2:/home rw\n"
    )
    root, card, net = mounts(table)
    (block / "1:3").symlink_to(tmp_path / "devices/sda/sda1")
    assert disks_of_mount(root, block) == {"sda"}
    assert disks_of_mount(card, block) == {"sdc"}
    assert card.place == f"{tmp_path}/a card"
    assert disks_of_mount(net, block) == set()
    assert disks_of_mount(Mount(0, "/x", "btrfs", "/dev/gone"), block) == set()
