"""`squarm share`, `squarm outbox` and `squarm slack`, and the API that the console calls."""

import asyncio
import json
import os
import pty
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from base.errors import ChatError
from chat.message import TextRun
from chat.render import job, log_lines, node, screen, square
from chat.settings import load
from chat.setup import MANIFEST, SCOPES
from chat.sharing import WEBHOOK, Sharing
from lab.slack.server import Mood, Slack
from lab.slack.workspace import BOT_TOKEN
from results.result import Result
from swarm.engine import JobState, JobView, LogLine, NodeView
from swarm.job import JobSpec
from tests.chat.serving import Home, serving

pytestmark = pytest.mark.slow

VIEW = JobView("mols10-abc123", JobSpec(), JobState.FAILED, 1.8e9, 3, why="No node is ready.")
NODE = NodeView("n1", "pi1", "10.0.0.11", "worker", "active", "ready", "linux/arm64", 4, 2**30, 0.5)


@pytest.fixture
async def home(slack: Slack, tmp_path: Path) -> Home:
    return Home(tmp_path, slack)


async def test_a_square_and_a_job_are_shared_from_the_command_line(
    slack: Slack, home: Home
) -> None:
    await home.squarm("run", "10", "--count", "2", "--engine", "local")
    preview, _ = await home.squarm("share", "#2", "--preview")
    assert slack.posted == []
    out, err = await home.squarm("share", "2")
    (message,) = slack.posted
    assert out.strip() == (f"Sent to #squarm. https://home.slack.example/C0SQUARM1/p{message.ts}")
    assert err == ""
    assert slack.files[message.picture].startswith(b"\x89PNG")
    for row in (row for row in preview.splitlines() if row.startswith(("A0 ", "verified"))):
        assert row.split(": ")[-1] in message.words
    await home.squarm("share", home.jobs[0].name[:8], "--channel", "C0SQUARM1", "--engine", "local")
    assert "2 of 2" in slack.posted[1].words
    for what, words in (("99", "There is no square 99"), ("nope", "There is no job 'nope'")):
        _, err = await home.squarm("share", what, "--engine", "local", code=2)
        assert words in err


async def test_what_could_not_be_sent_stays_and_the_daemon_sends_it(
    slack: Slack, home: Home
) -> None:
    await home.squarm("run", "4", "--count", "1", "--engine", "local")
    _, err = await home.squarm("share", "1", "--channel", "#general", code=1)
    assert "It waits in the outbox as 1: Slack does not take it, the bot is not in" in err
    out, _ = await home.squarm("outbox")
    assert "failed" in out
    assert "invite it" in out
    slack.members.add("C0GENERAL")
    async with serving(home, slack):
        out, _ = await home.squarm("outbox", "retry", "1")
        assert "1 is sent again (A pair of orthogonal Latin squares of order 4)." in out
        # The daemon has the lock: this only puts, and sees it arrive.
        await home.squarm("share", "1")
    assert [message.channel for message in slack.posted] == ["C0GENERAL", "C0SQUARM1"]
    _, err = await home.squarm("outbox", "drop", "1", "--yes", code=2)
    assert "Message 1 is sent" in err
    for arguments in (("retry", "77"), ("drop", "x"), ("retry",)):
        await home.squarm("outbox", *arguments, code=2)


async def test_slack_setup_prints_the_manifest_checks_and_says_hello(
    slack: Slack, home: Home
) -> None:
    out, _ = await home.squarm("slack", "setup")
    assert MANIFEST in out
    assert "MISSING" not in out
    assert "@squarm in Home" in out
    assert slack.posted[0].words.startswith("Hello from squarm.")
    assert BOT_TOKEN not in out
    only, _ = await home.squarm("slack", "manifest")
    assert only == MANIFEST
    assert all(f"- {scope}\n" in MANIFEST for scope in SCOPES)
    home.file.unlink()
    _, err = await home.squarm("slack", "check", code=2)
    assert "There is no file" in err


async def test_slack_check_says_what_is_missing(slack: Slack, home: Home) -> None:
    slack.scopes = slack.scopes.replace("files:write,", "")
    slack.members.clear()
    slack.moods["apps.connections.open"] = [Mood(error="missing_scope", needed="connections:write")]
    out, _ = await home.squarm("slack", "check", code=1)
    missing = [line for line in out.splitlines() if line.startswith("MISSING")]
    assert len(missing) == 3
    assert "files:write, to upload the pictures" in missing[0]
    assert "connections:write" in missing[1]
    assert "/invite @squarm" in missing[2]
    slack.tokens = set()
    out, _ = await home.squarm("slack", "check", code=1)
    assert "MISSING Slack lets us in no more, the bot_token is not valid" in out
    await slack.stop()
    out, _ = await home.squarm("slack", "check", code=1)
    assert "cannot be reached" in out


