"""Pictures on their way to Slack: sent with their words, or left out, never in their way."""

from dataclasses import replace
from pathlib import Path

import pytest

from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from chat.outbox.web_api import BotTransport
from chat.render import square
from lab.slack.proxy import Proxy
from lab.slack.server import Mood, Slack
from results.result import Result
from tests.chat.delivering import (
    GONE,
    ROOM,
    entry,
    outbox,
    sending,
    settings_for,
    settled,
    transport,
    words,
)
from tests.waiting import until

__all__ = ["outbox", "transport"]


async def test_a_picture_that_slack_still_looks_at(
    slack: Slack, outbox: Outbox, transport: BotTransport, result: Result
) -> None:
    slack.unready["files"] = 3
    outbox.put(ROOM, square(result))
    async with sending(outbox, transport):
        await until(settled(outbox))
        (message,) = slack.posted
        assert slack.files[message.picture].startswith(b"\x89PNG")
        assert len(slack.files) == 1
        # One that it will never have looked at is left out, and that is said.
        slack.unready["files"] = 1_000
        outbox.put(ROOM, square(result))
        await until(settled(outbox))
    assert slack.posted[1].picture == ""
    assert "A0" in slack.posted[1].words
    assert "The picture could not be sent: Slack is still looking" in slack.posted[1].words


@pytest.mark.parametrize("how", ["unreachable", "refused", "no scope"])
async def test_a_picture_that_cannot_be_uploaded_lets_its_words_go(
    slack: Slack, outbox: Outbox, transport: BotTransport, result: Result, how: str
) -> None:
    match how:
        case "unreachable":
            slack.file_host = "http://127.0.0.1:9"
        case "refused":
            slack.moods["upload"] = [Mood(403)] * 3
        case _:
            lacks = Mood(error="missing_scope", needed="files:write")
            slack.moods["files.getUploadURLExternal"] = [lacks]
    number = outbox.put(ROOM, square(result))
    outbox.put(ROOM, words("behind it"))
    async with sending(outbox, transport):
        await until(settled(outbox))
    told, behind = slack.posted
    assert behind.words == "behind it"
    assert entry(outbox, number).state is ItemState.SENT
    assert told.picture == ""
    assert "A0" in told.words
    assert "The picture could not be sent: " in told.words


async def test_a_picture_waits_for_a_slack_that_is_away(
    slack: Slack, outbox: Outbox, transport: BotTransport, result: Result
) -> None:
    """That is no fault of the picture's: it comes when Slack does."""
    slack.moods["files.getUploadURLExternal"] = [GONE, Mood(503), Mood(429, "ratelimited"), GONE]
    slack.moods["upload"] = [Mood(500), Mood(500)]
    outbox.put(ROOM, square(result))
    async with sending(outbox, transport):
        await until(settled(outbox))
    assert slack.files[slack.posted[0].picture].startswith(b"\x89PNG")


async def test_everything_takes_the_proxy(
    slack: Slack,
    outbox: Outbox,
    tmp_path: Path,
    result: Result,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Names that only the proxy knows: what went past it would not arrive."""
    proxy = Proxy({"slack.invalid": slack.port, "files.invalid": slack.port})
    monkeypatch.setenv("HTTPS_PROXY", await proxy.start())
    slack.file_host = "http://files.invalid"
    settings = replace(settings_for(slack, tmp_path), api="http://slack.invalid/api/")
    outbox.put(ROOM, square(result))
    async with sending(outbox, BotTransport(settings)):
        await until(settled(outbox))
    assert slack.files[slack.posted[0].picture].startswith(b"\x89PNG")
    assert any(address.startswith("http://files.invalid/upload/") for address in proxy.carried)
    await proxy.stop()
