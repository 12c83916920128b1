"""The bot as people meet it: words in, squares out, by a daemon of its own on real workers."""

import asyncio
import re
import signal
from pathlib import Path

import pytest

from lab.slack.server import Slack
from lab.slack.workspace import ADMIN, APP_TOKEN, BOT_TOKEN, BOT_USER, Posted
from results.store import Store
from solver.published import MOST
from solver.verify import flaw
from tests.chat.serving import Home, Serving, serving
from tests.waiting import until

pytestmark = pytest.mark.slow

ANN, BOB = "UANN00001", "UBOB00001"


def squares_in(slack: Slack, ts: str) -> list[Posted]:
    return [message for message in slack.replies(ts) if "verified" in message.words]


async def answer(slack: Slack, user: str, text: str) -> Posted:
    """The first that the bot says to a text."""
    ts = await slack.say(user, text)
    await until(lambda: slack.replies(ts))
    return slack.replies(ts)[0]


def rows_of(message: Posted) -> list[list[tuple[int, int]]]:
    """The cells of the grid that a message shows."""
    rows = re.findall(r"^(?:[A-Z]\d+ *)+$", message.words, re.MULTILINE)
    return [[(ord(cell[0]) - ord("A"), int(cell[1:])) for cell in row.split()] for row in rows]


def is_sound(message: Posted, order: int) -> bool:
    rows = rows_of(message)
    pair = tuple(tuple(tuple(cell[which] for cell in row) for row in rows) for which in (0, 1))
    return len(rows) == order and flaw(pair) == ""


async def workers_of(daemon: Serving) -> list[str]:
    """The arguments and environments of the solvers that run, once some do."""
    await until(daemon.hold_workers)
    workers = daemon.hold_workers()
    texts = [str(worker.cmdline()) + str(worker.environ()) for worker in workers]
    for worker in workers:
        worker.resume()
    return texts


