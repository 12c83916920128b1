"""Whom the bot answers, and where: while Slack does not say, nothing is lost."""

from pathlib import Path

import pytest

from chat.bot.people import Membership, standing_of
from lab.slack.server import Mood, Slack
from lab.slack.workspace import BOT_USER, SCOPES
from tests.chat.serving import Home, serving
from tests.chat.test_bot import ANN, BOB, answer, squares_in
from tests.waiting import until

pytestmark = pytest.mark.slow

GUEST, STRANGER, ROBOT = "UGUEST001", "USTRANGER", "UROBOT001"


async def test_what_is_asked_while_channels_are_unknown_is_answered(
    slack: Slack, tmp_path: Path
) -> None:
    """Slack takes its time to list them, and then asks to slow down."""
    asked_to_wait = [Mood(429, "ratelimited", retry_after="1")] * 1_000
    slack.moods["users.conversations"] = [Mood(seconds=2), *asked_to_wait]
    async with serving(Home(tmp_path, slack), slack):
        search = await slack.say(ANN, "mols 4")
        typed = await slack.command(BOB, "jobs")
        elsewhere = await slack.say(BOB, f"<@{BOT_USER}> mols jobs", channel="C0GENERAL")
        slack.members.add("C0GENERAL")
        await until(lambda: typed in slack.acks)
        assert not slack.posted
        slack.moods["users.conversations"].clear()
        await until(lambda: squares_in(slack, search))
        await until(lambda: slack.said("There are no jobs") or slack.said("JOB "))
        await until(lambda: slack.replies(elsewhere))
        assert "I take commands in #squarm" in slack.replies(elsewhere)[0].words
        assert len(slack.said("I take commands")) == 1


