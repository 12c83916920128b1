"""What is shown goes to a file of the user's, whole or not at all."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import StoreError, UsageError
from operations.files import write
from operations.operation import Door
from tests.operations.agreeing import AgreeingUser


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_file_that_cannot_be_written_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(AgreeingUser(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))

    file = tmp_path / "table.csv"
    on_the_disk = os.fsync

    def full(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().name.startswith(f".{file.name}."):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        on_the_disk(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(UsageError, match="cannot be written: No space left"):
            await door.perform(write(file, lambda: "a,b"))
    assert names(tmp_path) == {"audit.jsonl"}
    await door.perform(write(file, lambda: "a,b"))
    file.chmod(0o640)
    await door.perform(write(file, lambda: "c,d"))
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("c,d", 0o640)


@pytest.mark.parametrize("there", [None, "before"])
async def test_what_comes_piece_by_piece_is_there_whole_or_as_it_was(
    tmp_path: Path, there: str | None
) -> None:
    door = Door(AgreeingUser(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    file = tmp_path / "all.jsonl"
    if there:
        file.write_text(there)

    def pieces(ending: Exception | None) -> Iterator[str]:
        yield "a\n" * 100_000
        if ending:
            raise ending
        yield "b\n"

    with pytest.raises(StoreError):
        await door.perform(write(file, lambda: pieces(StoreError("The card is gone."))))
    assert (file.read_text() if file.exists() else None) == there
    await door.perform(write(file, lambda: pieces(None)))
    assert file.read_text() == "a\n" * 100_000 + "b\n"
    assert names(tmp_path) == {"all.jsonl", "audit.jsonl"}


async def test_what_has_come_to_be_meanwhile_stays(tmp_path: Path) -> None:
    door = Door(AgreeingUser(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))
    file = tmp_path / "all.jsonl"
    writing = write(file, lambda: "new")
    file.write_text("another's")
    with pytest.raises(UsageError, match="it stays as it is"):
        await door.perform(writing)
    assert file.read_text() == "another's"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.symlink_to("elsewhere"), "is a link, a pipe or a device"),
        (os.mkfifo, "is a link, a pipe or a device"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
)
def test_only_a_file_is_replaced(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "all.jsonl"
    make(path)
    kind = path.lstat().st_mode
    with pytest.raises(UsageError, match=said):
        write(path, lambda: "a")
    assert path.lstat().st_mode == kind
    for bad in (path.parent / "no" / "all.jsonl", path.parent / f"{'a' * 300}.jsonl"):
        with pytest.raises(UsageError):
            write(bad, lambda: "a")
