"""Forty people and four hundred messages, with the daemon killed among them."""

import asyncio
import signal
from pathlib import Path

import pytest

from lab.slack.server import Slack
from tests.chat.serving import Home, serving
from tests.chat.test_bot import squares_in
from tests.waiting import until

pytestmark = pytest.mark.slow

PEOPLE = [f"UPERSON{number:02d}" for number in range(40)]
QUESTIONS = ("mols jobs", "mols status", "mols nodes", "mols why", "mols help", "mols -1")


async def test_nothing_is_lost_and_nothing_comes_twice(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack, jobs=4, seconds_between=0.01)
    slack.redeliver = 1.0
    searches: list[str] = []
    questions: list[str] = []

    async def speak(user: str) -> None:
        for round_ in range(10):
            if round_ == 4:
                searches.append(await slack.say(user, "mols 4"))
            else:
                text = QUESTIONS[round_ % len(QUESTIONS)]
                questions.append(await slack.say(user, text))
            await asyncio.sleep(0.05)

    async with serving(home, slack) as daemon:
        speaking = asyncio.gather(*(speak(person) for person in PEOPLE))
        await until(lambda: len(slack.posted) > 50)
        await daemon.stop(signal.SIGKILL)
        async with serving(home, slack):
            await speaking
            await until(lambda: all(slack.replies(ts) for ts in questions), 120)
            await until(lambda: all(len(squares_in(slack, ts)) == 1 for ts in searches), 120)
            await until(lambda: len(slack.said("Found the pair of order 4")) == 40)
            await until(lambda: not home.jobs)
    assert len(searches) == 40
    assert len(questions) == 360
    assert {len(slack.replies(ts)) for ts in questions} == {1}
    assert {len(slack.replies(ts)) for ts in searches} == {2}
    assert len(slack.posted) == 360 + 2 * 40
