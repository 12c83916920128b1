"""Versions side by side: the link leads to one or the other, and a power cut hides no trial."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from serve.upgrade.release import UpgradeError, Wheel
from serve.upgrade.versions import NotRun, Versions


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    for name in ("1.0-a", "1.1-b", "1.2-c"):
        (tmp_path / "versions" / name).mkdir(parents=True)
        (tmp_path / "versions" / name / "what").write_text(name)
    return Versions(tmp_path)


def test_the_link_leads_to_one_or_the_other(versions: Versions) -> None:
    assert versions.current == ""
    versions.use("1.0-a")
    versions.begin("1.1-b")
    assert (versions.current, versions.on_trial) == ("1.1-b", "1.0-a")
    assert (versions.root / "current/what").read_text() == "1.1-b"
    # Whoever looks after a power cut knows what to go back to.
    assert Versions(versions.root).on_trial == "1.0-a"
    versions.use("1.0-a")
    versions.end_trial()
    assert (versions.current, versions.on_trial) == ("1.0-a", "")
    versions.remove_but({"1.0-a", "1.1-b"})
    assert {one.name for one in (versions.root / "versions").iterdir()} == {"1.0-a", "1.1-b"}


def test_what_was_gone_back_from_is_remembered(versions: Versions) -> None:
    versions.note(NotRun("1.1-b", "It ends."))
    assert Versions(versions.root).not_run == NotRun("1.1-b", "It ends.")
    versions.note(None)
    assert Versions(versions.root).not_run is None
    (versions.root / "not-run.json").write_text('{"version": 7')
    assert versions.not_run is None


def wheel_of(version: str) -> tuple[Wheel, bytes]:
    """A squarm that says which it is, and needs nothing."""
    name = f"squarm-{version}"
    files = {
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: squarm\nVersion: {version}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
        "which.py": f"print({version!r})\n",
        f"which_{version.replace('.', '_')}.py": "",
        f"{name}.data/data/share/squarm/requirements/run.txt": "",
        f"{name}.data/data/share/squarm/packaging/install-locked": 'touch "$1/locked"\n',
    }
    record = f"{name}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in (*files, record))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for path, text in files.items():
            opened.writestr(path, text)
    return Wheel(f"{name}-py3-none-any.whl", version * 3, Version(version)), packed.getvalue()


@pytest.mark.slow
def test_a_version_is_whole_by_itself_and_links_what_is_the_same(tmp_path: Path) -> None:
    versions = Versions(tmp_path)

    def says(wheel: Wheel, module: str = "which") -> str:
        python = versions.folder(wheel.folder) / "bin/python"
        done = subprocess.run([python, "-m", module], capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.strip().rpartition(": ")[2]

    old, content = wheel_of("1.0")
    versions.install(old, content)
    versions.use(old.folder)
    new, content = wheel_of("1.1")
    versions.install(new, content)
    assert (says(old), says(new)) == ("1.0", "1.1")
    assert says(new, "which_1_1") == ""
    assert says(new, "which_1_0") == "No module named which_1_0"
    # The second found what it needs with the first.
    locked = [versions.folder(one.folder) / "locked" for one in (old, new)]
    assert [each.exists() for each in locked] == [True, False]
    scripts = (versions.folder(new.folder) / "bin").glob("pip*")
    assert any(str(versions.folder(new.folder)) in script.read_text() for script in scripts)
    assert not any(str(versions.folder(old.folder)) in script.read_text() for script in scripts)
    # What is no wheel leaves nothing behind.
    with pytest.raises(UpgradeError, match="is no wheel of squarm"):
        versions.install(Wheel("squarm-2-py3-none-any.whl", "2" * 64, Version("2")), b"nonsense")
    assert not list((tmp_path / "versions").glob("2-*"))
    assert says(old) == "1.0"
