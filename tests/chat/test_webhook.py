"""Webhooks: Slack's own, and those of other chats, take words and no pictures."""

from pathlib import Path

import pytest

from chat.outbox.outbox import Outbox
from chat.outbox.webhook import WebhookTransport
from chat.render import square
from lab.slack.server import Mood, Slack
from lab.slack.workspace import HOOK
from results.result import Result
from tests.chat.delivering import outbox, sending, settings_for, settled, words
from tests.waiting import until

__all__ = ["outbox"]


async def test_a_webhook_takes_text_and_says_what_it_cannot(
    slack: Slack, outbox: Outbox, tmp_path: Path, result: Result
) -> None:
    said = settings_for(slack, tmp_path, bot_token="", app_token="", webhook=slack.hook)
    slack.moods["webhook"] = [
        Mood(429, retry_after="1", body="rate_limited"),
        Mood(500, body="oops"),
    ]
    outbox.put("hook", square(result))
    outbox.put("hook", words("and more"))
    async with sending(outbox, WebhookTransport(said)) as delivery:
        await until(settled(outbox))
        assert [bool(message.picture) for message in slack.posted] == [False, False]
        assert "A0" in slack.posted[0].words
        slack.moods["webhook"] = [Mood(404, body="no_service")]
        outbox.put("hook", words("too late"))
        await until(lambda: delivery.problem)
        assert "not valid any more" in delivery.problem
        assert HOOK not in delivery.problem


async def test_a_webhook_posts_nothing_that_is_for_one_person(
    slack: Slack, outbox: Outbox, tmp_path: Path
) -> None:
    said = settings_for(slack, tmp_path, bot_token="", app_token="", webhook=slack.hook)
    outbox.put("U0PERSON", words("between us"))
    async with sending(outbox, WebhookTransport(said)):
        await until(lambda: outbox.entries()[0].state == "failed")
    assert "for one person" in outbox.entries()[0].error
    assert slack.posted == []


async def test_a_page_that_stands_between_is_no_chat(
    slack: Slack, outbox: Outbox, tmp_path: Path
) -> None:
    said = settings_for(slack, tmp_path, bot_token="", app_token="", webhook=slack.hook)
    slack.moods["webhook"] = [Mood(200, body="<html>Log in to this network</html>")]
    outbox.put("hook", words("found"))
    async with sending(outbox, WebhookTransport(said)) as delivery:
        await until(lambda: "see the network" in delivery.problem)
        assert outbox.entries()[0].state != "sent"


@pytest.mark.parametrize("how", ["markdown", "ntfy"])
async def test_other_chats_are_told_the_same_words(
    slack: Slack, outbox: Outbox, tmp_path: Path, result: Result, how: str
) -> None:
    """Mattermost and Rocket.Chat read Markdown, ntfy plain text: nothing in it comes alive."""
    address = f"http://127.0.0.1:{slack.port}/{'hooks/abc' if how == 'markdown' else 'squarm'}"
    tokens = {"bot_token": "", "app_token": ""}
    said = settings_for(slack, tmp_path, **tokens, webhook=address, webhook_format=how)
    slack.moods["other"] = [Mood(503, body="starting")]
    outbox.put("hook", square(result))
    outbox.put("hook", words("@channel [look](http://evil.example) `now`"))
    async with sending(outbox, WebhookTransport(said)):
        await until(settled(outbox))
    first, second = slack.other_chats
    if how == "ntfy":
        assert first["topic"] == "squarm"
        assert first["title"] == "A pair of orthogonal Latin squares of order 10"
        assert "A0" in first["message"]
        assert second["message"] == "@channel [look](http://evil.example) `now`"
    else:
        head, _, grid = first["text"].partition("```\n")
        assert head.startswith("**A pair of orthogonal")
        assert len(grid.partition("```")[0].splitlines()) == 10
        assert second["text"] == r"\@channel \[look\](http://evil.example) \`now\`"
