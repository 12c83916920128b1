"""Commands of the pages that need no Pi, no swarm and no Slack, typed as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, blocks
from tests.needs import need_program

pytestmark = pytest.mark.slow

_ELSEWHERE = re.compile(
    r"squarm (--|card|inventory|node |nodes|pi |provision|runs|image|serve|drill \w|slack|cancel"
    r"|share (?!.*--preview)|outbox \w|completion install|results restore|run .*--where)"
)
"""What needs others, waits for somebody, or is of an installation."""
_SQUARE = "01234\n12340\n23401\n34012\n40123\n"
_OTHERS = re.compile("DOCKER|XDG_")
_LINES = {
    line.partition("  #")[0].strip()
    for page in PAGES
    for block in blocks(page.read_text("utf-8"))
    for line in block
}
_TYPED = sorted(
    line for line in _LINES if re.match(r"(\w+ \| )?squarm ", line) and not _ELSEWHERE.search(line)
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages name, and a squarm that has a job."""
    folder = tmp_path_factory.mktemp("typed")
    for name in ("square.txt", "squares.txt"):
        (folder / name).write_text(_SQUARE)
    for name, does in (
        ("squarm", f'{sys.executable} -m tui --engine local "$@"'),
        ("generate", "cat square.txt"),
    ):
        (folder / name).write_text(f"#!/bin/sh\nexec {does}\n")
        (folder / name).chmod(0o755)
    typed(folder, "squarm run 8 --count 1")
    (folder / "job").write_text(typed(folder, "squarm run 10 --count 20").partition(":")[0])
    typed(folder, "squarm results export theirs.jsonl")
    return folder


def typed(folder: Path, line: str) -> str:
    """What it prints there; it ends well."""
    environment = {
        **{name: value for name, value in os.environ.items() if not _OTHERS.match(name)},
        "HOME": str(folder),
        "DOCKER_CONFIG": str(folder),
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (line, done.stdout[-500:], done.stderr)
    return done.stdout


@pytest.mark.parametrize("line", _TYPED)
def test_what_is_shown_to_be_typed_does_what_it_says(place: Path, line: str) -> None:
    line = re.sub(r"--count \d+", "--count 2", line)
    line = re.sub(r"mols10-\w+|(?<=--job )J\b", (place / "job").read_text(), line)
    if "--file" in line:
        line = line.replace("run 10", "run 5")
    if made := re.search(r"results export (\S+)", line):
        (place / made[1]).unlink(missing_ok=True)
    line = line.replace("import all.jsonl", "import theirs.jsonl")
    # The daemons and networks of where it is tested are nobody's business.
    line = line.replace("squarm doctor", "squarm doctor --interface none")
    if "man -l" in line:
        need_program("man")
    said = typed(place, line)
    assert said or ">" in line or line == "squarm outbox"
