"""A card's boot partition, filled: folders, images made with mkfs.vfat, what first boots read."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from fleet.ssh.own_key import public_half
from operations import cards
from provision.card.partition import FatVolume, MountedFolder, find_partition, mounted_cards
from provision.card.settings import CardError, CardSettings, wifi
from provision.card.systems import CardSystem, files_for, system_of
from tests.fleet.pis import make_key
from tests.needs import need
from tests.provision.boot_partitions import (
    BOOKWORM,
    BULLSEYE,
    CARDS,
    COMMAND_LINE,
    FIRST_SECTOR,
    HOME,
    KEY,
    NASTY,
    SETTINGS,
    TRIXIE,
    UBUNTU,
    folder,
    image,
    names,
)


@pytest.mark.parametrize("system", CARDS)
def test_each_system_is_known_by_what_is_on_its_boot_partition(system: CardSystem) -> None:
    assert system_of(names(CARDS[system]), CARDS[system]) is system


@pytest.mark.parametrize("date", ["2023-10-10", "2025-10-01", "2026-04-13", "2026-06-18"])
def test_what_the_first_boot_reads_is_told_by_the_partition_and_by_no_date(date: str) -> None:
    """Bookworm's images, without cloud-init, still come out beside trixie's, with it."""
    for card, system in ((BOOKWORM, CardSystem.BOOKWORM), (TRIXIE, CardSystem.TRIXIE)):
        dated = {**card, "issue.txt": f"Raspberry Pi reference {date}\n"}
        assert system_of(names(dated), dated) is system


@pytest.mark.parametrize(
    ("issue", "told"), [(BULLSEYE["issue.txt"], "bookworm (its date is 2024-07-05), "), ("", "")]
)
def test_a_system_from_before_bookworm_is_refused_and_nothing_written(
    issue: str, told: str, tmp_path: Path
) -> None:
    """It mounts the boot partition elsewhere, and could be no node; its last image is of 2024."""
    partition = find_partition(folder(tmp_path, {**BULLSEYE, "issue.txt": issue}))
    with pytest.raises(CardError, match=r"from before bookworm.* too old for a node") as refused:
        cards.write(partition, SETTINGS)
    assert told in str(refused.value)
    assert {path.name for path in tmp_path.iterdir()} == set(BULLSEYE)


@pytest.mark.parametrize("card", [{}, {"config.txt": ""}, {"config.txt": "", "cmdline.txt": "x"}])
def test_what_is_no_boot_partition_of_a_known_system_is_refused(card: dict[str, str]) -> None:
    with pytest.raises(CardError, match="Raspberry Pi"):
        system_of(names(card), card)


@pytest.mark.parametrize("system", [CardSystem.TRIXIE, CardSystem.UBUNTU])
def test_cloud_init_reads_what_was_asked_for(system: CardSystem) -> None:
    files = files_for(system, SETTINGS, CARDS[system])
    assert files["user-data"].startswith("#cloud-config\n")
    said = yaml.safe_load(files["user-data"])
    assert (said["hostname"], said["timezone"]) == ("pi-a1b2c3", "Europe/Berlin")
    assert said["apt"]["preserve_sources_list"] is True
    (user,) = said["users"]
    assert (user["name"], user["ssh_authorized_keys"]) == ("pi", [KEY])
    assert "NOPASSWD" in user["sudo"]
    access = yaml.safe_load(files["network-config"])["network"]["wifis"]["wlan0"]["access-points"]
    assert list(access) == [NASTY]
    assert yaml.safe_load(files["meta-data"])["instance-id"].startswith("squarm-pi-a1b2c3-")


@pytest.mark.parametrize("system", CARDS)
def test_the_command_line_stays_one_line_and_gains_each_word_once(system: CardSystem) -> None:
    card = dict(CARDS[system])
    place = next(name for name in card if name.endswith("cmdline.txt"))
    for _ in range(2):
        card[place] = files_for(system, SETTINGS, card)[place]
    words = card[place].split()
    assert card[place].count("\n") == 1
    assert len(words) == len(set(words))
    assert {"cgroup_enable=memory", "cfg80211.ieee80211_regdom=DE"} <= set(words)
    assert "cgroup_disable=memory" not in words
    assert words[0] == "console=serial0,115200"
    assert ("systemd.run=/boot/firmware/firstrun.sh" in words) is (system is CardSystem.BOOKWORM)


def test_what_imager_or_a_person_left_beside_the_command_line_goes() -> None:
    """cloud-init believes Imager's mark, and did nothing on a Pi that had started with it."""
    mark = "ds=nocloud;i=rpi-imager-1786770245730"
    card = {**TRIXIE, "cmdline.txt": f"{COMMAND_LINE} {mark}\r\n# root=/dev/sda2 quiet\r\n"}
    words = files_for(CardSystem.TRIXIE, SETTINGS, card)["cmdline.txt"].split()
    assert words[:3] == COMMAND_LINE.split()[:3]
    assert not {mark, "#", "root=/dev/sda2", "quiet"} & set(words)


