"""What is shown goes to a file of the user's, whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import UsageError
from operations.files import write
from operations.operation import Door
from tests.operations.agreeing import AgreeingUser


async def test_a_file_that_cannot_be_written_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(AgreeingUser(), read_only=False, audit=Audit(tmp_path / "audit.jsonl"))

    file = tmp_path / "table.csv"
    on_the_disk = os.fsync

    def full(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink() == file:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        on_the_disk(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(UsageError, match="cannot be written: No space left"):
            await door.perform(write(file, lambda: "a,b"))
    assert not file.exists()
    await door.perform(write(file, lambda: "a,b"))
    file.chmod(0o640)
    await door.perform(write(file, lambda: "c,d"))
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("c,d", 0o640)
