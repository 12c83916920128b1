"""A Slack of our own for each test, and a result to share."""

from collections.abc import AsyncIterator

import pytest

from lab.slack.server import Slack
from results.result import Result
from solver.question import Question
from swarm.job import JobSpec
from tests.chat.serving import slack_for
from tests.swarm.samples import squares


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with slack_for() as running:
        yield running


@pytest.fixture
def result() -> Result:
    """A pair of order 10, as the store gives it."""
    (record,) = squares(JobSpec(Question(10), count=1, seed=5), 1)
    return Result(7, 10, record.squares, record.source, "mols10-abc123", 0, 0, "pi1", 1.8e9)