def test_bookworms_first_run_says_it_all_and_takes_itself_away(tmp_path: Path) -> None:
    files = files_for(CardSystem.BOOKWORM, SETTINGS, BOOKWORM)
    boot, sudoers, told = tmp_path / "boot", tmp_path / "sudoers.d", tmp_path / "told"
    sudoers.mkdir()
    for program in ("imager_custom", "userconf"):
        stand_in = tmp_path / program
        stand_in.write_text(f"#!/bin/sh\nprintf '[%s]' \"$@\" >>{told}\n")
        stand_in.chmod(0o755)
    folder(boot, {name: text for name, text in files.items() if text})
    script = (boot / "firstrun.sh").read_text()
    for place, here in (
        ("/usr/lib/raspberrypi-sys-mods", tmp_path),
        ("/usr/lib/userconf-pi", tmp_path),
        ("/boot/firmware", boot),
        ("/etc/sudoers.d", sudoers),
    ):
        script = script.replace(place, str(here))
    subprocess.run(["sh", "-eu", "-c", script], check=True)
    assert told.read_text() == (
        f"[set_hostname][pi-a1b2c3][enable_ssh][-k][{KEY}][pi][*]"
        f"[set_wlan][{NASTY}][{HOME.psk}][DE][set_timezone][Europe/Berlin]"
    )
    assert (sudoers / "010_squarm").read_text() == "pi ALL=(ALL) NOPASSWD: ALL\n"
    assert not (boot / "firstrun.sh").exists()
    left = (boot / "cmdline.txt").read_text()
    assert "systemd." not in left
    assert "cgroup_enable=memory" in left


def test_only_what_wpa_makes_of_the_password_goes_to_the_card() -> None:
    known = wifi("IEEE", "password", "DE")  # the standard's own example
    assert known.psk == "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"
    assert known.psk not in repr(known)
    for system, card in CARDS.items():
        assert "s3cret pw" not in "".join(files_for(system, SETTINGS, card).values())


