"""packaging/system-packages beside another apt: real apt and dpkg, in a root of their own."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "system-packages"
LISTS, DPKG = "var/lib/apt/lists/lock", "var/lib/dpkg/lock-frontend"
FOLDERS = (
    *("etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d", "packages"),
    *("var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt"),
    *("var/lib/dpkg/info", "var/lib/dpkg/updates"),
)
WANTED = ("python3-venv", "python3-dev")
"""What the script wants where Python is one that can do nothing."""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("apt-get") is None, reason="needs root and apt"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where apt and dpkg work, with a repository that has the wanted packages."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").touch()
    for name in WANTED:
        control = tmp_path / name / "DEBIAN" / "control"
        control.parent.mkdir(parents=True)
        control.write_text(
            f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: b\n"
        )
        run("dpkg-deb", "--build", str(tmp_path / name), str(tmp_path / "packages"))
    source = f"deb [trusted=yes] copy:{tmp_path}/packages ./\n"
    (tmp_path / "etc/apt/sources.list").write_text(source)
    index(tmp_path)
    (tmp_path / "apt.conf").write_text(
        f'Dir "{tmp_path}";\nDir::State::status "{tmp_path}/var/lib/dpkg/status";\n'
        f'APT::Sandbox::User "root";\nDPkg::Options {{"--root={tmp_path}";"--force-not-root";}};\n'
    )
    return tmp_path


def index(root: Path) -> None:
    """Write what the repository says it has."""
    entries = []
    for package in sorted((root / "packages").glob("*.deb")):
        control = run("dpkg-deb", "--field", str(package)).strip()
        digest = run("sha256sum", str(package)).split()[0]
        size = package.stat().st_size
        entries.append(f"{control}\nFilename: ./{package.name}\nSize: {size}\nSHA256: {digest}\n")
    (root / "packages" / "Packages").write_text("\n".join(entries))


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def install(root: Path) -> Iterator[subprocess.Popen[str]]:
    """The script at work in that root."""
    told = {**os.environ, "APT_CONFIG": str(root / "apt.conf"), "PYTHON": "/bin/false"}
    with subprocess.Popen(
        [SCRIPT, "run"], env=told, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as script:
        yield script


def installed(root: Path) -> str:
    return (root / "var/lib/dpkg/status").read_text()


@pytest.mark.parametrize("lock", [LISTS, DPKG])
def test_it_waits_for_another_apt_and_says_for_what(root: Path, lock: str) -> None:
    with (root / lock).open("w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)  # as apt holds it
        with install(root) as script:
            assert script.stdout is not None
            assert script.stdout.readline() == f"Installing with apt: {' '.join(WANTED)}\n"
            said = script.stdout.readline()
            assert said.startswith("Waiting for another apt to end, up to 15 minutes: ")
            assert f"{root / lock}. It is held by process {os.getpid()} " in said
            assert script.poll() is None
            fcntl.lockf(held, fcntl.LOCK_UN)
            assert script.stdout.read() == ""
            assert script.wait() == 0
    assert all(f"Package: {name}\n" in installed(root) for name in WANTED)


def test_another_failure_is_said_as_apt_says_it(root: Path) -> None:
    for package in (root / "packages").glob("python3-dev*.deb"):
        package.unlink()
    index(root)
    with install(root) as script:
        said, _ = script.communicate()
    assert "E: Unable to locate package python3-dev\n" in said
    assert "Please install:  sudo apt install python3-venv python3-dev\n" in said
    assert "Waiting" not in said
    assert script.returncode == 1
    assert "python3-venv" not in installed(root)
