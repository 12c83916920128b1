"""Random keys in a real terminal, from exec to exit: nothing ends the console but a way out."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
from hypothesis import settings

from tests.tui.console.terminal import SQUARM, Terminal, modes_left, terminal
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SEQUENCES = max(5, settings().max_examples // 25)
"""A few in `make test`; `make fuzz` has the profile of many examples."""
SHELL = (sys.executable, "-m", "tests.fuzz.job_shell", *SQUARM)
ENDED = b"ended with"
KEYS = (
    *"jkhlgGonNrxDdyfcCtmUBXLaspPwuSMO1234?:/ ",
    *("\x1b", "\r", "\t", "\x7f", "\x15", "\x01", "\x0c", "\x10", "\x06", "\x02", "\n"),
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b[Z"),
    *("\x1b[1081::113;;1081u", "\x1b[99;5:3u", "\x1b[57441;2u", "\x1b[200~pasted\ntext\x1b[201~"),
    *("\x1b[<0;10;5M\x1b[<0;10;5m", "\x1b[<64;10;5M", "\x1b[<35;99;99M", "\x1b[I", "\x1b[O"),
    *("\x1b[", "\x1b[?2026;2$y", "\x1b[?2048;0$y", "\x1b]11;rgb:0/0/0\x07", "é", "漢", "\x00"),
    *(":help\r", ":open 1\r", ":go", "/pi\r", "n\x1b"),
)
BYTES = (b"\xff", b"\xc3", b"\x1b\xff", b"\xf0\x9f")
SIZES = ((80, 24), (200, 50), (39, 11), (40, 12), (120, 32), (60, 8))
WAYS_OUT = ("q", "ctrl+c", "SIGTERM", "SIGHUP", "hang up")


def burst(dice: random.Random) -> bytes:
    """A few keys at once."""
    keys = [dice.choice(KEYS).encode() for _ in range(dice.choice((1, 1, 2, 5, 30)))]
    if dice.random() < 0.1:
        keys.insert(dice.randrange(len(keys) + 1), dice.choice(BYTES))
    return b"".join(keys)


def console_of(shell: Terminal) -> int:
    """The process group that the shell has started."""
    wait_until(lambda: shell.foreground not in (0, shell.process.pid), 60, shell.screen)
    return shell.foreground


def suspended(shell: Terminal) -> None:
    """Ctrl-Z, a line for the shell, and back."""
    before = shell.output.count(b"stopped")
    shell.type("\x1a")
    wait_until(
        lambda: shell.output.count(b"stopped") > before or ENDED in shell.output, 60, shell.screen
    )
    assert modes_left(shell.output) == {}
    if ENDED in shell.output:
        return
    shell.type("for the shell\rfg\r")
    wait_until(lambda: shell.foreground != shell.process.pid, 60, shell.screen)


def left(shell: Terminal, group: int, way: str) -> None:
    """Leave it this way, whatever it shows."""
    if way == "hang up":
        shell.process.kill()
        wait_until(lambda: not Path(f"/proc/{group}/cmdline").exists(), 60, shell.screen)
        return
    if way.startswith("SIG"):
        os.kill(group, getattr(signal, way))
    end = time.monotonic() + 60
    while ENDED not in shell.output and time.monotonic() < end:
        if not way.startswith("SIG"):
            # Out of what is typed into, then out; where it asks, yes.
            shell.type("\x1b")
            time.sleep(0.3)
            shell.type({"q": "q", "ctrl+c": "\x03"}[way])
            time.sleep(1)
            if ENDED not in shell.output:
                shell.type("\x1b[C\r")
        time.sleep(0.2)
    shell.process.wait(30)


def _log(home: Path) -> str:
    """What the console logged of itself."""
    log = home / "squarm/squarm.log"
    return log.read_text("utf-8", "replace") if log.exists() else ""


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_no_keys_break_the_console(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - keys, not secrets
    readonly = ["--read-only"] if dice.random() < 0.5 else []
    way = WAYS_OUT[seed % len(WAYS_OUT)]
    with terminal(tmp_path, [*SHELL, *readonly]) as shell:
        group = console_of(shell)
        for _ in range(dice.randrange(4, 30)):
            if ENDED in shell.output:
                # The palette offers the way out, too.
                way = "palette"
                break
            if dice.random() < 0.15:
                shell.resize(*dice.choice(SIZES))
            if dice.random() < 0.1:
                suspended(shell)
            shell.type(burst(dice))
            time.sleep(dice.choice((0, 0, 0.02, 0.2, 1)))
        shell.resize(80, 24)
        left(shell, group, way)
        codes = {"SIGTERM": 143, "SIGHUP": 129}
        if way != "hang up":
            code = codes.get(way, 0)
            # Before the terminal was ours, Ctrl-C was the kernel's.
            wanted = {code, 130} if way == "ctrl+c" else {code}
            ended = shell.output.rpartition(ENDED)[2].split()
            assert int(ended[0]) in wanted, f"{shell.screen()}\n{_log(tmp_path)}"
            assert modes_left(shell.output) == {}
            assert shell.in_order
        assert "CRITICAL" not in _log(tmp_path), _log(tmp_path)
        assert b"Traceback" not in shell.output
