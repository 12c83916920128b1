"""The verbs about Slack, where it is not set up."""

from pathlib import Path

import pytest

from tests.tui.command.running import Squarm

pytestmark = pytest.mark.slow


def test_what_would_be_shared_is_shown_before_slack_is_set_up(squarm: Squarm, home: Path) -> None:
    squarm("run", "4", "--count", "1", "--seed", "3", "--engine", "local")
    squarm.environment["XDG_CONFIG_HOME"] = str(home / "config")
    shown = squarm.run("--read-only", "share", "1", "--preview", "--channel", "#mols")
    assert shown.returncode == 0
    assert shown.stdout.startswith("To #mols:\n\nA pair of orthogonal Latin squares of order 4\n")
    assert "A0 B1 C2 D3" in shown.stdout
    assert shown.stderr == "squarm: Slack is not set up here: squarm slack setup says how.\n"
    assert not (home / "squarm" / "slack.sqlite3").exists()
    assert "squarm slack setup says how" in squarm.refusal("share", "1")
    assert "squarm slack setup says how" in squarm.refusal("slack", "check", code=1)
