"""From the outbox to Slack: everything arrives, in order, once, whatever either end does."""

import time
from pathlib import Path

import pytest

from base.redaction import Redactor
from chat.message import Picture
from chat.outbox.items import ItemState
from chat.outbox.outbox import Outbox
from chat.outbox.web_api import BotTransport
from chat.render import square
from lab.slack.server import Mood, Slack
from results.result import Result
from tests.chat.delivering import (
    GONE,
    GONE_AFTER,
    ROOM,
    entry,
    outbox,
    sending,
    settings_for,
    settled,
    start_runner,
    transport,
    words,
)
from tests.waiting import until

__all__ = ["outbox", "transport"]


async def test_slack_is_down_while_a_hundred_results_wait(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    """All arrive, in order, none twice."""
    await slack.stop()
    async with sending(outbox, transport) as delivery:
        for number in range(100):
            outbox.put(ROOM, words(f"result {number}"))
            if number == 50:
                await until(lambda: entry(outbox, 1).attempts >= 3)
                assert "cannot be reached" in delivery.problem
        await slack.start()
        await until(settled(outbox))
        assert delivery.problem == ""
    assert [message.words for message in slack.posted] == [f"result {n}" for n in range(100)]


async def test_every_mood_of_slack_and_still_each_message_once_and_in_order(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    moods = [
        GONE, Mood(), GONE_AFTER, Mood(), Mood(429, "ratelimited", retry_after="1"), Mood(),
        Mood(500, body="<html>Oh no</html>"), Mood(), Mood(503, "service_unavailable"), Mood(),
        Mood(error="internal_error"), Mood(error="fatal_error", done_before=True), Mood(),
        Mood(body="not { JSON", status=200), Mood(200, body="<html>"), Mood(seconds=0.3),
    ]  # fmt: skip
    slack.moods["chat.postMessage"] = list(moods)
    for number in range(20):
        outbox.put(ROOM, words(f"result {number}"))
    async with sending(outbox, transport):
        await until(settled(outbox))
    assert [message.words for message in slack.posted] == [f"result {n}" for n in range(20)]
    assert not slack.moods["chat.postMessage"]


async def test_a_message_that_arrived_unheard_is_looked_up_not_sent_again(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    """In a thread as well, and when the looking up fails at first."""
    first = outbox.put("#squarm", words("the first"))
    outbox.put("#squarm", words("its reply"), parent=first)
    slack.moods["chat.postMessage"] = [GONE_AFTER, GONE_AFTER]
    slack.moods["conversations.history"] = [Mood(503), GONE, Mood(429, "ratelimited")]
    slack.moods["conversations.replies"] = [Mood(503)]
    async with sending(outbox, transport):
        await until(settled(outbox))
    assert [message.words for message in slack.posted] == ["the first", "its reply"]
    assert slack.posted[1].thread_ts == slack.posted[0].ts == entry(outbox, first).stamp
    assert slack.calls.count("chat.postMessage") == 2


async def test_retry_after_is_obeyed_and_other_channels_do_not_wait(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    slack.members.add("C0GENERAL")
    slack.moods["chat.postMessage"] = [Mood(429, "ratelimited", retry_after="5")]
    outbox.put(ROOM, words("slow"))
    # Slack says so later than this, and sooner than it is seen here.
    asked = time.monotonic()
    async with sending(outbox, transport):
        await until(lambda: slack.calls)
        outbox.put("C0GENERAL", words("quick"))
        await until(lambda: len(slack.posted) == 2)
    quick, slow = slack.posted
    assert (quick.words, slow.words) == ("quick", "slow")
    assert slow.at - asked >= 4.9


async def test_one_channel_gets_its_messages_at_its_pace(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    """A Slack that takes one in 0.2 s never has to refuse."""
    slack.rate = 0.2
    for number in range(6):
        outbox.put(ROOM, words(f"result {number}"))
    # Three times as long: a busy machine may take a while from here to there.
    async with sending(outbox, transport, between=0.6):
        await until(settled(outbox))
    assert slack.calls.count("chat.postMessage") == 6


async def test_an_outage_of_any_length_loses_nothing(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    """Slack answers each call with an error of its own, three times as often as it once took."""
    slack.moods["chat.postMessage"] = [Mood(503, "service_unavailable")] * 36
    for number in range(4):
        outbox.put(ROOM, words(f"result {number}"))
    async with sending(outbox, transport, first_wait=0.002):
        await until(settled(outbox))
    assert [entry(outbox, number).state for number in (1, 2, 3, 4)] == [ItemState.SENT] * 4
    assert sorted(message.words for message in slack.posted) == [f"result {n}" for n in range(4)]


async def test_what_slack_always_fails_on_holds_up_nothing(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    slack.poison = "chokes"
    bad = outbox.put(ROOM, words("Slack chokes on this"))
    reply = outbox.put(ROOM, words("a reply to it"), parent=bad)
    outbox.put(ROOM, words("alone behind it"))
    async with sending(outbox, transport, first_wait=0.005):
        await until(lambda: slack.posted)
        # Alone it is not given up: Slack may be well again tomorrow.
        assert entry(outbox, bad).state in (ItemState.WAITING, ItemState.SENDING)
        for number in range(4):
            outbox.put(ROOM, words(f"result {number}"))
        await until(settled(outbox))
        assert entry(outbox, bad).state is ItemState.FAILED
        assert "internal_error" in entry(outbox, bad).error
        assert "was not sent" in entry(outbox, reply).error
        slack.poison = ""
        outbox.retry(bad)
        await until(lambda: len(slack.posted) == 7)
    assert [message.words for message in slack.posted] == [
        "alone behind it", *(f"result {n}" for n in range(4)), "Slack chokes on this",
        "a reply to it",
    ]  # fmt: skip


async def test_what_slack_will_never_take_fails_with_a_sentence_and_holds_up_nothing(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    lost = outbox.put("C0NOWHERE", words("into nothing"))
    reply = outbox.put("C0NOWHERE", words("after it"), parent=lost)
    outside = outbox.put("#general", words("not invited"))
    nameless = outbox.put("#nowhere", words("no such name"))
    fine = outbox.put(ROOM, words("fine"))
    async with sending(outbox, transport):
        await until(settled(outbox))
        assert "no such channel" in entry(outbox, lost).error
        assert "was not sent" in entry(outbox, reply).error
        assert "invite it" in entry(outbox, outside).error
        assert entry(outbox, nameless).state is ItemState.FAILED
        assert entry(outbox, fine).state is ItemState.SENT
        slack.members.add("C0GENERAL")
        slack.channels["C0NOWHERE"] = "nowhere"
        slack.members.add("C0NOWHERE")
        for number in (lost, outside, nameless):
            outbox.retry(number)
        await until(lambda: len(slack.posted) == 5)
        outbox.drop(outbox.put(ROOM, words("never")))
    order = [message.words for message in slack.posted]
    assert order.index("into nothing") < order.index("after it")


async def test_a_bad_token_holds_everything_and_loses_nothing(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    good, slack.tokens = slack.tokens, set()
    number = outbox.put(ROOM, words("patience"))
    async with sending(outbox, transport) as delivery:
        await until(lambda: entry(outbox, number).error)
        assert "bot_token is not valid" in delivery.problem
        assert entry(outbox, number).state is ItemState.WAITING
    slack.tokens = good
    outbox.retry(number)
    async with sending(outbox, BotTransport(settings_for(slack, outbox.path.parent))):
        await until(lambda: slack.posted)


async def test_edits_of_one_message_are_folded_into_the_last(
    slack: Slack, outbox: Outbox, transport: BotTransport
) -> None:
    number = outbox.put(ROOM, words("begun"))
    async with sending(outbox, transport):
        await until(settled(outbox))
        for step in range(50):
            outbox.edit(number, words(f"step {step}"))
        await until(lambda: slack.posted[0].words == "step 49")
    assert slack.posted[0].edits < 10
    assert len(slack.posted) == 1


async def test_only_one_process_sends_and_the_next_takes_over(
    slack: Slack, outbox: Outbox, tmp_path: Path
) -> None:
    settings = settings_for(slack, tmp_path)
    other = Outbox(outbox.path, Redactor())
    async with sending(outbox, BotTransport(settings)), sending(other, BotTransport(settings)):
        for number in range(30):
            (outbox if number % 2 else other).put(ROOM, words(f"result {number}"))
        await until(settled(outbox))
    other.put(ROOM, words("result 30"))
    async with sending(other, BotTransport(settings)):
        await until(settled(outbox))
    assert [message.words for message in slack.posted] == [f"result {n}" for n in range(31)]


@pytest.mark.slow
async def test_killed_between_every_two_steps_of_a_send(
    slack: Slack, tmp_path: Path, result: Result
) -> None:
    """SIGKILL before and after each write and each call; what is begun anew never posts twice."""
    settings_for(slack, tmp_path)
    run = await start_runner()
    step, posted, killed = 0, 0, True
    while killed:
        step += 1
        outbox = Outbox(tmp_path / f"outbox-{step}.sqlite3", Redactor())
        first = outbox.put("#squarm", square(result))
        outbox.put("#squarm", words("a reply"), parent=first)
        outbox.put("#squarm", (Picture(b"\x89PNG", "plain.png", "plain"), *words("another")))
        outbox.close()
        killed = await run(tmp_path / "slack.toml", outbox.path, step) == -9
        assert await run(tmp_path / "slack.toml", outbox.path) == 0
        outbox = Outbox(outbox.path, Redactor())
        assert [entry.state for entry in outbox.entries()] == [ItemState.SENT] * 3
        new = slack.posted[posted:]
        posted = len(slack.posted)
        assert [bool(message.picture) for message in new] == [True, False, True], step
        assert new[1].thread_ts == new[0].ts
        outbox.close()
    assert step > 30