async def test_a_webhook_alone(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack, bot_token="", app_token="", channel="", webhook=slack.hook)
    out, _ = await home.squarm("slack", "setup")
    assert "without pictures" in out
    assert "The webhook answers." in out
    assert len(slack.posted) == 1
    await home.squarm("run", "4", "--count", "1", "--engine", "local")
    out, err = await home.squarm("share", "1")
    assert out.strip() == f"Sent to {WEBHOOK}."
    assert "without the picture" in err
    _, err = await home.squarm("share", "1", "--channel", "#other", code=2)
    assert "its own channel only" in err
    slack.moods["webhook"] = [Mood(404, body="no_service")]
    out, _ = await home.squarm("slack", "check", code=1)
    assert "make a new one" in out


async def test_the_preview_is_what_is_sent_to_the_letter(
    slack: Slack, home: Home, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of everything that the console shares."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, home.environment[name])
    line = LogLine("mols10-abc123", 0, "t", "pi1", "", f"token={BOT_TOKEN} at <!here>")
    rows = [
        [TextRun("squarm ", "#ffffff"), TextRun("● up", "#7fd08c")],
        [TextRun("password: hunter2")],
    ]
    messages = [
        square(result),
        job(VIEW, 12, "No pair exists."),
        node(NODE),
        log_lines([line] * 300),
        screen(rows, "nodes"),
    ]
    sharing = Sharing.open(home.file)
    assert sharing.channels == ("#squarm",)
    previews = [sharing.preview(message) for message in messages]
    for preview in previews:
        entry = await sharing.arrive(sharing.send(preview))
        assert entry is not None
        assert (await sharing.link_to(entry.id)).startswith(
            "https://home.slack.example/C0SQUARM1/p"
        )
    for preview, message in zip(previews, slack.posted, strict=True):
        assert json.dumps(message.blocks) == json.dumps(preview.sealed.blocks(message.picture))
        if preview.sealed.picture:
            assert slack.files[message.picture] == preview.sealed.picture.png
        shown = preview.sealed.text + json.dumps(message.blocks) + message.text
        assert BOT_TOKEN not in shown
        assert "hunter2" not in shown
    assert "No node is ready" in slack.posted[1].words
    assert "50% in use" in slack.posted[2].words
    with pytest.raises(ChatError, match="is no channel"):
        sharing.preview(messages[0], "not a channel")
    assert [entry.state for entry in sharing.entries()] == ["sent"] * 5
    await sharing.close()


async def test_slack_that_is_not_set_up_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(ChatError, match="Slack is not set up here: squarm slack setup says how"):
        Sharing.open()


async def test_slack_setup_asks_for_tokens_and_keeps_them_for_one_user(
    slack: Slack, tmp_path: Path
) -> None:
    """At a terminal that shows none of them; a token of the wrong kind leaves no file."""
    home = Home(tmp_path, slack)
    home.file.unlink()
    said = await asyncio.to_thread(at_a_terminal, home, ["y", BOT_TOKEN, "", "#squarm"])
    assert BOT_TOKEN not in said
    assert home.file.stat().st_mode & 0o777 == 0o600
    kept = load(home.file)
    assert kept is not None
    assert (kept.bot_token.reveal(), bool(kept.app_token)) == (BOT_TOKEN, False)
    home.file.unlink()
    said = await asyncio.to_thread(at_a_terminal, home, ["y", "nonsense", "", "#squarm"])
    assert "bot_token in" in said
    assert not home.file.exists()


def at_a_terminal(home: Home, answers: list[str]) -> str:
    """What `squarm slack setup` shows a person who answers so."""
    command = [sys.executable, "-m", "tui", "slack", "setup", "--slack", str(home.file)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command[0], command, home.environment)  # noqa: S606 - the point of a pty.fork
    said = ""
    with suppress(OSError):
        while part := os.read(terminal, 4096).decode():
            said += part
            if answers and said.endswith((": ", "[y/N] ")):
                os.write(terminal, answers.pop(0).encode() + b"\n")
    os.waitpid(pid, 0)
    os.close(terminal)
    return said
