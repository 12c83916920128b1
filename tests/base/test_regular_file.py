"""What squarm reads by itself is a regular file: nothing else in its place holds it up."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from base import regular_file
from base.audit import Audit
from base.errors import SquarmError
from base.redaction import Redactor
from chat.outbox.outbox import Outbox
from chat.settings import load
from fleet import watch_list
from fleet.ssh.host_keys import KnownHosts
from fleet.ssh.own_key import is_locked, problem_with
from provision import inventory_file
from results.store import Store
from serve import health
from swarm.docker.loading.layout import opened as opened_image
from tui import settings


def _image(path: Path) -> object:
    with opened_image([path], lambda: True):
        return None


READERS: dict[str, Callable[[Path], object]] = {
    "settings": settings.read,
    "audit log": lambda path: Audit(path).read(9),
    "results": Store.open,
    "outbox": lambda path: Outbox.open(Redactor(), path),
    "slack": load,
    "inventory": inventory_file.read,
    "machines": watch_list.load,
    "host keys": lambda path: KnownHosts(path).read(),
    "image": _image,
}


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    # Which never comes to an end.
    path.symlink_to("/dev/zero")


KINDS = [pipe, device, Path.mkdir]


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("reader", READERS)
def test_one_sentence_for_what_is_no_file(
    reader: str, make: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "it"
    make(path)
    with pytest.raises(SquarmError) as refused:
        READERS[reader](path)
    assert str(refused.value).startswith((str(path), "The "))
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_a_key_that_is_no_file_is_none(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "key")
    assert not is_locked(tmp_path / "key")
    assert problem_with(tmp_path / "key", None).startswith("There is no key file")


def test_the_health_of_a_daemon_is_read_from_a_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    health.path().parent.mkdir()
    pipe(health.path())
    with pytest.raises(SquarmError, match="cannot be read"):
        health.read()


def test_nothing_is_left_open(tmp_path: Path) -> None:
    pipe(tmp_path / "pipe")
    descriptors = Path("/proc/self/fd")
    before = len([*descriptors.iterdir()])
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match=r"Is a directory|Not a regular file"):
            regular_file.opened(path)
    assert len([*descriptors.iterdir()]) == before


def test_the_null_device_is_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "none").symlink_to("/dev/null")
    assert regular_file.read_bytes(tmp_path / "none", 100) == b""
