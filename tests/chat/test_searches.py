"""What is said of a job that somebody in Slack waits for, and how much is done at a time."""

import asyncio
from typing import Any, cast

import pytest

from chat.bot import request_worker
from chat.bot.commands import Route
from chat.bot.request_worker import RequestWorker
from chat.bot.requests import Request, RequestState
from chat.bot.searches import Searches
from chat.message import Message, Paragraph
from results.reports import Snapshot
from solver.question import Question
from swarm.job import JobSpec


async def test_a_job_is_not_gone_where_nobody_sees_the_jobs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine does not answer when the daemon starts, or has just stopped to."""
    said: list[Message] = []

    async def end(_self: Searches, _request: Request, message: Message) -> None:
        said.append(message)

    monkeypatch.setattr(Searches, "_end", end)
    monkeypatch.setattr(Searches, "_waited", lambda _self, _request: float("inf"))
    none = cast("Any", None)
    engine = cast("Any", object())
    searches = Searches(none, none, none, none, lambda: engine, lambda: None, read_only=False)
    spec = JobSpec(Question(10)).to_json()
    asked = ("U0ANN", "C1", "1.0", Route.CHANNEL, "mols 10", RequestState.RUNNING, 0.0)
    request = Request(1, *asked, spec, "mols10-abc123", 1)
    for taken, problem in ((0.0, "The swarm has no leader."), (5.0, "The swarm has no leader.")):
        searches.snapshot = Snapshot("swarm", "master", (), (), 0, taken, problem)
        await searches.follow(request)
        assert said == []
    searches.snapshot = Snapshot("swarm", "master", (), (), 0, 5.0)
    await searches.follow(request)
    assert said == [(Paragraph("Job mols10-abc123 is gone: it was removed."),)]


async def test_however_many_ask_few_verbs_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running = most = 0

    async def printed_by(*_arguments: str, **_options: object) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return "done"

    monkeypatch.setattr(request_worker, "printed_by", printed_by)
    none = cast("Any", None)
    worker = RequestWorker(none, none, none, none, none, none, lambda: None)
    asked = ("U0ANN", "C1", "1.0", Route.CHANNEL, "", RequestState.NEW, 0.0, "", "", 0)
    requests = [Request(number, *asked) for number in range(12)]
    await asyncio.gather(*(worker._analysis(request, "0 1\n1 0") for request in requests))
    assert most == 2
