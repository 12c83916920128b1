"""A laptop and its swarm of Pis, by keys: no swarm on the laptop, and its user has no key.

Two consoles begin at one moment; a link drops in the middle of a run; in another a Pi gets a new
address, name and card.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.lab import Lab
from lab.pi import Pi
from lab.plan import PASSWORD, PiPlan, State, Variant
from provision import inventory_file
from tests.lab.fixtures import MakeLab
from tests.tui.test_on_lab import row
from tests.tui.tmux import Tmux, tmux
from tests.waiting import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(2400)]


class Laptop:
    """This machine as somebody's who has neither keys nor Docker on it, and a home of its own."""

    def __init__(self, lab: Lab, home: Path) -> None:
        self.lab = lab
        self.home = home
        self.data = home / "data" / "squarm"
        settings = self.data / "group_vars" / "all.yml"
        settings.parent.mkdir(parents=True)
        # What it would be built from is in no registry that can be reached from here.
        settings.write_text("solver_image_build: false\n")

    @asynccontextmanager
    async def console(self, docker: str = "") -> AsyncIterator[Tmux]:
        """The console in a terminal, once it sees every Pi; `docker`: its DOCKER_HOST."""
        told = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            **({"DOCKER_HOST": docker} if docker else {}),
        }
        environment = ["env", "-i", *(f"{name}={value}" for name, value in told.items())]
        bridge = self.lab.site.bridge
        command = [*environment, sys.executable, "-m", "tui", "--interface", bridge]
        async with tmux(self.home, command, (200, 50)) as console:
            await console.until(lambda s: all(row(s, pi.address) for pi in self.lab.pis))
            yield console

    def inventory(self) -> dict[str, str]:
        """Names and addresses that it holds."""
        held = inventory_file.read(self.data / "inventory.yml")
        return {host.name: host.address for host in held.hosts} if held else {}

    def ids(self) -> set[str]:
        """squarm's ids of the machines that it keeps."""
        kept = json.loads((self.data / "pis.json").read_text())["pis"]
        return {str(each["id"]) for each in kept}

    async def nodes(self, master: Pi) -> set[str]:
        """The names of the nodes, once all take tasks: of a busy one nothing may be heard."""
        await until(lambda: set(self.swarm(master).values()) == {"Ready Active"}, 60)
        return set(self.swarm(master))

    def swarm(self, master: Pi) -> dict[str, str]:
        """The nodes as Docker on the master lists them."""
        form = "{{.Hostname}} {{.Status}} {{.Availability}}"
        listed = master.run("docker", "node", "ls", "--format", form, check=False).stdout
        return {
            name: rest for name, _, rest in (line.partition(" ") for line in listed.splitlines())
        }


async def test_a_laptop_makes_pis_a_swarm_and_looks_after_it(
    make_lab: MakeLab, tmp_path: Path
) -> None:
    with make_lab([PiPlan(State.DOCKER, frozenset({Variant.BOOKWORM}))] * 3) as lab:
        laptop = Laptop(lab, tmp_path)
        async with laptop.console() as one, laptop.console() as other:
            for console in (one, other):
                await log_in(console, 3)
                await console.until(lambda s: s.count("◉ known") == 3)
                # They have stayed marked.
                await console.press("C-a")
                await console.until(lambda s: "marked" not in s)
            begun = await two_begin_at_once(laptop, one, other)
            await a_link_drops(laptop, begun)
            await stale_plan_is_refused(begun.told_to_wait)
            await it_is_gone_on_with(laptop, begun)
            await the_key_lets_in(begun)
        async with laptop.console(begun.docker) as console:
            await a_third_changes_all_of_itself(laptop, console, begun)
            await it_is_let_in_again(laptop, console, begun)
            await one_is_removed(laptop, console, begun)


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun in `console`: a master, another Pi, and the third that is not in it."""

    console: Tmux
    told_to_wait: Tmux
    master: Pi
    worker: Pi
    third: Pi

    @property
    def docker(self) -> str:
        """The DOCKER_HOST of the swarm's leader."""
        return f"ssh://pi@{self.master.address}"


