"""The screen as a file."""

from pathlib import Path

import pytest

from base.audit import Audit
from tests.tui.console.running import console


async def test_the_screen_is_dumped_where_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with console(tmp_path, (160, 48)) as running:
        await running.press("ctrl+s")
        await running.until(lambda: bool(running.toasts))
        [file] = (tmp_path / "data" / "squarm" / "screens").iterdir()
        assert str(file) in running.toasts[0]
        assert file.stat().st_mode & 0o777 == 0o600
        drawing = file.read_text("utf-8")
        assert drawing.startswith("<svg")
        assert "mols10-3fa2c1" in drawing
        [entry] = Audit().read(1)
        assert (entry.what, entry.target, entry.result) == ("write file", str(file), "done")


async def test_read_only_writes_no_dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with console(tmp_path, read_only=True) as running:
        await running.press("ctrl+s")
        assert "--read-only refuses this: it writes a file." in running.toasts[0]
        assert not (tmp_path / "data" / "squarm" / "screens").exists()


async def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with console(tmp_path, (160, 48)) as running:
        folder = tmp_path / "data" / "squarm"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "screens").write_text("not a folder", "utf-8")
        await running.press("ctrl+s")
        await running.until(lambda: bool(running.toasts))
        assert "The screen cannot be written to" in running.toasts[0]
