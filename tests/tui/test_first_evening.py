"""The first evening, as the README tells it: every command and every key of it, in its order.

Three things are not as at home: the repository is cloned from a bundle (the README's address leads
to it), Docker and the image's base are there before (no registry can be reached from here).
"""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lab.pi import Pi
from lab.plan import PASSWORD, PiPlan, State, Variant
from tests.debian_base import bases
from tests.lab.fixtures import MakeLab
from tests.tui.tmux import Tmux, tmux

pytestmark = [pytest.mark.lab, pytest.mark.timeout(2400)]

REPOSITORY = Path(__file__).parent.parent.parent
OTHER = PiPlan(State.DOCKER)
MASTER = replace(OTHER, memory_mib=2048, cpus=2.0, card_mib=8192)
KEYS = {"Ctrl-A": "C-a", "Enter": "Enter"}
PROMPT = "done, and ready"


class Evening:
    """What the README still says to do."""

    def __init__(self) -> None:
        text = (REPOSITORY / "README.md").read_text()
        section = text.partition("## The first evening")[2].partition("\n## ")[0]
        self.commands = iter(re.findall(r"^    (.+)$", section, re.MULTILINE))
        steps = re.findall(r"^\d\. (.+?)(?=^\d\. |^This is)", section, re.MULTILINE | re.DOTALL)
        self._steps = iter(steps)
        assert "`ssh pi@raspberrypi.local`" in section

    def step(self) -> Iterator[str]:
        """The keys and words of the next step."""
        return iter(re.findall(r"`([^`]+)`", next(self._steps)))

    def over(self) -> bool:
        """Whether all was done."""
        return next(self._steps, None) is None and next(self.commands, None) is None


@pytest.mark.parametrize("system", ["trixie", pytest.param("bookworm", marks=pytest.mark.systems)])
async def test_the_first_evening(system: str, make_lab: MakeLab, tmp_path: Path) -> None:
    evening = Evening()
    variants = frozenset({Variant.BOOKWORM} if system == "bookworm" else ())
    with make_lab([replace(plan, variants=variants) for plan in (MASTER, OTHER, OTHER)]) as lab:
        master, *others = lab.pis
        await asyncio.to_thread(stand_in_for_the_internet, master, tmp_path)
        async with logged_in(master, tmp_path) as console:
            for command in evening.commands:
                await enter(console, command)
            await console.until(lambda s: all(pi.address in s for pi in others), 900)
            first = evening.step()
            for key in ("1", "Ctrl-A", "L"):
                await press(console, first, key)
            await console.until(lambda s: s.count("SHA256:") == 2)
            await console.type(PASSWORD)
            await press(console, first, "Enter")
            second = evening.step()
            assert next(second) == "known"
            await console.until(lambda s: s.count("◉ known") == 2)
            await press(console, second, "p")
            await console.until(lambda s: "machines are ready" in s, 90)
            await press(console, second, "Enter")
            await console.until(lambda s: "● running" in s, 60)
            await console.until(lambda s: "3 of 3 in order" in s, 1500)
            third = evening.step()
            await press(console, third, "q")
            await console.until(lambda s: s.rstrip().endswith(PROMPT))
        async with logged_in(master, tmp_path) as console:
            assert next(third) == "docker"
            for command in third:
                await enter(console, command)
            await console.until(lambda s: "3/3 nodes up" in s, 60)
            fourth = evening.step()
            await press(console, fourth, "n")
            await console.until(lambda s: "New job" in s)
            await press(console, fourth, "Enter")
            await console.until(lambda s: "✓ complete" in s and "20/20" in s, 180)
            await console.press("q")
        assert set(tasks(master)) == {"swarmaster", "swarmost1", "swarmost2"}
    assert evening.over()


@asynccontextmanager
async def logged_in(master: Pi, folder: Path) -> AsyncIterator[Tmux]:
    """A terminal with a shell on the master, by password."""
    told = ("UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "PubkeyAuthentication=no")
    options = [part for option in told for part in ("-o", option)]
    shell = f"PS1='{PROMPT} ' bash --norc"
    command = ["ssh", "-F", "none", *options, "-t", f"pi@{master.address}", shell]
    async with tmux(folder, command, (160, 44)) as console:
        await console.until(lambda s: "password:" in s)
        await console.type(PASSWORD)
        await console.press("Enter")
        await console.until(lambda s: s.rstrip().endswith(PROMPT))
        yield console


async def enter(console: Tmux, command: str) -> None:
    """Type a command once the shell is ready for it, which takes what the one before takes."""
    await console.until(lambda s: s.rstrip().endswith(PROMPT), 900)
    await console.press("C-l")
    await console.type(command)
    # Else the prompt of before may be taken for the one that comes after.
    await console.until(lambda s: s.rstrip().endswith(f"{PROMPT} {command}"))
    await console.press("Enter")


async def press(console: Tmux, told: Iterator[str], key: str) -> None:
    """Press the key that the README tells next, which is this one."""
    assert next(told) == key
    await console.press(KEYS.get(key, key))


def stand_in_for_the_internet(master: Pi, folder: Path) -> None:
    """What the master would fetch from afar."""
    bundle = folder / "squarm.bundle"
    git = ["git", f"--git-dir={folder}/git", f"--work-tree={REPOSITORY}"]
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "All of it"]):
        subprocess.run([*git, *words], check=True)
    subprocess.run([*git, "bundle", "create", "-q", str(bundle), "HEAD"], check=True)
    give(master, bundle, "tee", "/srv/squarm.bundle")
    config = '[url "/srv/squarm.bundle"]\ninsteadOf = https://github.com/squarm/squarm\n'
    master.run("tee", "/etc/gitconfig", input=config)
    made = bases(REPOSITORY / "requirements" / "build.txt")
    for tag, tarball in (("run", made.run), ("build", made.build)):
        give(master, tarball, "docker", "import", "-", f"squarm-base:{tag}")
    settings = "solver_image_build_args: {BASE: squarm-base:run, BUILD_BASE: squarm-base:build}"
    place = "/home/pi/.local/share/squarm/group_vars"
    master.run("install", "-d", "-o", "pi", "-g", "pi", *parents(place))
    master.run("tee", f"{place}/all.yml", input=settings)


def parents(place: str) -> list[str]:
    """The folders of pi's on the way to a place, the place included."""
    path = Path(place)
    return [str(path.parents[up]) for up in range(2, -1, -1)] + [place]


def give(master: Pi, file: Path, *command: str) -> None:
    """A file to a command's input, as root on the master."""
    with file.open("rb") as read:
        taken = [*master.shell_command(), *command]
        subprocess.run(taken, stdin=read, check=True, stdout=subprocess.DEVNULL)


def tasks(master: Pi) -> list[str]:
    """The nodes that the job's tasks ran on."""
    services = master.run("docker", "service", "ls", "-q").stdout.split()
    form = "{{.Node}}"
    return master.run("docker", "service", "ps", "--format", form, *services).stdout.split()
