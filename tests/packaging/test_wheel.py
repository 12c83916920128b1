"""The built wheel in an environment of its own, used from a folder that has none of the source."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from tests.tui.tmux import tmux

ROOT = Path(__file__).parents[2]
NOT_SOURCE = (
    *(".git", ".venv", ".*cache*", ".ansible", ".hypothesis"),
    *("build", "collections", "__pycache__", "*.so", "*.egg-info"),
)

# Compiling the wheel takes a minute on an idle machine, and seven on one that has much to do.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@dataclass(frozen=True)
class Installed:
    """An environment with squarm in it, and a home of its own."""

    environment: Path
    home: Path

    @property
    def variables(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "TERM": "xterm-256color", "LANG": "C.UTF-8"}  # fmt: skip

    def run(self, program: str, *words: str) -> str:
        """What one of its programs prints."""
        done = subprocess.run(
            [self.environment / "bin" / program, *words], env=self.variables, cwd=self.home,
            capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def squarm(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Squarm out of its wheel. What it depends on is lent by the environment that tests run in:
    a path to its packages, by which nothing that is installed there for editing is seen.
    """
    folder = tmp_path_factory.mktemp("wheel")
    environment = folder / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    (packages,) = environment.glob("lib/python3*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    source = shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(*NOT_SOURCE))
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source))
    (wheel,) = folder.glob("squarm-*.whl")
    # ansible-core once more, for its programs: squarm starts those that lie beside its own.
    pinned = folder / "ansible-core.txt"
    pinned.write_text(f"ansible-core=={version('ansible-core')}\n")
    run(*pip, "--python", str(environment), "install", "--ignore-installed", "--no-deps",
        str(wheel), "--requirement", str(pinned))  # fmt: skip
    home = folder / "home"
    home.mkdir()
    return Installed(environment, home)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_solves_compiled_and_all_of_it_comes_from_the_wheel(squarm: Installed) -> None:
    square = json.loads(squarm.run("squarm", "solve", "10", "--format", "json").splitlines()[0])
    assert square["order"] == 10
    assert len(square["squares"]) == 2
    where = "import serve.daemon, solver, tui; print(serve.daemon.__file__, solver.__file__, "
    where += "tui.__file__, solver.compiled())"
    *files, compiled = squarm.run("python", "-c", where).split()
    assert all(Path(file).is_relative_to(squarm.environment) for file in files)
    assert compiled == "True"
    squarm.run("python", "-m", "pip", "check")


def test_its_doctor_finds_it_whole(squarm: Installed) -> None:
    said = squarm.run("squarm", "doctor", "--json", "--interface", "none")
    found = {check["name"]: check for check in map(json.loads, said.splitlines())}
    assert str(squarm.environment) in found["Python"]["sentence"]
    assert (found["Python"]["verdict"], found["solver"]["verdict"]) == ("ok", "ok")
    assert "broken" not in {check["verdict"] for check in found.values()}


async def test_it_opens_the_console(squarm: Installed, tmp_path: Path) -> None:
    words = [f"{name}={value}" for name, value in squarm.variables.items()]
    command = ["env", "-i", *words, f"{squarm.environment}/bin/squarm", "--engine", "local"]
    async with tmux(tmp_path, [*command, "--interface", "none"], (80, 24)) as console:
        await console.until(lambda screen: "Jobs" in screen)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the playbooks look at this machine")
def test_it_provisions_this_machine_in_check_mode(squarm: Installed, tmp_path: Path) -> None:
    said = squarm.run("python", str(Path(__file__).with_name("rehearse.py")), str(tmp_path))
    source, *tasks, first, log = said.splitlines()
    assert source == str(squarm.environment / "share/squarm")
    assert tasks[0].startswith("Fetch Ansible's collections (54 MB")
    assert "Set the host name" in tasks
    assert first.startswith("common changed"), Path(log).read_text()
    # What a playbook carries to the master's daemon is there, too.
    role = yaml.safe_load((Path(source) / "ansible/roles/squarm_serve/vars/main.yml").read_text())
    rooms = [Path(source, room, "__init__.py") for room in role["squarm_serve_rooms"]]
    assert [room for room in rooms if not room.is_file()] == []
    # They lie in the user's cache; a second run fetches nothing.
    (fetched,) = squarm.home.glob(".cache/squarm/collections/ansible_collections")
    assert {"ansible", "community"} == {folder.name for folder in fetched.iterdir()}
    again = "from provision.runs.fetch_collections import collections_folder as f; f(print)"
    assert squarm.run("python", "-c", again) == ""