@pytest.mark.parametrize(
    "bad",
    [
        {"hostname": "Pi 1"},
        {"hostname": "localhost"},
        {"user": "root"},
        {"user": "docker"},
        {"user": "pi; reboot"},
        {"key": "ssh-ed25519 AAAA\nruncmd: [reboot]"},
        {"country": "DEU"},
        {"time_zone": "../../etc/shadow"},
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(bad: dict[str, str]) -> None:
    good = CardSettings("pi1", "pi", KEY)
    with pytest.raises(CardError) as refused:
        replace(good, **bad)  # type: ignore[arg-type]
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("country", "hint"),
    [("UK", "did you mean GB?"), ("FRANCE", "did you mean FR?"), ("DEU", "two letters, as in DE")],
)
def test_a_country_that_would_leave_wifi_off_is_refused(country: str, hint: str) -> None:
    """Raspberry Pi OS takes none but those of iso3166.tab."""
    for ask in (
        lambda: wifi("Home", "password", country),
        lambda: CardSettings("pi1", "pi", KEY, country),
    ):
        with pytest.raises(CardError, match=f"'{country}' is no country's code: ") as refused:
            ask()
        assert hint in str(refused.value)
        assert refused.value.field == "country"


@pytest.mark.parametrize(
    ("link", "text", "zone"),
    [
        ("/usr/share/zoneinfo/Europe/Berlin", None, "Europe/Berlin"),
        ("../usr/share/zoneinfo/Asia/Tokyo", "Europe/Berlin\n", "Asia/Tokyo"),
        (None, "Europe/Berlin\n", "Europe/Berlin"),
        ("/usr/share/zoneinfo/Mars/Olympus", "nowhere in particular", "Etc/UTC"),
        (None, None, "Etc/UTC"),
    ],
)
def test_the_time_zone_is_this_machines(
    link: str | None, text: str | None, zone: str, tmp_path: Path
) -> None:
    """Debian 13, Fedora and others have a link and no /etc/timezone."""
    if link:
        (tmp_path / "localtime").symlink_to(link)
    if text:
        (tmp_path / "timezone").write_text(text)
    assert cards.own_time_zone(tmp_path) == zone


def test_in_a_folder_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    partition = find_partition(folder(tmp_path, TRIXIE))
    assert isinstance(partition, MountedFolder)
    partition.write(files_for(CardSystem.TRIXIE, SETTINGS, partition.texts()))
    for name in ("user-data", "network-config"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "config.txt").read_text() == TRIXIE["config.txt"]
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.parametrize("system", CARDS)
def test_in_an_image_nothing_but_the_boot_partition_changes(
    system: CardSystem, tmp_path: Path
) -> None:
    path = image(tmp_path / "card.img", CARDS[system], tmp_path)
    before = path.read_bytes()
    partition = find_partition(path)
    assert isinstance(partition, FatVolume)
    texts = partition.texts()
    assert system_of(partition.names(), texts) is system
    files = files_for(system, SETTINGS, texts)
    partition.write(files)
    after = path.read_bytes()
    start = FIRST_SECTOR * 512
    end = start + 16384 * 1024
    assert len(after) == len(before)
    assert (after[:start], after[end:]) == (before[:start], before[end:])
    for name, text in files.items():
        target = ["mtype", "-i", f"{path}@@{start}", f"::/{name}"]
        assert subprocess.run(target, capture_output=True, check=True).stdout == text.encode()


def test_where_not_all_of_it_can_be_written_nothing_is(tmp_path: Path) -> None:
    card = tmp_path / "bootfs"
    partition = find_partition(folder(card, TRIXIE))
    with pytest.raises(CardError, match="cannot be written"):
        partition.write({"user-data": "new", "no/such/folder": ""})
    assert {path.name: path.read_text() for path in card.iterdir()} == TRIXIE
    path = image(tmp_path / "card.img", TRIXIE, tmp_path)
    volume = find_partition(path)
    target = f"{path}@@{FIRST_SECTOR * 512}"
    for number, size in enumerate((1 << 20, 1 << 14, 512)):
        file = tmp_path / f"{number}.txt"
        file.write_bytes(bytes(size))
        fill = (f"mcopy -i '{target}' {file} ::/{number}-{place}" for place in range(99))
        subprocess.run(["sh", "-c", " && ".join(fill)], capture_output=True, check=False)
    names, texts = volume.names(), volume.texts()
    with pytest.raises(CardError, match="make room on the boot partition"):
        volume.write(files_for(CardSystem.TRIXIE, SETTINGS, texts))
    assert (volume.names(), volume.texts()) == (names, texts)


def test_names_in_capitals_and_a_path_of_any_characters_will_do(tmp_path: Path) -> None:
    """FAT knows no case, and mtools takes some characters of a path for its own."""
    shouted = {name.upper() if name.endswith(".txt") else name: TRIXIE[name] for name in TRIXIE}
    for place in (
        folder(tmp_path / "card", TRIXIE | {"Config.TXT": ""}),
        image(tmp_path / 'a@@512 b: "c".img', shouted, tmp_path),
    ):
        partition = find_partition(place)
        assert cards.write(partition, SETTINGS).caution is not None


@pytest.mark.parametrize("start", [b"\xfd7zXZ\0", b"PK\x03\x04", b"\x1f\x8b\x08"])
def test_an_image_that_is_packed_is_told_as_that(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "raspios.img"
    path.write_bytes(start + os.urandom(4096))
    with pytest.raises(CardError, match="unpack it first"):
        find_partition(path)


def test_the_boot_partition_need_not_be_the_first_of_its_table(tmp_path: Path) -> None:
    path = image(tmp_path / "card.img", TRIXIE, tmp_path)
    table = bytearray(path.read_bytes()[: 34 * 512])
    table[446:510] = bytes(4) + b"\xee" + bytes(59)
    table[512:1024] = b"EFI PART" + bytes(64) + struct.pack("<QII", 2, 128, 128) + bytes(424)
    for place, first in ((1024, 40), (1152, FIRST_SECTOR)):
        table[place : place + 48] = os.urandom(32) + struct.pack("<QQ", first, first + 100)
    with path.open("r+b") as file:
        file.write(table)
    assert "config.txt" in find_partition(path).names()


def test_what_has_no_boot_partition_is_refused_and_left_alone(tmp_path: Path) -> None:
    for content in (b"", os.urandom(4096), bytes(510) + b"\x55\xaa" + bytes(4096)):
        path = tmp_path / "some.img"
        path.write_bytes(content)
        with pytest.raises(CardError):
            find_partition(path)
        assert path.read_bytes() == content
    for place in (Path("/boot"), Path("/"), tmp_path / "nowhere", Path("/dev/null")):
        with pytest.raises(CardError):
            find_partition(place)


@contextmanager
def loop_device(path: Path) -> Iterator[Path]:
    """A device that is a file of ours."""
    if os.geteuid() != 0:
        need("a loop device needs root")
    told = ["losetup", "--find", "--show", str(path)]
    made = subprocess.run(told, capture_output=True, text=True, check=False)
    if made.returncode:
        need("there are no loop devices here")
    device = Path(made.stdout.strip())
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", device], check=False)


def test_a_device_is_written_and_one_that_is_mounted_is_refused(tmp_path: Path) -> None:
    with loop_device(image(tmp_path / "card.img", TRIXIE, tmp_path)) as device:
        partition = find_partition(device)
        partition.write(files_for(CardSystem.TRIXIE, SETTINGS, partition.texts()))
        assert "cgroup_enable=memory" in partition.texts()["cmdline.txt"]
    system, place = tmp_path / "system.img", tmp_path / "mounted"
    place.mkdir()
    system.write_bytes(bytes(8 << 20))
    subprocess.run(["/usr/sbin/mkfs.ext4", "-q", system], check=True)
    with loop_device(system) as device:
        subprocess.run(["mount", device, place], check=True)
        try:
            # The image itself as well: what the system keeps of it would go over what is written.
            for named in (device, system):
                with pytest.raises(CardError, match=f"is mounted at {place}"):
                    find_partition(named)
        finally:
            subprocess.run(["umount", place], check=True)


def test_a_card_that_is_mounted_is_offered_and_nothing_else(tmp_path: Path) -> None:
    card = folder(tmp_path / "Jürgens card", TRIXIE)
    folder(tmp_path / "disk", TRIXIE)
    folder(tmp_path / "camera", {"DCIM/1.txt": ""})
    told = str(card).replace(" ", r"\040")
    table = tmp_path / "mountinfo"
    table.write_text(
        f"36 25 8:17 / {told} rw,nosuid shared:26 - vfat /dev/sdb1 rw,errors=remount-ro\n"
        f"37 25 8:33 / {tmp_path}/camera rw - vfat /dev/sdc1 rw\n"
        f"38 25 8:49 / {tmp_path}/disk rw shared:1 master:2 - ext4 /dev/sdd1 rw\n"
        f"39 25 8:65 / {tmp_path}/pulled-out rw - vfat /dev/sde1 rw\n"
        # The system does not let us look at it at all.
        f"39 25 8:81 / {tmp_path}/{'x' * 300} rw - vfat /dev/sdf1 rw\n"
        "40 25 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n"
    )
    assert mounted_cards(table) == (card,)


def test_the_question_names_the_partition_and_all_that_is_written(tmp_path: Path) -> None:
    partition = find_partition(folder(tmp_path, TRIXIE))
    caution = cards.write(partition, SETTINGS).caution
    assert caution is not None
    for told in ("user-data", "network-config", "cmdline.txt", str(tmp_path)):
        assert told in caution.question
    assert "trixie" in caution.consequence


async def test_only_the_card_that_was_shown_is_written(tmp_path: Path) -> None:
    """While the question stands: another card, or none, whose folder is this machine's then."""

    for number, place in enumerate(
        (folder(tmp_path / "bootfs", TRIXIE), image(tmp_path / "card.img", TRIXIE, tmp_path))
    ):
        asked = cards.write(find_partition(place), SETTINGS)
        room = tmp_path / str(number)
        room.mkdir()
        put_away = place.rename(room / "first")
        another = {**TRIXIE, "cmdline.txt": "console=tty1 root=PARTUUID=9-02 rootwait\n"}
        if place.suffix:
            image(place, another, room)
        else:
            folder(place, another)
        before = find_partition(place).texts()
        with pytest.raises(CardError, match="is not what it was when you were asked"):
            await asked.work(lambda _: None)
        assert find_partition(place).texts() == before
        if place.is_dir():
            shutil.rmtree(place)
            place.mkdir()
            with pytest.raises(CardError, match="is not what it was"):
                await asked.work(lambda _: None)
            assert not list(place.iterdir())
            place.rmdir()
        put_away.replace(place)
        await asked.work(lambda _: None)
        assert "cgroup_enable=memory" in find_partition(place).texts()["cmdline.txt"]


def test_the_verb_writes_with_squarms_own_key_and_says_what_comes_next(tmp_path: Path) -> None:
    boot, home = folder(tmp_path / "bootfs", UBUNTU), tmp_path / "home"
    make_key(tmp_path / "key")
    words = ["card", "write", str(boot), "--name", "pi-1", "--yes", "--key", str(tmp_path / "key")]
    words += ["--wifi", "Home", "--wifi-password-stdin", "--country", "de", "--user", "eva"]
    done = subprocess.run(
        [sys.executable, "-m", "tui", *words],
        input="password of home\n",
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"squarm provision pi-1 --user eva --key {tmp_path / 'key'}\n" in done.stderr
    said = yaml.safe_load((boot / "user-data").read_text())
    assert said["users"][0]["ssh_authorized_keys"] == [public_half(tmp_path / "key")]
    assert "cgroup_enable=memory" in (boot / "current/cmdline.txt").read_text()
    digest = hashlib.pbkdf2_hmac("sha1", b"password of home", b"Home", 4096, 32).hex()
    assert digest in (boot / "network-config").read_text()
    assert "password of home" not in done.stdout + done.stderr
