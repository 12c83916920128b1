"""What stands around a job in Slack: its buttons, the Home tab, files to and from squarm."""

import signal
from pathlib import Path

import pytest

from lab.slack.server import Mood, Slack
from lab.slack.workspace import ADMIN, Posted
from tests.chat.serving import Home, serving
from tests.chat.test_bot import ANN, BOB, answer, squares_in
from tests.waiting import until

pytestmark = pytest.mark.slow

SQUARE = "A B C D\nB A D C\nC D A B\nD C B A"


async def first_answer(slack: Slack, user: str, text: str, words: str) -> Posted:
    """The first answer once it says so."""
    said = await answer(slack, user, text)
    await until(lambda: words in said.words)
    return said


async def test_more_and_all_as_csv_at_a_press(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    async with serving(home, slack):
        told = await first_answer(slack, ANN, "mols 5 x2", "Found all 2 pairs")
        assert set(told.buttons) == {"Find more", "All as CSV"}
        # The last step of an upload is unheard of once, and still the file comes once.
        slack.moods["files.completeUploadExternal"] = [Mood(hang_up=True, done_before=True)]
        pressed = await slack.press(BOB, told, "All as CSV")
        await until(lambda: pressed in slack.acks)
        await until(lambda: any(message.files for message in slack.posted))
        (sent,) = [message for message in slack.posted if message.files]
        assert sent.thread_ts == told.thread_ts
        text = slack.files[sent.files[0]].decode()
        assert text.startswith("set,order,square,row,cells\n")
        assert len(text.splitlines()) == 1 + 2 * 2 * 5
        before = len(squares_in(slack, told.thread_ts))
        await slack.press(BOB, told, "Find more")
        await until(lambda: len(squares_in(slack, told.thread_ts)) == before + 2)
        await until(lambda: slack.said(f"<@{BOB}> Found all 2 pairs"))
        assert len([message for message in slack.posted if message.files]) == 1


async def test_a_press_has_the_rights_of_words(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack, jobs=1)
    slack.people = {"UGUEST001": {"is_restricted": True}}
    async with serving(home, slack) as daemon:
        running = await answer(slack, ANN, "mols 11 x20")
        await until(lambda: len(daemon.hold_workers()) == 2)
        await until(lambda: "Cancel" in running.buttons)
        waiting = await answer(slack, ANN, "mols 4")
        await slack.press(BOB, running, "Cancel")
        await until(lambda: slack.said("Only who asked"))
        await slack.press("UGUEST001", running, "Cancel")
        await until(lambda: slack.said("from full members"))
        await slack.press(ANN, waiting, "Take it back")
        await until(lambda: "Taken back" in waiting.words)
        await slack.press(ADMIN, running, "Cancel")
        await until(lambda: slack.said("Cancelled mols11"))
        await until(lambda: not home.jobs)
        assert not waiting.buttons


async def test_a_square_is_analysed_that_was_pasted_or_attached(
    slack: Slack, tmp_path: Path
) -> None:
    async with serving(Home(tmp_path, slack), slack):
        pasted = await answer(slack, ANN, f"mols analyse\n```\n{SQUARE}\n```")
        assert "order 4, Latin" in pasted.words
        assert "intercalates 12" in " ".join(pasted.words.split())
        slack.files["F0ANN"] = SQUARE.encode()
        with_file = await slack.say(
            ANN, "mols analyse", subtype="file_share", files=[{"id": "F0ANN", "name": "it.txt"}]
        )
        await until(lambda: slack.replies(with_file))
        assert slack.replies(with_file)[0].words == pasted.words
        # It comes in many parts, the square in the last of them.
        slack.files["F0ANN"] = b"# A note.\n" * 40_000 + SQUARE.encode()
        large = await slack.say(
            ANN, "mols analyse", subtype="file_share", files=[{"id": "F0ANN", "name": "it.txt"}]
        )
        await until(lambda: slack.replies(large))
        assert "order 4, Latin" in slack.replies(large)[0].words
        for text, words in (
            ("mols analyse", "Paste a square below"),
            ("mols analyse 0 1\n1 1", "not Latin: row 2"),
            ("mols analyse good morning", "There are no squares"),
        ):
            assert words in (await answer(slack, BOB, text)).words


async def test_what_no_job_carries_is_constructed(slack: Slack, tmp_path: Path) -> None:
    """The bot of 2017 had nothing above order 10."""
    async with serving(Home(tmp_path, slack), slack):
        ts = await slack.say(ANN, "mols 150")
        await until(lambda: slack.replies(ts), 60)
        (sent,) = slack.replies(ts)
        assert "A pair of orthogonal Latin squares of order 150" in sent.text
        assert len(slack.files[sent.files[0]].decode().splitlines()) == 150
        large = await answer(slack, BOB, "mols 7777")
        assert "mutually orthogonal squares are constructed here" in large.words
        assert "squarm solve 7777 writes them" in large.words


async def test_a_home_tab_that_was_opened_is_drawn_after_a_kill(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    async with serving(home, slack) as killed:
        await slack.open_home(ANN)
        await until(lambda: not slack._waiting)
        await killed.stop(signal.SIGKILL)
    slack.homes.clear()
    async with serving(home, slack):
        await until(lambda: "There are no jobs" in slack.homes.get(ANN, [""])[-1])


async def test_the_home_tab_shows_how_it_stands(slack: Slack, tmp_path: Path) -> None:
    slack.people = {"UGUEST001": {"is_restricted": True}}
    async with serving(Home(tmp_path, slack), slack):
        await slack.open_home(ANN)
        await until(lambda: "There are no jobs" in slack.homes.get(ANN, [""])[-1])
        await slack.open_home("UGUEST001")
        await until(lambda: slack.homes.get("UGUEST001"))
        assert "NODE" not in slack.homes["UGUEST001"][-1]
        await first_answer(slack, ANN, "mols 4", "Found the pair")
        await slack.open_home(ANN)
        await until(lambda: "A pair of orthogonal Latin squares" in slack.homes[ANN][-1])
        assert "linux/" in slack.homes[ANN][-1]
