"""The user's own settings: taken where they are right, and told with their line where not."""

import stat
import sys
from pathlib import Path

import pytest

from base.audit import Audit
from base.errors import UsageError
from tests.tui.console.terminal import modes_left, terminal
from tui import settings
from tui.__main__ import main
from tui.console.actions import ACTIONS
from tui.console.panes.jobs import JobsPane
from tui.console.panes.node_sorts import SORTS
from tui.console.panes.nodes import NodesPane
from tui.console.panes.units import UnitsPane


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings are looked for."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "squarm" / "config.toml"
    path.parent.mkdir()
    return path


def test_what_is_printed_is_a_file_of_the_same_settings(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('[console]\nmouse = false\nframes = 20\n[keys]\nnew = ["n", "insert"]\n')
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    assert "mouse = false" in printed
    assert '# theme = "dark"' in printed
    before = settings.read()
    file.write_text(printed)
    assert settings.read() == before
    assert before.keys == {"new": ("n", "insert")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[console]\n\ntheme = "pink"\n', ":3: theme must be one of 'dark', 'light', 'contrast'"),
        ("[console]\nframes = 1000\n", ":2: frames must be a whole number, 5 to 120: 1000"),
        ("[console]\nmouse = 1\n", ":2: mouse must be true or false"),
        ("[console]\nmoose = true\n", ":2: 'moose' is no setting of [console]: it has theme"),
        ("[colours]\n", ":1: 'colours' is none of [columns], [console]"),
        ("x = 1\n", "'x' is none of"),
        ("[console\n", "is no TOML"),
        (f"[console]\nframes = {'1' * 5_000}\n", "is no TOML"),
        ('[keys]\nquit = "n"\n', ":2: n is the key of 'new job' (new), too."),
        ('[columns]\njobs = "job state cpu"\n', ":2: jobs must be some of job order state found"),
        ('[sort]\nnodes = "heat"\n', ":2: nodes must be one of role, name, state, cpu"),
        ('[keys]\nfly = "f"\n', ":2: 'fly' is no action"),
        ('[keys]\nnew = ["n", ""]\n', ":2: '' is no key: name one such as n, N, ctrl+n, f5"),
        ('[keys]\nnew = ","\n', ":2: ',' is no key"),
        ('[keys]\nnew = "crtl+n"\n', ":2: 'crtl+n' is no key"),
        ("[keys]\nnew = 5\n", ":2: 5 is no key"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    file: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        settings.read()
    assert f"{file}" in str(refused.value)
    assert told in str(refused.value)
    assert main(["config"]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_told_in_words(file: Path) -> None:
    file.write_bytes(b"[console]\n\xff")
    with pytest.raises(UsageError, match="is no text in UTF-8: byte 10 is not"):
        settings.read()
    file.unlink()
    file.mkdir()
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        settings.read()


def test_every_key_of_the_console_can_be_given_to_an_action(file: Path) -> None:
    keys = sorted({key for action in ACTIONS for key in action.keys})
    file.write_text(f"[keys]\nnosuch = {keys}\n")
    with pytest.raises(UsageError) as refused:
        settings.read()
    assert str(refused.value).count("'nosuch' is no action") == 1
    assert "is no key" not in str(refused.value)


def test_editing_begins_with_all_there_is_and_ends_with_a_check(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.rmdir()
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert main(["config", "edit"]) == 2
    assert "EDITOR is not set" in capsys.readouterr().err
    editor = file.parent.with_name("editor.py")
    editor.write_text(
        "import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n"
        "file.write_text(file.read_text().replace('# mouse = true', 'mouse = 3'))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {editor}")
    assert main(["config", "edit"]) == 2
    assert "mouse must be true or false" in capsys.readouterr().err
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert Audit().read(1)[0].result == "failed"
    editor.write_text(
        editor.read_text().replace("3'", "false'").replace("# mouse = true", "mouse = 3")
    )
    assert main(["config", "edit"]) == 0
    assert "as it should be" in capsys.readouterr().err
    (noted,) = Audit().read(1)
    assert (noted.what, noted.target, noted.result) == ("write file", str(file), "done")


def test_the_console_does_as_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "squarm" / "config.toml"
    file.parent.mkdir()
    file.write_text(
        '[console]\nmouse = false\ncolours = "none"\n[keys]\nnew = "Z"\n[job]\ncount = 77\n'
    )
    with terminal(tmp_path) as console:
        console.until(lambda shown: "No jobs yet" in shown and "Z new job" in shown)
        assert 1000 not in modes_left(console.output)
        assert b"[38;" not in console.output
        console.type("Z")
        console.until(lambda shown: "77" in shown and "how many pairs" in shown)


def test_a_console_with_a_mistake_in_its_settings_says_so_and_draws_nothing(tmp_path: Path) -> None:
    file = tmp_path / "squarm" / "config.toml"
    file.parent.mkdir()
    file.write_text("[console]\nmouse = 3\n")
    with terminal(tmp_path) as console:
        assert console.ended() == 2
        assert "mouse must be true or false" in " ".join(console.screen().split())


def test_the_settings_know_the_columns_and_sorts_of_each_table() -> None:
    columns = {
        "nodes": [column.name for column in NodesPane.columns],
        "jobs": [column.name for column in JobsPane.columns],
        "units": [column.name for column in UnitsPane.columns],
    }
    sorts = {
        "nodes": [name for name, _, _ in SORTS],
        "jobs": [name for name, _, _ in JobsPane.sorts],
        "units": [name for name, _, _ in UnitsPane.sorts],
    }
    for table in settings.TABLES:
        said = {s.table: s.help for s in settings.SETTINGS if s.name == table}
        assert said["columns"] == f"all, or some of {' '.join(columns[table])}"
        assert said["sort"] == f"{', '.join(sorts[table])}; with - turned"


SEPIA = 'base = "light"\nbackground = "#f4ecd8"\ncursor = "#dccfa8"\ntext = "#433422"\n'


def test_the_console_has_the_colours_of_a_theme_of_one_s_own(file: Path, tmp_path: Path) -> None:
    file.write_text('[console]\ntheme = "sepia"\ncolours = "true"\n')
    (file.parent / "themes").mkdir()
    (file.parent / "themes" / "sepia.toml").write_text(SEPIA)
    with terminal(tmp_path) as console:
        console.until(lambda shown: "No jobs yet" in shown)
        for colour in (b"48;2;244;236;216", b"38;2;67;52;34", b"38;2;175;0;95"):
            assert colour in console.output


@pytest.mark.parametrize(
    ("theme", "told"),
    [
        ('bass = "light"\n', "sepia.toml:1: 'bass' is no colour of a theme: it has base,"),
        ('base = "pink"\n', "sepia.toml:1: base must be one of dark, light, contrast"),
        ('base = "dark"\ntext = "white"\n', "sepia.toml:2: text must be such as '#10141b'"),
        # By `squarm config`, by its editing and by the console alike.
        (f'{SEPIA}quiet = "#cfc3a0"\n', "sepia.toml: quiet on cursor has a contrast of 1.1"),
        ("[[", "is no TOML"),
        (f"quiet = {'1' * 5_000}\n", "is no TOML"),
    ],
)
def test_a_theme_that_cannot_be_used_is_told_with_its_line(
    file: Path, theme: str, told: str
) -> None:
    file.write_text('[console]\ntheme = "sepia"\n')
    (file.parent / "themes").mkdir()
    (file.parent / "themes" / "sepia.toml").write_text(theme)
    with pytest.raises(UsageError) as refused:
        settings.read()
    assert told in str(refused.value)
