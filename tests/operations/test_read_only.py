"""`--read-only` refuses each kind of change with one sentence, whatever front end asks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from operations.kinds import Kind
from tests.tui.console.running import console
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.pis import some_pis
from tui.console.actions import ACTIONS

pytestmark = pytest.mark.slow

VERBS: dict[Kind, str] = {
    Kind.START_JOB: "run 10",
    Kind.RESUME_JOB: "resume mols10-1",
    Kind.CANCEL_JOB: "cancel mols10-1 --yes",
    Kind.REMOVE_JOB: "remove mols10-1 --yes",
    Kind.IMPORT_RESULTS: "results import squares.jsonl",
    Kind.RESTORE_RESULTS: "results restore copy.sqlite3 --yes",
    Kind.ADD_MACHINE: "pi add 127.0.0.9",
    Kind.ACCEPT_KEY: "pi accept pi1 SHA256:0 --yes",
    Kind.FORGET_MACHINE: "pi forget pi1 --yes",
    Kind.SWEEP: "pi sweep 127.0.0.0/30",
    Kind.WRITE_CARD: "card write /nowhere --yes",
    Kind.PROVISION: "provision --all --yes",
    Kind.REHEARSE: "provision --all --check",
    Kind.CANCEL_RUN: "runs cancel --yes",
    Kind.RETRY_RUN: "runs retry",
    Kind.UPGRADE: "node upgrade pi1 --yes",
    Kind.WRITE_INVENTORY: "inventory --write",
    Kind.DRAIN: "node drain pi1 --yes",
    Kind.ACTIVATE: "node activate pi1",
    Kind.PROMOTE: "node promote pi1",
    Kind.DEMOTE: "node demote pi1 --yes",
    Kind.LEAVE: "node remove pi1 --yes",
    Kind.REBOOT: "node reboot pi1 --yes",
    Kind.FOLLOW_IMAGE: "image follow pi:5000/squarm-solver:1",
    Kind.UNFOLLOW_IMAGE: "image unfollow --yes",
    Kind.CHECK_IMAGE: "image check",
    Kind.ROLL_IMAGE: "image roll",
    Kind.LOAD_IMAGE: "image load solver.tar --yes",
    Kind.PIN_IMAGE: f"image pin sha256:{'0' * 64}",
    Kind.ROLL_BACK_IMAGE: "image rollback --yes",
    Kind.TIDY_IMAGES: "image tidy --yes",
    Kind.DRILL: "drill all --lab 0 --yes",
    Kind.SHARE: "share 1",
    Kind.RETRY_MESSAGE: "outbox retry 1",
    Kind.DROP_MESSAGE: "outbox drop 1",
    Kind.SET_UP_SLACK: "slack setup",
    Kind.WRITE_FILE: "results export all.jsonl",
}
AFTER_A_LOOK = {Kind.REFILL_JOB}
"""`jobs check` looks at a job under --read-only, too, and is refused once something is missing."""
BY_KEY_ALONE = {Kind.LOG_IN, Kind.OPEN_SHELL}
"""On the command line one logs in by options and opens a shell by ssh."""
BY_VERB_ALONE = {
    Kind.REFILL_JOB,
    Kind.IMPORT_RESULTS,
    Kind.RESTORE_RESULTS,
    Kind.WRITE_INVENTORY,
    Kind.WRITE_CARD,
    Kind.DRILL,
    Kind.SET_UP_SLACK,
}
OTHER_WAY_ROUND = {Kind.ACTIVATE, Kind.DEMOTE}
"""The keys that drain and promote do these where the node is drained, or a manager."""


def refusal(kind: Kind) -> str:
    return f"--read-only refuses this: {kind.effect}."


@pytest.mark.parametrize("kind", VERBS, ids=lambda kind: kind.name.lower())
def test_on_the_command_line(kind: Kind, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "DOCKER_HOST": "unix:///nowhere.sock"}
    done = subprocess.run(
        [sys.executable, "-m", "tui", "--read-only", *VERBS[kind].split()],
        env=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"squarm: {refusal(kind)}\n"
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".log"]
    assert not kept


async def test_by_each_key(tmp_path: Path) -> None:
    changing = [action for action in ACTIONS if action.change]
    async with console(tmp_path, (160, 48), *busy_events(), some_pis(), read_only=True) as running:
        for action in changing:
            await running.app.perform(action.id)
            await running.pause()
            assert action.change is not None
            assert running.toasts[-1].endswith(refusal(action.change)), action.id
        assert not running.engine.asked


def test_there_is_a_way_to_each_kind_of_change() -> None:
    by_key = {action.change for action in ACTIONS}
    assert set(VERBS) | BY_KEY_ALONE | AFTER_A_LOOK == set(Kind)
    assert by_key | OTHER_WAY_ROUND | BY_VERB_ALONE == set(Kind) | {None}