def begun_in(laptop: Laptop, one: Tmux, other: Tmux, screens: Sequence[str]) -> Begun:
    """By whichever was the quicker."""
    console, told = (one, other) if "has begun" in screens[0] else (other, one)
    names = laptop.inventory()
    pis = {pi.address: pi for pi in laptop.lab.pis}
    master, worker = pis.pop(names["swarmaster"]), pis.pop(names["swarmost1"])
    (third,) = pis.values()
    return Begun(console, told, master, worker, third)


async def log_in(console: Tmux, count: int) -> None:
    """One question for all, a password and no key."""
    await console.until(lambda s: s.count("○ reachable") == count)
    await console.press("1", "C-a", "L")
    # One whose name is not heard yet stands there by its address.
    await console.until(lambda s: "Log in ─" in s)
    await console.type(PASSWORD)
    await console.press("Enter")


async def choose(console: Tmux, pi: Pi) -> None:
    """The cursor on a Pi, the only one shown."""
    await console.press("1", "/")
    await console.type(pi.address)
    await console.press("Enter")
    await console.until(lambda s: "1 match" in s)


async def clear_filter(console: Tmux) -> None:
    await console.press("Escape")
    await console.until(lambda s: "1 match" not in s)


def named(screen: str, name: str) -> str:
    """The line about the machine of this name in a run."""
    return next((line for line in screen.splitlines() if f"{name} " in line), "")


async def plan(console: Tmux, *pis: Pi) -> str:
    """Mark these, and see what would be done with the first of them as the master."""
    for pi in pis:
        await choose(console, pi)
        await console.press("Space")
        await console.until(lambda s: "✚" in s)
        await clear_filter(console)
    await console.press("p")
    await console.until(lambda s: "this machine" in s and "Enter begins" in s, 180)
    await console.press("m")
    return await console.until(lambda s: f"{len(pis)} machines are ready" in s, 180)


async def two_begin_at_once(laptop: Laptop, one: Tmux, other: Tmux) -> Begun:
    """One run begins; the other console is told to wait, and its plan does not hold any more."""
    first, second, third = laptop.lab.pis
    await asyncio.gather(plan(one, first, second), plan(other, first, third))
    await asyncio.gather(one.press("Enter"), other.press("Enter"))
    screens: list[str] = []

    async def answered() -> bool:
        screens[:] = await asyncio.gather(one.screen(), other.screen())
        begun = sum("has begun" in screen for screen in screens)
        waits = sum(bool(re.search(r"The run \S+ is under way", s)) for s in screens)
        assert begun < 2, screens
        return (begun, waits) == (1, 1)

    await until(answered, 60, lambda: "".join(screens))
    return begun_in(laptop, one, other, screens)


async def a_link_drops(laptop: Laptop, begun: Begun) -> None:
    """Long enough for the run to give the machine up: it says so, and the master is in order."""
    console, worker = begun.console, begun.worker
    await until(lambda: worker.run("hostname").stdout == "swarmost1\n", 180)
    worker.cable_out()
    shown = await console.until(lambda s: "1 of 2 in order" in s and "failed" in s, 900)
    assert "✗ unreachable" in named(shown, "swarmost1")
    assert "it does not answer" in shown
    assert await laptop.nodes(begun.master) == {"swarmaster"}
    worker.cable_in()


async def it_is_gone_on_with(laptop: Laptop, begun: Begun) -> None:
    """A link that drops for some seconds in the middle of the retry costs nothing."""
    console, worker = begun.console, begun.worker
    await console.press("Escape")
    await console.until(lambda s: "◉ known" in row(s, worker.address), 180)
    await console.press("P")
    await console.until(lambda s: "r retry" in s, 60)
    await console.press("r")
    await console.until(lambda s: "● running" in named(s, "swarmost1"), 180)
    worker.cable_out()
    await begun.told_to_wait.until(lambda s: "✗ lost" in row(s, worker.address), 180)
    worker.cable_in()
    await console.until(lambda s: "1 of 1 in order" in s, 900)
    assert await laptop.nodes(begun.master) == {"swarmaster", "swarmost1"}
    assert laptop.inventory() == {
        "swarmaster": begun.master.address,
        "swarmost1": worker.address,
    }


async def stale_plan_is_refused(console: Tmux) -> None:
    """What it shows is not so any more: it is said, and nothing is written."""
    await console.press("Enter")
    await console.until(lambda s: "The inventory has changed since this plan" in s)
    await console.press("Escape")
    await console.until(lambda s: "Jobs" in s)


