"""The whole circle on virtual Pis: message, bot, swarm, squares, Slack."""

import subprocess
from pathlib import Path

import pytest

from lab.pi import Pi
from lab.plan import PiPlan, State
from lab.slack.server import Slack
from tests.chat.serving import Home, Serving
from tests.chat.test_bot import answer, is_sound, squares_in
from tests.dockerd import IMAGE, Dockerd, build_solver
from tests.lab.fixtures import MakeLab
from tests.waiting import until

pytestmark = [pytest.mark.lab, pytest.mark.docker, pytest.mark.timeout(600)]


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
        daemon = Serving(home, await home.start("serve", "--engine", "swarm", "--image", IMAGE))
        try:
            await until(lambda: (told := home.health()) is not None and told.engine == "swarm")
            ts = await slack.say("UANN00001", "mols 10 x3")
            await until(lambda: len(squares_in(slack, ts)) == 3, 120)
            assert all(is_sound(square, 10) for square in squares_in(slack, ts))
            await until(lambda: "Found all 3 pairs" in slack.replies(ts)[0].words, 60)
            six = await slack.say("UANN00001", "mols 6")
            told = "all 9,408 reduced Latin squares of order 6"
            await until(lambda: any(told in m.words for m in slack.replies(six)[1:]), 120)
            assert "2 of 2 up" in (await answer(slack, "UBOB00001", "mols status")).words
            await until(lambda: not services(manager), 60)
        finally:
            assert "Traceback" not in await daemon.stop()
        # What ran is over: nothing of it is left in the swarm.
        assert services(manager) == ""


def services(pi: Pi) -> str:
    return pi.run("docker", "service", "ls", "--quiet").stdout.strip()
