"""What shells and man are given: made from the parser and the console's table of keys."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from solver.formats.writing import FORMS
from tests.needs import need_program
from tests.tui.command.running import Squarm
from tui.command.completion import PLACES, script
from tui.command.man import manual
from tui.command.verbs import VERBS
from tui.console.actions import ACTIONS

COMPLETED = pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("squarm so", {"solve"}),
        ("squarm pi ", {"accept", "add", "forget", "sweep"}),
        ("squarm results --jo", {"--job"}),
        ("squarm results --format ", {"grid", "csv", "json", *FORMS}),
        ("squarm --read-only jobs --engine sw", {"swarm"}),
        ("squarm version --eng", set()),
        ("squarm logs mols10-3", {"mols10-3fa2c1"}),
        ("squarm results --job ", {"mols10-3fa2c1", "mols8-99c0de"}),
    ],
)


def beside(folder: Path, shell: str) -> dict[str, str]:
    """The environment of a shell: a home of its own, and a squarm that has two jobs."""
    (folder / "completion").write_text(script(shell))
    squarm = folder / "squarm"
    told = '[ "$*" = "jobs --ids" ] && echo mols10-3fa2c1 && echo mols8-99c0de'
    squarm.write_text(f"#!/bin/sh\n{told}\n")
    squarm.chmod(0o755)
    own = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    return {**os.environ, **own, "PATH": f"{folder}:{os.environ['PATH']}"}


@COMPLETED
def test_bash_completes_what_the_parser_takes(
    tmp_path: Path, typed: str, offered: set[str]
) -> None:
    environment = beside(tmp_path, "bash")
    words = typed.split(" ")
    asking = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        '_shtab_squarm; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", asking, "bash", str(tmp_path / "completion"), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {word.strip() for word in done.stdout.split()} == offered


@COMPLETED
@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes_the_same(tmp_path: Path, typed: str, offered: set[str]) -> None:
    environment = beside(tmp_path, "fish")
    asking = f"source {tmp_path}/completion; complete -C '{typed}'"
    done = subprocess.run(
        ["fish", "-c", asking], capture_output=True, text=True, check=True, env=environment
    )
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == offered


@pytest.mark.parametrize("shell", PLACES)
def test_each_shell_reads_its_completion(tmp_path: Path, shell: str) -> None:
    path = tmp_path / "squarm"
    path.write_text(script(shell))
    assert all(verb in path.read_text() for verb in VERBS)
    need_program(shell)
    subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.slow
def test_all_is_written_where_this_user_s_shells_and_man_look(squarm: Squarm, home: Path) -> None:
    refused = squarm.refusal("--read-only", "completion", "install")
    assert refused.startswith("--read-only refuses this: it writes")
    assert not home.exists()
    said = squarm("completion", "install")
    noted = home / "squarm" / "audit.jsonl"
    assert "completions and manual page" in noted.read_text()
    written = sorted(str(path) for path in home.rglob("*") if path.is_file() and path != noted)
    assert written == sorted(line.partition(": ")[2] for line in said.splitlines())
    assert squarm("completion", "bash") == (home / PLACES["bash"]).read_text()
    assert squarm("man") == (home / "man/man1/squarm.1").read_text()
    (home / "fish").rename(home / "no-fish")
    (home / "fish").write_text("in the way")
    assert "squarm.fish cannot be written" in squarm.run("completion", "install").stderr


def test_the_manual_has_every_verb_every_key_and_no_fault(tmp_path: Path) -> None:
    page = manual()
    plain = page.replace("\\-", "-")
    for verb in VERBS.values():
        assert f"squarm {verb.name}" in plain
    for action in ACTIONS:
        assert action.help.replace("\\", "\\e") in plain
        assert not action.command or re.search(rf":{action.command}\b", plain)
    (tmp_path / "squarm.1").write_text(page)
    need_program("groff")
    command = ["groff", "-k", "-man", "-Tutf8", "-ww", "-z", str(tmp_path / "squarm.1")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
