"""The whole circle on virtual Pis: message, bot, swarm, squares, Slack; and its page followed."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.pi import Pi
from lab.plan import PiPlan, State
from lab.slack.server import Slack
from lab.slack.workspace import ADMIN
from tests.chat.serving import Home, Serving
from tests.chat.test_bot import ANN, BOB, answer, is_sound, squares_in
from tests.dockerd import IMAGE, Dockerd, build_solver
from tests.docs.pages import DOCS, commands
from tests.lab.fixtures import MakeLab
from tests.waiting import until

pytestmark = [pytest.mark.lab, pytest.mark.docker, pytest.mark.timeout(900)]

PAGE = (DOCS / "using/slack.md").read_text("utf-8")
ON_THE_SWARM = ("--engine", "swarm", "--image", IMAGE)
ANSWERS = {
    "mols 10": "Found the pair of order 10 on ",
    "mols 10 x5": "Found all 5 pairs of order 10 ",
    "mols 10 diagonal": "Found the pair of order 10 ",
    "mols 9 set of 3": "Found the set of 3 of order 9 on ",
    "mols 500": "of order 500, constructed",
    "mols triple": r"J\. Egan, I\. M\. Wanless",
    "mols analyse": "transversals",
    "mols csv JOB": "The squares of JOB",
    "mols why JOB": "units are done",
    "mols why": "Nothing waits",
    "mols status": "2 of 2 up",
    "mols nodes": "linux/",
    "mols jobs": "JOB",
    "mols cancel JOB": "Cancelled JOB",
    "mols help": "find five of them",
}
"""What each line of the page's table is answered with, at the latest."""
SAID = {
    "squarm share 12": "Sent to #squarm",
    "squarm share mols10-4f": "Sent to #squarm",
    "squarm share 12 --preview": "To #squarm:",
    "squarm share 12 --channel '#maths'": "waits in the outbox as",
    "squarm outbox": "the bot is not in",
    "squarm outbox retry 7": "is sent again",
    "squarm outbox drop 7": "is dropped",
    "squarm slack check": "@squarm in Home",
    "squarm slack manifest": "display_information",
    "squarm slack setup": "@squarm in Home",
    "squarm serve --check": "engine    swarm, ",
}
"""What each command of the page prints."""


def give_image(daemon: Dockerd, pi: Pi, folder: Path) -> None:
    """Carry the solver's image into a Pi's Docker."""
    build_solver(daemon)
    tar = folder / "image.tar"
    with tar.open("wb") as file:
        for chunk in daemon.api().get_image(IMAGE):
            file.write(chunk)
    with tar.open("rb") as file:
        subprocess.run([*pi.shell_command(), "docker", "load"], stdin=file, check=True)


async def test_from_a_message_to_squares_from_the_swarm(
    make_lab: MakeLab, plain_daemon: Dockerd, slack: Slack, tmp_path: Path
) -> None:
    with make_lab([PiPlan(State.SWARM)] * 2) as lab:
        manager = lab["pi1"]
        give_image(plain_daemon, manager, tmp_path)
        home = Home(tmp_path, slack)
        socket = f"/proc/{manager.power.leader()}/root/run/docker.sock"
        home.environment["DOCKER_HOST"] = f"unix://{socket}"
        daemon = Serving(home, await home.start("serve", *ON_THE_SWARM))
        try:
            await until(lambda: (told := home.health()) is not None and told.engine == "swarm")
            ts = await slack.say(ANN, "mols 10 x3")
            await until(lambda: len(squares_in(slack, ts)) == 3, 120)
            assert all(is_sound(square, 10) for square in squares_in(slack, ts))
            await until(lambda: "Found all 3 pairs" in slack.replies(ts)[0].words, 60)
            six = await slack.say(ANN, "mols 6")
            told = "all 9,408 reduced Latin squares of order 6"
            await until(lambda: any(told in m.words for m in slack.replies(six)[1:]), 120)
            assert "2 of 2 up" in (await answer(slack, BOB, "mols status")).words
            await until(lambda: not services(manager), 60)
            many = ("run", "11", "--count", "100000", "--detach")
            job = (await home.squarm(*many, *ON_THE_SWARM))[0].strip()
            await the_page_is_said_word_by_word(slack, home, job)
            await the_page_is_typed_word_by_word(home, job)
            # Those of the bot go by themselves, this one was ours.
            await home.squarm("remove", job, "--yes", *ON_THE_SWARM[:2])
            await until(lambda: not services(manager), 60)
        finally:
            assert "Traceback" not in await daemon.stop()
        # What ran is over: nothing of it is left in the swarm.
        assert services(manager) == ""


async def the_page_is_said_word_by_word(slack: Slack, home: Home, job: str) -> None:
    """Every command in its table, one after the other."""
    table = re.findall(r"^\| (`mols .*?) \| .* \|$", PAGE, re.MULTILINE)
    told = [command for cell in table for command in re.findall("`(.+?)`", cell)]
    assert set(told) == set(ANSWERS)
    square = (await newest(home))["squares"][0]
    for number, command in enumerate(told):
        text = command.replace("JOB", job)
        if command == "mols analyse":
            text = f"{text}\n{square}"
        # More than twelve commands a minute are not read from one person, as the page says.
        person = ADMIN if "cancel" in command else (ANN, BOB)[number % 2]
        ts = await slack.say(person, text)
        words = re.compile(ANSWERS[command].replace("JOB", job))

        def answered(ts: str = ts, words: re.Pattern[str] = words) -> bool:
            return any(words.search(message.words) for message in slack.replies(ts))

        def heard(ts: str = ts, text: str = text) -> object:
            return text, [message.words for message in slack.replies(ts)]

        await until(answered, 240, heard)


async def the_page_is_typed_word_by_word(home: Home, job: str) -> None:
    """Every command of squarm's on it, with numbers and names that there are."""
    told = [command for command in dict.fromkeys(commands(PAGE)) if command != "squarm serve"]
    assert set(told) == set(SAID)
    # The bot is not in #general: what is shared there waits, and is the message that is dropped.
    there = {"12": str((await newest(home))["id"]), "mols10-4f": job[:8], "#maths": "#general"}
    for command in told:
        words = [there.get(word, word) for word in shlex.split(command)[1:]]
        # At a terminal it would ask.
        sure = ["--yes"] if "drop" in words else []
        said = "\n".join(await home.squarm(*words, *sure, code=None))
        assert SAID[command] in said, (command, said)
        if waits := re.search(r"waits in the outbox as (\d+)", said):
            there["7"] = waits[1]


async def newest(home: Home) -> dict[str, Any]:
    """The result that was kept last."""
    found: dict[str, Any] = json.loads((await home.squarm("results", "--json"))[0].splitlines()[0])
    return found


def services(pi: Pi) -> str:
    return pi.run("docker", "service", "ls", "--quiet").stdout.strip()
