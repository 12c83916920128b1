"""What is not installed: what is said to one who is not root, and what comes of it later."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import need_program

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "packaging" / "system-packages"


def test_test_tools_are_not_tried_without_a_compiler(tmp_path: Path) -> None:
    """Squarm itself goes on without one, some 300 times slower."""
    need_program("ssh")
    for program in ("sh", "id", "ssh"):  # neither a compiler nor apt
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    told = {"PATH": str(tmp_path), "PYTHON": sys.executable}
    ends = {
        kind: subprocess.run([SCRIPT, kind], env=told, capture_output=True, text=True, check=False)
        for kind in ("run", "tools")
    }
    assert [end.returncode for end in ends.values()] == [0, 1]
    assert all("Please install:  sudo apt install gcc\n" in end.stderr for end in ends.values())
    assert ends["tools"].stderr.endswith("Without, the tools of the tests cannot be built.\n")


@pytest.mark.parametrize(
    ("missing", "stale"),
    [("", False), ("python3-venv python3-dev\n", False), ("python3-venv python3-dev gcc\n", True)],
)
def test_what_is_installed_later_sets_up_anew(tmp_path: Path, missing: str, stale: bool) -> None:
    """Else a compiler that squarm asked for would change nothing."""
    need_program("ssh")
    for name in ("pyproject.toml", "setup.py", "requirements", "packaging", "solver", "ansible"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/.missing").write_text(missing)
    (tmp_path / ".venv/.run").touch()
    make = ["make", "--question", "--makefile", f"{ROOT}/Makefile", "PYTHON=/bin/false", "setup"]
    ended = subprocess.run(make, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, check=False)
    assert ended.returncode == int(stale)
