"""Trusted keys and watched machines on disk, checked against OpenSSH's own tools."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.decision import NextStep, Patience, next_step
from fleet.endpoint import Endpoint
from fleet.machine import Contact, Identity, Machine
from fleet.ssh.connection import Login
from fleet.ssh.host_keys import HostKey, HostKeyError, KnownHosts, alias
from fleet.watch_list import Elsewhere, WatchList, WatchListError, WatchListFile, heard_since, load
from tests.fleet.pis import make_key, run

AT = Endpoint("10.0.0.7")


@pytest.fixture
def key(tmp_path: Path) -> HostKey:
    """A real key."""
    parsed = HostKey.parse(make_key(tmp_path / "key").with_suffix(".pub").read_text())
    assert parsed is not None
    return parsed


def test_the_fingerprint_is_openssh_s(tmp_path: Path, key: HostKey) -> None:
    assert run("ssh-keygen", "-l", "-f", str(tmp_path / "key")).split()[1] == key.fingerprint


@pytest.mark.parametrize(
    "text", ["", "ssh-ed25519", "ssh-ed25519 ####", "ssh-rsa AAAA", "a b c", "\x00"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert HostKey.parse(text) is None


def test_openssh_reads_the_file(tmp_path: Path, key: HostKey) -> None:
    known = KnownHosts(tmp_path / "data" / "known_hosts")
    known.trust("abc12345", key)
    known.trust("other", key)
    found = run("ssh-keygen", "-F", alias("abc12345"), "-f", str(known.path))
    assert str(key) in found
    known.forget("abc12345")
    assert known.read() == {"other": key}


def test_foreign_lines_stay_and_a_new_key_replaces_the_old(tmp_path: Path, key: HostKey) -> None:
    path = tmp_path / "known_hosts"
    path.write_bytes(b"# mine \xff\n10.0.0.9 ssh-rsa AAAA\nsquarm-\n|1|x|y ssh-rsa AAAA\n")
    before = path.read_bytes()
    known = KnownHosts(path)
    other = HostKey.parse(make_key(tmp_path / "other").with_suffix(".pub").read_text())
    assert other is not None
    known.trust("pi", key)
    known.trust("pi", other)
    assert known.read() == {"pi": other}
    assert path.read_bytes() == before + f"squarm-pi {other}\n".encode()
    assert path.stat().st_mode & 0o077 == 0


def test_many_writers_lose_nothing(tmp_path: Path, key: HostKey) -> None:
    path = tmp_path / "known_hosts"

    def work(start: int) -> None:
        for number in range(start, start + 10):
            KnownHosts(path).trust(f"pi{number}", key)

    threads = [threading.Thread(target=work, args=(10 * n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(KnownHosts(path).read()) == 50
    assert sorted(each.name for each in tmp_path.glob(".known_hosts.*")) == [".known_hosts.lock"]


def test_an_id_cannot_smuggle_a_line(tmp_path: Path, key: HostKey) -> None:
    with pytest.raises(ValueError, match="no Pi's id"):
        KnownHosts(tmp_path / "k").trust("x\n* ", key)


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path, key: HostKey) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostKeyError, match="XDG_DATA_HOME"):
        KnownHosts(tmp_path / "file" / "known_hosts").trust("pi", key)


def machine(key: HostKey | None = None) -> Machine:
    """A machine that was watched."""
    return Machine(
        id="abc",
        first_seen=1.0,
        endpoints=(AT, Endpoint("10.0.0.8", 2222)),
        announced="raspberrypi-2",
        macs=("b8:27:eb:00:00:01",),
        identity=Identity("s1", "m1", "b1", "Raspberry Pi 4", "raspberrypi"),
        key=key,
        heard=5.0,
        alive=5.0,
        contact=Contact.SILENT,
        contact_since=5.0,
        watched=True,
    )


def test_watched_machines_come_back_as_they_were(tmp_path: Path, key: HostKey) -> None:
    path = tmp_path / "data" / "pis.json"
    file = WatchListFile(path, read_only=False)
    assert file.load() == WatchList()
    file.save([machine(key), Machine("fleeting", 1.0, ())], ["kitchen"])
    assert load(path) == WatchList((machine(key),), ("kitchen",))
    file.forget("abc")
    file.save([machine(key)], [])
    assert load(path) == WatchList()


def test_where_machines_were_met_of_late(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    gone = replace(machine(), id="def", endpoints=())
    WatchListFile(None, read_only=False).save([machine(), gone], [])
    assert heard_since(4.0) == {"abc": AT}
    assert heard_since(5.0) == {}


def test_what_another_squarm_has_done_is_not_undone(tmp_path: Path) -> None:
    path = tmp_path / "pis.json"
    console, command = (WatchListFile(path, read_only=False) for _ in range(2))
    here, there = machine(), replace(machine(), id="def")
    console.save([here], ["kitchne", "attic"])
    command.load()
    assert not command.changed_elsewhere
    command.forget("abc")
    command.save([there], ["attic", "cellar"])
    assert console.changed_elsewhere
    told = console.save([here], ["kitchne", "attic", "hall"])
    assert told == Elsewhere(frozenset({"abc"}), frozenset({"kitchne"}), frozenset({"cellar"}))
    assert load(path) == WatchList((there,), ("attic", "cellar", "hall"))
    # It has come back since, and is watched again.
    console.save([here], ["attic", "cellar", "hall"])
    assert {found.id for found in load(path).machines} == {"abc", "def"}


def test_a_login_that_was_given_to_another_squarm_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "pis.json"
    console, command = (WatchListFile(path, read_only=False) for _ in range(2))
    shut_out, let_in = machine(), replace(machine(), user="eva", approved=True)
    console.save([shut_out], [])
    command.load()
    command.save([let_in], [])
    assert console.look([shut_out]).changed == (let_in,)
    written = path.stat().st_mtime_ns
    assert not console.changed_elsewhere
    assert console.look([let_in]) == Elsewhere()
    assert path.stat().st_mtime_ns == written
    # Also where there is something of its own to be written.
    other = WatchListFile(path, read_only=False)
    assert other.save([replace(shut_out, announced="kitchen")], []).changed
    assert load(path).machines == (replace(let_in, announced="kitchen"),)
    # What it was told itself counts more.
    console.save([replace(let_in, user="adam")], [])
    assert load(path).machines[0].user == "adam"


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", '{"version": 2}', "[" * 3000])
def test_a_damaged_file_is_a_sentence_and_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pis.json"
    path.write_text(text)
    with pytest.raises(WatchListError):
        load(path)
    with pytest.raises(WatchListError):
        WatchListFile(path, read_only=False).save([machine()], [])
    assert path.read_text() == text


def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    path = tmp_path / "pis.json"
    file = WatchListFile(path, read_only=False)
    file.save([machine(), replace(machine(), id="def")], [])
    path.rename(tmp_path / "aside")
    path.mkdir()
    file.forget("abc")
    with pytest.raises(WatchListError):
        file.save([replace(machine(), id="def")], [])
    path.rmdir()
    (tmp_path / "aside").rename(path)
    assert file.changed
    file.save([replace(machine(), id="def")], [])
    assert [found.id for found in load(path).machines] == ["def"]


def test_entries_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "pis.json"
    path.write_text(
        '{"version": 1, "names": [1, "a"], "pis": [1, {}, {"id": "../x"},'
        ' {"id": "ok",'
        ' "heard": "x", "addresses": [["::", 22], ["x", 1], ["10.0.0.7", 99999],'
        ' ["10.0.0.7", 22], 5],'
        ' "macs": ["zz"], "key": "ssh-rsa x", "first_seen": 1e300}]}'
    )
    (found,) = load(path).machines
    assert (found.id, found.endpoints, found.macs, found.key) == ("ok", (AT,), (), None)
    assert load(path).names == ("a",)


def test_what_comes_next(key: HostKey) -> None:
    keys, password = Login(), Login(password="secret")  # noqa: S106 - nobody's
    stranger = Machine("x", 1.0, (AT,), announced="printer")
    new = Machine("x", 1.0, (AT,), announced="raspberrypi", key=key)
    trusted = Machine("x", 1.0, (AT,), announced="raspberrypi", key=key, trusted=key)
    other = HostKey("ssh-ed25519", "AAAA")
    assert next_step(Machine("x", 1.0, ()), keys, None) is NextStep.REST
    assert next_step(stranger, keys, None) is NextStep.KNOCK
    assert (
        next_step(Machine("x", 1.0, (AT,), announced="raspberrypi"), keys, None)
        is NextStep.READ_KEY
    )
    assert next_step(new, None, None) is NextStep.KNOCK
    assert next_step(new, keys, None) is NextStep.TRUST
    assert next_step(new, password, None) is NextStep.KNOCK
    assert next_step(new, Login(password="x", offer_to_new=True), None) is NextStep.TRUST  # noqa: S106
    assert next_step(trusted, password, None) is NextStep.CONNECT
    assert next_step(trusted, password, password) is NextStep.KNOCK
    changed = Machine("x", 1.0, (AT,), announced="raspberrypi", key=other, trusted=key)
    assert next_step(changed, password, None) is NextStep.READ_KEY
    assert "secret" not in repr(password)


def test_waits_grow_and_are_spread() -> None:
    patience = Patience()
    waits = []
    for _ in range(30):
        waits.append(patience.wait(1.0))
        patience = patience.failed()
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.5, 30.0)
    assert patience.wait(0.0) == 15.0