async def the_key_lets_in(begun: Begun) -> None:
    """Passwords are off: the key that squarm has made since the console began lets in."""
    console, worker = begun.console, begun.worker
    asked = [*worker.ssh("-o", "PreferredAuthentications=password"), "true"]
    refused = await asyncio.to_thread(subprocess.run, asked, capture_output=True, check=False)
    assert b"Permission denied (publickey)" in refused.stderr
    before = sessions(worker)
    assert before
    worker.run("pkill", "-u", "pi", "-x", "sshd")
    await until(lambda: sessions(worker) - before, 180)
    await console.press("Escape")
    await choose(console, worker)
    await console.until(lambda s: "◉ known" in row(s, worker.address), 180)
    await console.press("s")
    shown = await console.until(lambda s: "pi@swarmost1" in s)
    assert "password:" not in shown
    await console.press("C-d")
    await console.until(lambda s: "Jobs" in s)


def sessions(pi: Pi) -> set[str]:
    """The processes that carry logins of pi's."""
    return set(pi.run("pgrep", "-u", "pi", "-x", "sshd", check=False).stdout.split())


async def a_third_changes_all_of_itself(laptop: Laptop, console: Tmux, begun: Begun) -> None:
    """Added where a Pi leads the swarm; in the run it gets an address, a name, a card: it is said.

    Its row stays its own, and nothing goes to it before its new key was looked at.
    """
    third = begun.third
    await console.until(lambda s: s.count("● in swarm") == 2, 180)
    # Its user has a password and no key, and every tenth frame is lost each way.
    third.link(loss=10, delay=30)
    await choose(console, third)
    await console.press("L")
    await console.until(lambda s: "Log in ─" in s)
    await console.type(PASSWORD)
    await console.press("Enter")
    await console.until(lambda s: "◉ known" in row(s, third.address), 120)
    third.link()
    # Two consoles have found the Pis at one time; whoever logs in sees which are the same.
    await until(lambda: len(laptop.ids()) == 3, 60, laptop.ids)
    ids = laptop.ids()
    await console.press("p")
    await console.until(lambda s: "1 machine is ready" in s, 180)
    await console.press("Enter")
    await until(lambda: third.run("hostname").stdout == "swarmost2\n", 180)
    third.readdress(str(laptop.lab.site.network[100]))
    third.reflash()
    third.rename("kitchen")
    shown = await console.until(lambda s: "0 of 1 in order" in s and "failed" in s, 900)
    assert "✗ unreachable" in named(shown, "swarmost2")
    await console.press("Escape")
    await clear_filter(console)
    await console.until(lambda s: "▲ new key" in row(s, third.address), 180)
    assert laptop.ids() == ids


async def it_is_let_in_again(laptop: Laptop, console: Tmux, begun: Begun) -> None:
    """Once its new key is accepted, a retry makes it a node."""
    third = begun.third
    await choose(console, third)
    await console.press("a")
    await console.until(lambda s: "Trust the new host key" in s)
    await console.press("Right", "Enter")
    await console.until(lambda s: "◉ known" in row(s, third.address), 180)
    await console.press("P")
    await console.until(lambda s: "r retry" in s, 60)
    await console.press("r")
    await console.until(lambda s: "1 of 1 in order" in s, 900)
    assert await laptop.nodes(begun.master) == {"swarmaster", "swarmost1", "swarmost2"}
    assert laptop.inventory()["swarmost2"] == third.address
    await console.press("Escape")


async def one_is_removed(laptop: Laptop, console: Tmux, begun: Begun) -> None:
    """For good: out of the swarm, out of the inventory."""
    await console.until(lambda s: "● in swarm" in row(s, begun.third.address), 180)
    await console.press("X")
    await console.until(lambda s: "Take swarmost2 out of the swarm?" in s)
    await console.press("Right", "Enter")
    await console.until(lambda s: "swarmost2 is out of the swarm" in s, 180)
    assert await laptop.nodes(begun.master) == {"swarmaster", "swarmost1"}
    assert set(laptop.inventory()) == {"swarmaster", "swarmost1"}
    state = begun.third.run("docker", "info", "-f", "{{.Swarm.LocalNodeState}}").stdout
    assert state == "inactive\n"
