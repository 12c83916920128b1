"""The bot against a Slack on loopback: message to answer, to square, and the daemon's memory."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from lab.slack.server import Slack
from lab.slack.workspace import Posted
from tests.chat.serving import Home, serving, slack_for
from tests.waiting import until

QUESTIONS = 40
SEARCHES = 15
MESSAGES = 10_000
AT_ONCE = 50


def main() -> None:
    """Print the measurements."""
    print("The Slack bot, on loopback (a real Slack adds its own time)")
    asyncio.run(_measure())


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with slack_for() as slack:
            home = Home(Path(folder), slack, jobs_per_user=1_000)
            async with serving(home, slack) as daemon:
                await _answers(slack)
                await _searches(slack)
                await _memory(slack, psutil.Process(daemon.process.pid))


async def _answers(slack: Slack) -> None:
    acknowledged, answered = [], []
    for number in range(QUESTIONS):
        before = set(slack.acks)
        began = time.monotonic()
        ts = await slack.say(f"UASKER{number:03d}", "mols jobs")
        first = await _reply(slack, ts, 1)
        answered.append(first.at - began)
        (envelope,) = set(slack.acks) - before
        acknowledged.append(slack.acks[envelope] - began)
    print(f"message to acknowledgement: {_spread(acknowledged)}")
    print(f"message to answer:          {_spread(answered)}")


async def _searches(slack: Slack) -> None:
    """The search itself is what `squarm solve` of the same order takes, and is left out."""
    took = []
    for number in range(SEARCHES):
        began = time.monotonic()
        ts = await slack.say(f"USEEKER{number:02d}", "mols 10")
        took.append((await _reply(slack, ts, 2)).at - began)
        await asyncio.sleep(0.3)
    alone = []
    for _ in range(SEARCHES):
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(".venv/bin/python", "-m", "solver", "10", "--count", "1"),
            stdout=asyncio.subprocess.DEVNULL,
        )
        await process.wait()
        alone.append(time.monotonic() - began)
    print(f"message to posted square:   {_spread(took)}")
    print(f"of which the solver alone:  {_spread(alone)}")


async def _memory(slack: Slack, daemon: psutil.Process) -> None:
    before = daemon.memory_info().rss / 1e6
    began = time.monotonic()
    for start in range(0, MESSAGES, AT_ONCE):
        people = [f"UMANY{start + number:05d}" for number in range(AT_ONCE)]
        asked = await asyncio.gather(*(slack.say(one, "mols jobs") for one in people))
        await _reply(slack, asked[-1], 1)
        if start + AT_ONCE in (1_000, MESSAGES // 2):
            print(f"memory after {start + AT_ONCE:,} messages: {_megabytes(daemon)}")
        slack.posted.clear()
    rate = MESSAGES / (time.monotonic() - began)
    print(f"memory after {MESSAGES:,} messages: {_megabytes(daemon)} ({before:.0f} MB before)")
    print(f"{rate:.0f} messages a second, each answered")


def _megabytes(process: psutil.Process) -> str:
    return f"{process.memory_info().rss / 1e6:.0f} MB"


async def _reply(slack: Slack, ts: str, number: int) -> Posted:
    await until(lambda: len(slack.replies(ts)) >= number, 60)
    return slack.replies(ts)[number - 1]


def _spread(seconds: list[float]) -> str:
    seconds = sorted(seconds)
    p95 = seconds[int(len(seconds) * 0.95)]
    return f"p50 {statistics.median(seconds) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"


if __name__ == "__main__":
    main()
