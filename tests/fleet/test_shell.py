"""Root on a machine, through programs in sudo's place: one that asks, one that does not."""

from pathlib import Path

import pytest

from fleet.ssh.shell import LocalShell, Sudo

PASSWORD = "touch rooted"  # noqa: S105 - nobody's, and a command if it were ever run
ASKS = f'read -r said; [ "$said" = "{PASSWORD}" ] || exit 1'


@pytest.fixture
def sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program; it leaves out sudo's own options, and runs the rest."""
    program = tmp_path / "bin/sudo"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    return program


def stand_in(program: Path, first: str) -> None:
    program.write_text(f'#!/bin/sh\n{first}\nshift 4\nexec "$@"\n')
    program.chmod(0o755)


@pytest.mark.parametrize("first", [ASKS, ":"])
async def test_the_password_is_never_a_command_of_roots(
    sudo: Path, tmp_path: Path, first: str
) -> None:
    stand_in(sudo, first)
    shell = LocalShell(PASSWORD, sudo=Sudo.PASSWORD)
    said = await shell.run("echo one\nread -r line <<.\ntwo\n.\necho $line", root=True)
    assert (said.status, said.output) == (0, b"one\ntwo\n")
    assert not (tmp_path / "rooted").exists()


async def test_a_wrong_password_runs_nothing(sudo: Path) -> None:
    stand_in(sudo, ASKS)
    said = await LocalShell("wrong", sudo=Sudo.PASSWORD).run("echo one", root=True)
    assert (said.status, said.output) == (1, b"")