async def test_a_missing_scope_is_said_to_all_who_wait_for_it(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    slack.scopes = SCOPES.replace("channels:read,groups:read,", "")
    async with serving(home, slack):
        ts = await slack.say(ANN, "mols help")
        direct = await slack.say(ANN, "help", channel="D0ANN0001")
        await until(lambda: slack.replies(direct))
        await until(lambda: slack.replies(ts))
        assert "lacks the scope" in slack.replies(ts)[0].words
        out, err = await home.squarm("serve", "--check", code=1)
        assert "channels" in err + out
        slack.scopes = SCOPES
        await until(lambda: len(slack.replies(ts)) == 2)
        assert "find five of them" in slack.replies(ts)[1].words


async def test_a_bot_in_many_channels_finds_its_own(slack: Slack, tmp_path: Path) -> None:
    """Page after page; and one to which it is invited only later."""
    slack.channels = {f"C0{number:07d}": f"room-{number}" for number in range(40)} | slack.channels
    slack.members = set(slack.channels) - {"C0GENERAL"}
    home = Home(tmp_path, slack, channels=["#squarm", "#general"])
    async with serving(home, slack):
        await answer(slack, ANN, "mols jobs")
        await until(lambda: "is not in #general" in str(home.health()))
        slack.members.add("C0GENERAL")
        ts = await slack.say(ANN, "mols jobs", channel="C0GENERAL")
        await until(lambda: slack.replies(ts))
        assert "There are no jobs" in slack.replies(ts)[0].words
        await until(lambda: (told := home.health()) is not None and not told.problems)


async def test_a_command_between_two_people_is_answered_to_whoever_typed_it(
    slack: Slack, tmp_path: Path
) -> None:
    async with serving(Home(tmp_path, slack), slack):
        typed = await slack.command(ANN, "4", channel="D0BETWEEN")
        await until(lambda: typed in slack.acks)
        assert "direct message" in slack.ack_bodies[typed]["text"]
        await until(lambda: slack.said("verified"))
        await until(lambda: slack.said("Found the pair of order 4"))
        assert {message.channel for message in slack.posted} == {slack.direct(ANN)}
        # Where the bot may not open it, it is written to all the same.
        slack.scopes = SCOPES.replace("im:write,", "")
        await slack.command(BOB, "jobs", channel="D0BETWEEN")
        await until(lambda: any(m.channel == slack.direct(BOB) for m in slack.posted))


async def test_only_members_are_answered_and_bots_not_at_all(slack: Slack, tmp_path: Path) -> None:
    slack.people = {
        GUEST: {"is_restricted": True}, STRANGER: {"team_id": "T0OTHER"}, ROBOT: {"is_bot": True},
    }  # fmt: skip
    home = Home(tmp_path, slack)
    async with serving(home, slack):
        for user in (GUEST, STRANGER):
            assert "from full members" in (await answer(slack, user, "mols 4")).words
        direct = [await slack.say(user, "4", channel=f"D0{user[1:]}") for user in (GUEST, STRANGER)]
        await until(lambda: all(slack.replies(ts) for ts in direct))
        assert len(slack.said("from full members")) == 4
        before = len(slack.posted)
        robots = [
            await slack.say(ROBOT, "mols 4"),
            await slack.say(ROBOT, "4", channel="D0ROBOT01"),
            await slack.say(ANN, f"<@{BOT_USER}> 4", bot_id="B0OTHER"),
            await slack.say(ANN, "4", channel="D0ANN0001", bot_id="B0OTHER"),
        ]
        await answer(slack, ANN, "mols jobs")
        assert not any(slack.replies(ts) for ts in robots)
        assert len(slack.posted) == before + 1
        assert not home.jobs


async def test_one_of_whom_slack_does_not_tell_holds_up_nobody(
    slack: Slack, tmp_path: Path
) -> None:
    async with serving(Home(tmp_path, slack), slack):
        slack.moods["users.info"] = [Mood(500, body="oops")]
        first = await slack.say(ANN, "mols help")
        assert "find five of them" in (await answer(slack, BOB, "mols help")).words
        await until(lambda: slack.replies(first))


async def test_guests_are_answered_where_the_settings_say_so(slack: Slack, tmp_path: Path) -> None:
    slack.people = {GUEST: {"is_ultra_restricted": True}, STRANGER: {"is_stranger": True}}
    home = Home(tmp_path, slack, people=["members", "guests", STRANGER])
    async with serving(home, slack):
        for user in (GUEST, STRANGER, ANN):
            assert "There are no jobs" in (await answer(slack, user, "mols jobs")).words


async def test_no_private_channel_is_named_elsewhere(slack: Slack, tmp_path: Path) -> None:
    slack.private = {"C0SQUARM1"}
    async with serving(Home(tmp_path, slack), slack):
        await answer(slack, ANN, "mols jobs")
        typed = await slack.command(GUEST, "10", channel="C0GENERAL")
        await until(lambda: typed in slack.acks)
        assert slack.ack_bodies[typed]["text"] == (
            "I take no commands here: send me a direct message."
        )


async def test_words_with_a_file_or_as_an_action_are_words(slack: Slack, tmp_path: Path) -> None:
    async with serving(Home(tmp_path, slack), slack):
        kinds = ("file_share", "me_message", "thread_broadcast")
        said = [await slack.say(ANN, "mols jobs", subtype=kind) for kind in kinds]
        await until(lambda: all(slack.replies(ts) for ts in said))
        edited = await slack.say(ANN, "mols jobs", subtype="message_changed")
        await answer(slack, BOB, "mols jobs")
        assert not slack.replies(edited)


async def test_a_token_that_is_typed_is_kept_nowhere(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    token = "xoxb-9000-8000-typedbymistake"  # noqa: S105 - of no real Slack
    async with serving(home, slack):
        said = await answer(slack, ANN, f"mols {token}")
        assert "typedbymistake" not in said.words
        files = [path for path in home.folder.rglob("*") if path.is_file()]
        assert home.outbox in files
        assert not [path for path in files if b"typedbymistake" in path.read_bytes()]


@pytest.mark.parametrize(
    ("about", "standing"),
    [
        ({"team_id": "T1"}, Membership.MEMBER),
        ({"team_id": "E1", "enterprise_user": {"teams": ["T1", "T2"]}}, Membership.MEMBER),
        ({"team_id": "T1", "is_restricted": True}, Membership.GUEST),
        ({"team_id": "T1", "is_restricted": True, "is_ultra_restricted": True}, Membership.GUEST),
        ({"team_id": "T2"}, Membership.OTHER),
        ({"team_id": "T1", "is_stranger": True}, Membership.OTHER),
        ({"team_id": "T1", "is_bot": True}, Membership.BOT),
        ({}, Membership.OTHER),
    ],
)
def test_what_slack_says_of_somebody(about: dict[str, object], standing: Membership) -> None:
    assert standing_of(about, "T1") is standing
