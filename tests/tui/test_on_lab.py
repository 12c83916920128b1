"""The console as a user has it: over SSH on the master, keys in tmux, virtual Pis beside it."""

import re
from pathlib import Path

import pytest

from lab.pi import Pi
from lab.plan import PASSWORD
from tests.lab.fixtures import MakeLab
from tests.tui.tmux import Tmux, tmux

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]


def row(screen: str, address: str) -> str:
    """The line about the Pi of this address; '' where there is none."""
    return next((line for line in screen.splitlines() if f"{address} " in line), "")


async def test_pis_appear_and_are_looked_after_by_keys(make_lab: MakeLab, tmp_path: Path) -> None:
    with make_lab(2, master=True) as lab:
        one, two = lab["pi1"], lab["pi2"]
        command = [*lab.master.ssh("-t"), "squarm", "--interface", "eth0", "--engine", "local"]
        async with tmux(tmp_path, command, (200, 50)) as console:
            await console.until(lambda s: row(s, one.address) and row(s, two.address))
            # Whose keys are shown has been heard of them by then.
            await console.until(lambda s: s.count("○ reachable") == 2)
            await log_in_to_all(console)
            await console.until(lambda s: s.count("◉ known") == 2)
            await console.until(lambda s: re.search(r"\d% [▁-█ ]*[▁-█]", row(s, one.address)))
            await look_at(console, one)
            await shell_and_back(console, one)
            await lost_and_back(console, two)
            await written_anew(console, two)
            await console.resize(80, 24)
            small = await console.until(lambda s: s.count("◉ known") == 2)
            assert all(len(line) <= 80 for line in small.splitlines())
            await console.press("q")
            await console.until(lambda s: "Nodes" not in s)


async def log_in_to_all(console: Tmux) -> None:
    """One question, a password that is never shown."""
    await console.press("1", "C-a", "L")
    await console.until(lambda s: s.count("SHA256:") == 2)
    await console.type(PASSWORD)
    shown = await console.until(lambda s: "•" * len(PASSWORD) in s)
    assert not re.search(f"{PASSWORD}(?!pi)", shown)
    await console.press("Enter")


async def look_at(console: Tmux, pi: Pi) -> None:
    """The Pi's own page."""
    await console.press("/")
    await console.type(pi.address)
    await console.press("Enter")
    await console.until(lambda s: "1 match" in s)
    await console.press("Enter")
    shown = await console.until(lambda s: "Last two minutes" in s and "temperature" in s)
    assert pi.board.serial in shown
    assert "(simulated)" in shown


async def shell_and_back(console: Tmux, pi: Pi) -> None:
    """A real shell takes the screen, and gives it back."""
    await console.press("s")
    await console.until(lambda s: "password:" in s)
    await console.type(PASSWORD)
    await console.press("Enter")
    await console.until(lambda s: "pi@raspberrypi" in s)
    await console.type("cat /etc/machine-id")
    await console.press("Enter")
    await console.until(lambda s: pi.machine_id() in s)
    await console.press("C-d")
    await console.until(lambda s: "Last two minutes" in s)
    # Watched all the while: nothing had to be dialled anew.
    assert "lost" not in await console.screen()
    await console.press("Escape", "Escape")
    await console.until(lambda s: s.count("◉ known") == 2)


async def lost_and_back(console: Tmux, pi: Pi) -> None:
    """The plug is pulled, and put back."""
    pi.power_cut()
    await console.until(lambda s: "✗ lost" in row(s, pi.address))
    pi.power_on()
    await console.until(lambda s: "◉ known" in row(s, pi.address))


async def written_anew(console: Tmux, pi: Pi) -> None:
    """A new card: a hard stop, both keys shown, and the way on."""
    before = pi.host_key()
    pi.reflash()
    assert pi.host_key() != before
    await console.until(
        lambda s: (
            "▲ new key" in row(s, pi.address) and "its host key has changed from SHA256:" in s
        ),
        40,
    )
    await console.press("/")
    await console.type(pi.address)
    await console.press("Enter", "a")
    await console.until(lambda s: "Trust the new host key" in s and s.count("SHA256:") >= 2)
    await console.press("Right", "Enter")
    await console.press("Escape")
    await console.until(lambda s: "◉ known" in row(s, pi.address), 40)