async def test_a_square_is_asked_for_and_posted_and_nothing_is_left_behind(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    async with serving(home, slack) as daemon:
        ts = await slack.say(ANN, "mols 10")
        started = await workers_of(daemon)
        # The bot of 2017 had its webhook in its containers' arguments.
        assert not any(secret in text for text in started for secret in (BOT_TOKEN, APP_TOKEN))
        await until(lambda: squares_in(slack, ts))
        await until(lambda: any("Found the pair" in m.words for m in slack.replies(ts)))
        square = squares_in(slack, ts)[0]
        assert is_sound(square, 10)
        assert slack.files[square.picture].startswith(b"\x89PNG")
        first, *others = slack.replies(ts)
        assert others == [square]
        # Who asked, the node that found it, and how long that took.
        told = rf"<@{ANN}> Found the pair of order 10 on \S+, \d+\w after it was asked for\."
        assert re.fullmatch(told, first.words.splitlines()[0])
        assert first.edits >= 1
        await until(lambda: not home.jobs)
    with Store.open(home.results, read_only=True) as store:
        assert store.kept() == 1


async def test_sets_and_diagonal_squares(slack: Slack, tmp_path: Path) -> None:
    async with serving(Home(tmp_path, slack), slack):
        three = await slack.say(ANN, "mols 5 set of 3")
        diagonal = await slack.say(ANN, "mols 8 diagonal")
        await until(lambda: squares_in(slack, three) and squares_in(slack, diagonal))
        (found,), (other,) = squares_in(slack, three), squares_in(slack, diagonal)
        assert found.words.startswith("Three orthogonal Latin squares")
        rows = [[cell[0] for cell in row] for row in rows_of(other)]
        assert len({rows[i][i] for i in range(8)}) == len({rows[i][-1 - i] for i in range(8)}) == 8
        await until(lambda: slack.said("Found the set of 3 of order 5"))


async def test_every_way_of_asking(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    async with serving(home, slack):
        mention = await slack.say(ANN, f"<@{BOT_USER}> 4")
        direct = await slack.say(BOB, "5 x2", channel="D0ANN0001")
        envelope = await slack.command(ANN, "7 x2")
        thread = await slack.say(BOB, "mols 3", thread="1.000001")
        await until(lambda: len(squares_in(slack, mention)) == 1)
        await until(lambda: len(squares_in(slack, direct)) == 2)
        await until(lambda: len(squares_in(slack, "1.000001")) == 1)
        assert not slack.replies(thread)
        await until(lambda: envelope in slack.acks)
        # A slash command is no message: its first answer is one, and names who asked.
        root = next(m for m in slack.posted if f"<@{ANN}>" in m.words and not m.thread_ts)
        await until(lambda: len(squares_in(slack, root.ts)) == 2)
        await until(lambda: "Found all 2 pairs of order 7" in root.words)
        await until(lambda: not home.jobs)


async def test_it_says_truthfully_why_there_is_none(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    async with serving(home, slack):
        two, six = await slack.say(ANN, "mols 2"), await slack.say(ANN, "mols 6")
        one = await slack.say(ANN, "mols 1 x3")
        told = "No pair of orthogonal Latin squares of order"
        await until(lambda: any(f"{told} 2 exists" in m.words for m in slack.replies(two)[1:]))
        await until(lambda: any("all 9,408 reduced" in m.words for m in slack.replies(six)[1:]))
        for order, every in (("2", 2), ("6", 812_851_200)):
            (proof,) = slack.said(f"{told} {order} exists")
            assert f"Each of the {every:,} Latin squares of order {order}" in proof.words
        await until(lambda: any("1 of 3 found" in m.words for m in slack.replies(one)[1:]))
        await until(lambda: "how that ended stands below" in slack.replies(two)[0].words)
        assert sum(f"{told} 2 exists" in m.words for m in slack.replies(two)) == 1
        for text, words in (
            (f"mols {MOST + 1}", "is too large"),
            ("mols 0", "must be a whole number of 1 or more"),
            ("mols 10 x21", "I post 1 to 20 squares at a time, not 21"),
            ("mols 10 x0", "not 0"),
        ):
            assert words in (await answer(slack, BOB, text)).words
        await until(lambda: not home.jobs)


async def test_the_hunt_for_three_posts_its_best(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    async with serving(home, slack):
        ts = await slack.say(ANN, "triple")
        await until(lambda: len(squares_in(slack, ts)) == 1, 240)
        (best,) = squares_in(slack, ts)
        pairs = re.search(r"100 \+ (\d+) \+ (\d+) of 100 each", best.words)
        assert pairs is not None
        assert slack.files[best.picture].startswith(b"\x89PNG")
        await until(lambda: "The best of 8 tries" in slack.replies(ts)[0].words)
        assert "100 + 100 + 91 pairs" in slack.replies(ts)[0].words
        await until(lambda: slack.said("J. Egan, I. M. Wanless"))
        (board,) = slack.said("J. Egan, I. M. Wanless")
        assert board.thread_ts == ts
        assert "100 + 100 + 91" in board.words.splitlines()[1]
        assert home.results.exists()
        with Store.open(home.results, read_only=True) as store:
            ours = store.triples(1)[0]
        assert ours.covered is not None
        assert sorted(map(int, pairs.groups())) == sorted(ours.covered)
        assert f"{ours.group:>5} {ours.times:>5} {ours.source}, job {ours.job}" in board.words


async def test_questions_are_answered(slack: Slack, tmp_path: Path) -> None:
    async with serving(Home(tmp_path, slack), slack):
        for text, words in (
            ("status", "1 of 1 up"),
            ("mols nodes", "linux/"),
            ("jobs", "There are no jobs"),
            ("mols help", "find five of them"),
            ("mols", "find five of them"),
            ("cancel mols10-abcdef", "There is no job 'mols10-abcdef'"),
        ):
            assert words in (await answer(slack, ANN, text)).words


HOSTILE = (
    ("mols <!channel>", "'<!channel>' is not"),
    ("mols 10; rm -rf /", "'10;' is not"),
    ("mols 7foo", "'7foo' is not"),
    ("mols 10^9", "'10^9' is not"),
    ("mols 1000000000", "Order 1000000000 is too large"),
    ("mols -5", "1 or more"),
    ("mols 10 x1e9", "is not"),
    ("mols 🎲", "'🎲' is not"),
    ("mols <@UADMIN001>", "is not"),
    ("mols <https://evil.example|10>", "is not"),
    ("mols *10* `x2`", "is not"),
    ("mols " + "9" * 40_000, "too long"),
    ("mols " + "<!here> " * 5_000, "too long"),
    ("mols cancel ../../etc/passwd", "Say which one"),
    ("mols cancel $(reboot)", "Say which one"),
    ("mols cancel <!everyone>", "Say which one"),
    ("mols cancel mols10", "Only who asked"),
    ("mols drop table results", "I do not know 'drop'"),
)


async def test_hostile_words_are_only_words(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    await home.squarm("run", "10", "--count", "3", "--engine", "local")
    (job,) = home.jobs
    async with serving(home, slack):
        for number, (text, words) in enumerate(HOSTILE):
            said = await answer(slack, f"UPERSON{number:02d}", text)
            assert words in said.words, text
            # Nothing in it is alive: all is raw text, and in the notification it is written out.
            assert "mrkdwn" not in str(said.blocks)
            assert "<" not in said.text
            assert len(said.words) < 300
        assert home.jobs == [job]
    assert len(slack.posted) == len(HOSTILE)


async def test_what_is_not_for_it_is_left_alone(slack: Slack, tmp_path: Path) -> None:
    async with serving(Home(tmp_path, slack), slack):
        await slack.say(ANN, "who needs help with the status report?")
        await slack.say(ANN, "mols 10", channel="C0GENERAL")
        there = await slack.say(ANN, f"<@{BOT_USER}> mols 10", channel="C0GENERAL")
        slack.members.add("C0GENERAL")
        await until(lambda: slack.replies(there))
        assert "I take commands in #squarm and in direct messages only" in slack.posted[0].words
        refused = await slack.command(ANN, "10", channel="C0GENERAL")
        await until(lambda: refused in slack.acks)
        assert "in #squarm" in slack.ack_bodies[refused]["text"]
        last = await slack.say(BOB, "mols jobs")
        await until(lambda: slack.replies(last))
        assert len(slack.posted) == 2


async def test_an_event_delivered_twice_starts_one_job_also_across_a_restart(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    slack.redeliver = 0.2
    ts = slack._stamp()
    event = {"type": "message", "user": ANN, "text": "mols 9", "channel": "C0SQUARM1", "ts": ts}
    envelope = slack.envelope({**event, "channel_type": "channel"})
    async with serving(home, slack) as daemon:
        await asyncio.gather(*(slack.deliver(envelope) for _ in range(3)))
        again = {**slack.envelope({**event, "channel_type": "channel"}), "retry_attempt": 1}
        await slack.deliver(again)
        await until(lambda: again["envelope_id"] in slack.acks)
        await daemon.stop(signal.SIGKILL)
    async with serving(home, slack):
        await slack.deliver({**envelope, "envelope_id": "after-the-restart"})
        await until(lambda: "after-the-restart" in slack.acks)
        await until(lambda: len(squares_in(slack, ts)) == 1)
        await until(lambda: any("Found the pair" in m.words for m in slack.replies(ts)))
        await until(lambda: not home.jobs)
    assert len(slack.replies(ts)) == 2
    with Store.open(home.results, read_only=True) as store:
        assert store.kept() == 1


async def test_an_event_that_could_not_be_noted_is_not_acknowledged(
    slack: Slack, tmp_path: Path
) -> None:
    """Slack delivers it again, and then it is taken."""
    home = Home(tmp_path, slack)
    slack.redeliver = 1.0
    async with serving(home, slack):
        await until(home.outbox.exists)
        lock = await asyncio.create_subprocess_exec(
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1], isolation_level=None);"
            "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()",
            str(home.outbox), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert lock.stdout
        await lock.stdout.readline()
        ts = await slack.say(ANN, "mols jobs")
        await asyncio.sleep(12)
        assert not slack.acks
        assert lock.stdin
        lock.stdin.close()
        await lock.wait()
        await until(lambda: slack.replies(ts))
        assert len(slack.replies(ts)) == 1


async def test_it_goes_on_where_it_was_killed(slack: Slack, tmp_path: Path) -> None:
    """Killed while a job runs: the job is resumed, not begun again, and ends as if nothing was."""
    home = Home(tmp_path, slack)
    async with serving(home, slack) as daemon:
        ts = await slack.say(ANN, "mols 11 x20")
        await until(lambda: squares_in(slack, ts), 90)
        held = daemon.hold_workers()
        await daemon.stop(signal.SIGKILL)
        for worker in held:
            worker.resume()
        (job,) = home.jobs
    async with serving(home, slack):
        await until(lambda: len(squares_in(slack, ts)) == 20, 120)
        assert home.jobs in ([job], [])
        await until(lambda: "Found all 20 pairs" in slack.replies(ts)[0].words)
    pictures = [message.words for message in squares_in(slack, ts)]
    assert len(set(pictures)) == 20


async def test_a_wedged_socket_is_replaced(slack: Slack, tmp_path: Path) -> None:
    """It stays open and says nothing, not even pong: Slack's own client may or may not notice."""
    home = Home(tmp_path, slack, ping_seconds=0.3)
    slack.redeliver = 1.0
    async with serving(home, slack):
        ts = await slack.say(ANN, "mols jobs")
        await until(lambda: slack.replies(ts))
        slack.wedged = True
        unheard = await slack.say(ANN, "mols status")
        before = slack.connections
        await until(lambda: slack.connections > before)
        slack.wedged = False
        await until(lambda: slack.replies(unheard))
        # A greeting that never comes is as deaf.
        slack.greets = False
        await slack.refresh()
        before = slack.connections
        await until(lambda: slack.connections >= before + 2)
        slack.greets = True
        again = await slack.say(ANN, "mols nodes")
        await until(lambda: slack.replies(again))


async def test_slack_s_own_reconnections(slack: Slack, tmp_path: Path) -> None:
    async with serving(Home(tmp_path, slack), slack):
        for number in range(3):
            await slack.refresh()
            await until(lambda: slack.sockets)
            await answer(slack, f"UPERSON0{number}", "mols jobs")
        await slack.stop()
        await asyncio.sleep(1.5)
        await slack.start()
        ts = await slack.say(ANN, "mols jobs")
        await until(lambda: slack.replies(ts))


async def test_fifty_people_at_once(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack, jobs=4)
    people = [f"UPERSON{number:02d}" for number in range(50)]
    async with serving(home, slack):
        asked = await asyncio.gather(*(slack.say(person, "mols 5") for person in people))
        await until(lambda: all(slack.replies(ts) for ts in asked))
        places = [re.search(r"(\d+)\w\w in the queue", m.words) for m in slack.posted]
        assert any(places)
        await until(lambda: all(len(squares_in(slack, ts)) == 1 for ts in asked), 120)
        assert all(len(slack.replies(ts)) == 2 for ts in asked)
        await until(lambda: not home.jobs)


async def test_who_may_cancel_what_and_how_many_searches_each_has(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack, jobs=1, jobs_per_user=2)
    async with serving(home, slack) as daemon:
        running = await slack.say(ANN, "mols 11 x20")
        # Held, so that it does not end before all is said.
        await until(lambda: len(daemon.hold_workers()) == 2)
        job = home.jobs[0].name
        waiting = await slack.say(ANN, "mols 10")
        await until(lambda: slack.replies(waiting))
        assert "1st in the queue" in slack.replies(waiting)[0].words
        third = await slack.say(ANN, "mols 10")
        await until(lambda: slack.replies(third))
        assert "You have 2 searches under way" in slack.replies(third)[0].words

        async def told(user: str, text: str) -> str:
            return (await answer(slack, user, text)).words

        assert re.search(r"\d+  1st in the queue", await told(BOB, "mols why"))
        assert "units are done" in await told(BOB, f"mols why {job}")
        await until(lambda: slack.replies(running)[0].edits)
        listing = await told(BOB, "mols jobs")
        assert job in listing
        number = re.search(r"^(\d+) .*1st in queue", listing, re.MULTILINE)
        assert number is not None
        assert "Only who asked for it" in await told(BOB, f"mols cancel {job}")
        assert "Only who asked for it" in await told(BOB, f"mols cancel {number[1]}")
        assert "is taken back" in await told(ANN, f"mols cancel #{number[1]}")
        await until(lambda: "Taken back" in slack.replies(waiting)[0].words)
        assert f"Cancelled {job}" in await told(ADMIN, f"cancel {job}")
        await until(lambda: any("Cancelled" in m.words for m in slack.replies(running)[1:]))
        await until(lambda: not home.jobs)


async def test_a_flood_is_warned_once_and_then_not_heard(slack: Slack, tmp_path: Path) -> None:
    async with serving(Home(tmp_path, slack), slack):
        for _ in range(40):
            await slack.say(ANN, "mols jobs")
        other = await slack.say(BOB, "mols jobs")
        await until(lambda: slack.replies(other))
        await until(lambda: len(slack.acks) == 41)
        await until(lambda: len(slack.posted) == 12 + 1 + 1)
        assert len(slack.said("I read nothing more of yours")) == 1
