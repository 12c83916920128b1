"""What is written into the settings counts at once: nobody restarts a daemon for a new token."""

from pathlib import Path

import pytest

from chat.message import Paragraph
from lab.slack.server import Slack
from lab.slack.workspace import APP_TOKEN, BOT_TOKEN
from tests.chat.serving import Home, serving
from tests.chat.test_bot import ANN, answer
from tests.waiting import until
from tui.console.sessions.slack import SlackSession

pytestmark = pytest.mark.slow


async def test_a_good_token_is_taken_up_without_a_restart(slack: Slack, tmp_path: Path) -> None:
    bad = "xoxb-1-2-expired"
    home = Home(tmp_path, slack, bot_token=bad, app_token=APP_TOKEN)
    await home.squarm("run", "4", "--count", "1", "--engine", "local")
    async with serving(home, slack):
        await home.squarm("share", "1", code=None)
        await until(lambda: "bot_token is not valid" in str(home.health()))
        home.file.write_text("bot_token = 'xoxb-")
        await until(lambda: "settings from before stay in use" in str(home.health()))
        home.file.write_text(slack.settings(bot_token=BOT_TOKEN))
        await until(lambda: slack.posted)
        assert "1/1" in (await answer(slack, ANN, "mols jobs")).words
        await until(lambda: (told := home.health()) is not None and not told.problems)


async def test_the_console_takes_up_a_good_token_too(
    slack: Slack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    bad = "xoxb-1-2-expired"
    home = Home(tmp_path, slack, bot_token=bad)
    session = SlackSession(home.file)
    sharing = await session.open()
    sharing.send(await session.preview((Paragraph("a square"),)))
    await until(lambda: "bot_token is not valid" in sharing.problem)
    home.file.write_text(slack.settings(bot_token=BOT_TOKEN))
    # The list of messages, which is looked at again and again.
    await session.outbox()
    await until(lambda: slack.posted)
    await session.close()


async def test_a_damaged_outbox_costs_slack_alone_until_it_is_moved_aside(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    home.outbox.parent.mkdir(parents=True)
    home.outbox.write_text("no database at all, but long enough to be looked at" * 40)
    async with serving(home):
        await until(lambda: "is damaged, or is no outbox" in str(home.health()))
        await until(lambda: (told := home.health()) is not None and told.engine == "local")
        home.outbox.rename(tmp_path / "aside")
        await until(lambda: slack.connections)
        assert "There are no jobs" in (await answer(slack, ANN, "mols jobs")).words


async def test_a_slack_that_is_set_up_later(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    text = home.file.read_text()
    home.file.unlink()
    home.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    usual = tmp_path / "config" / "squarm" / "slack.toml"
    usual.parent.mkdir(parents=True)
    home.file = usual
    async with serving(home, None):
        await until(lambda: (told := home.health()) is not None and told.slack == "not set up")
        usual.touch(0o600)
        usual.write_text(text)
        await until(lambda: slack.connections)
        assert "There are no jobs" in (await answer(slack, ANN, "mols jobs")).words
