"""Random keys in real terminals, from exec to exit: python -m tests.fuzz.keys.

`--seconds` in all (600), so many lives `--at-once`. Ends with 1 where a console was ended by
anything but a way out, or left its terminal otherwise than it found it; `--seed` lives it again.
"""

import argparse
import os
import random
import signal
import string
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from tests.fuzz.job_shell import ENDED
from tests.tui.console.terminal import SQUARM, Terminal, modes_left, state_of, terminal
from tests.waiting import wait_until

SEQUENCES = 24
"""In one life of a console, at most."""
SHELL = (sys.executable, "-m", "tests.fuzz.job_shell", *SQUARM)
KEYS = (
    # All that means something, or may one day, but for the way out.
    *(string.ascii_letters + string.digits + string.punctuation + " ").replace("q", ""),
    *("\x1b", "\r", "\t", "\x7f", "\x15", "\x01", "\x0c", "\x10", "\x06", "\x02", "\n"),
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b[Z"),
    *("\x1b[1081::113;;1081u", "\x1b[99;5:3u", "\x1b[57441;2u", "\x1b[200~pasted\ntext\x1b[201~"),
    *("\x1b[<0;10;5M\x1b[<0;10;5m", "\x1b[<64;10;5M", "\x1b[<35;99;99M", "\x1b[I", "\x1b[O"),
    *("\x1b[", "\x1b[?2026;2$y", "\x1b[?2048;0$y", "\x1b]11;rgb:0/0/0\x07", "é", "漢", "\x00"),
    *(":help\r", ":open 1\r", ":go", "/pi\r", "n\x1b", "\x10triples\r"),
)
BYTES = (b"\xff", b"\xc3", b"\x1b\xff", b"\xf0\x9f")
SIZES = ((80, 24), (200, 50), (39, 11), (40, 12), (120, 32), (60, 8))
HELP = "─ Help ─"
OPENED = b"\x1b[?1049h"
WAYS_OUT = ("q", "ctrl+c", "SIGTERM", "SIGHUP", "hang up")
CODES = {"SIGTERM": 143, "SIGHUP": 129}


def live(home: Path, seed: int) -> int:
    """One life of a console, its data below `home`; how many sequences of keys were typed.

    Raises AssertionError where it was ended by anything but a way out, or left disorder.
    """
    dice = random.Random(seed)  # noqa: S311 - keys, not secrets
    # What may be changed here: jobs that run take the time of keys.
    readonly = ["--read-only"] if dice.random() < 0.7 else []
    way = WAYS_OUT[seed % len(WAYS_OUT)]
    with terminal(home, [*SHELL, *readonly]) as shell:
        wait_until(lambda: shell.foreground not in (0, shell.process.pid), 180, shell.screen)
        group = shell.foreground
        typed = 0
        # The other lives begin with keys that come before there is a screen.
        if seed % 2 == 0:
            _choose_at_once(shell, home)
            typed += 1
        for _ in range(dice.randrange(1, SEQUENCES + 1)):
            _sequence(shell, group, dice)
            typed += 1
            if ENDED in shell.output:
                # The palette offers the way out, too.
                way = "palette"
                break
        shell.resize(80, 24)
        _leave(shell, group, way)
        assert "CRITICAL" not in _log(home), _log(home)
        assert b"Traceback" not in shell.output, shell.screen()
        if way != "hang up":
            code = CODES.get(way, 0)
            # Before the terminal was the console's, Ctrl-C was the kernel's.
            wanted = {code, 130} if way == "ctrl+c" else {code}
            ended = int(shell.output.rpartition(ENDED)[2].split()[0])
            assert ended in wanted, f"{way}: {ended}\n{shell.screen()}\n{_log(home)}"
            assert modes_left(shell.output) == {}
            assert shell.in_order
        return typed


def _sequence(shell: Terminal, group: int, dice: random.Random) -> None:
    """A few keys at once, or many; before them sometimes another size, or a suspend."""
    if dice.random() < 0.15:
        shell.resize(*dice.choice(SIZES))
    if dice.random() < 0.05:
        _suspend(shell, group)
    keys = [dice.choice(KEYS).encode() for _ in range(dice.choice((1, 2, 5, 10, 30)))]
    if dice.random() < 0.1:
        keys.insert(dice.randrange(len(keys) + 1), dice.choice(BYTES))
    shell.type(b"".join(keys))
    time.sleep(dice.choice((0, 0, 0.02, 0.2, 0.5)))


def _choose_at_once(shell: Terminal, home: Path) -> None:
    """Through the palette, no key waiting for what the one before it opens: just that is done."""
    wait_until(lambda: OPENED in shell.output, 180, shell.screen)
    # Were Esc heard late, the end of a word would open the form, and Enter start its job.
    shell.type("n\x1b\x10again\r\x10help\r")
    wait_until(lambda: HELP in shell.screen(), 180, shell.screen)
    audit = home / "squarm/audit.jsonl"
    assert not audit.exists(), audit.read_text("utf-8")
    shell.type("\x1b")


def _suspend(shell: Terminal, group: int) -> None:
    """Ctrl-Z, a line for the shell, and back."""

    def the_shell_has_it() -> bool:
        return shell.foreground == shell.process.pid and shell.in_order and state_of(group) == "T"

    shell.type("\x1a")
    # What the shell would say is no sign: Ctrl-Z throws away what was not read yet.
    wait_until(lambda: the_shell_has_it() or ENDED in shell.output, 180, shell.screen)
    wait_until(lambda: modes_left(shell.output) == {}, 180, shell.screen)
    if ENDED not in shell.output:
        shell.type("for the shell\rfg\r")
        wait_until(lambda: shell.foreground != shell.process.pid, 180, shell.screen)


def _leave(shell: Terminal, group: int, way: str) -> None:
    """Leave it this way, whatever it shows."""
    if way == "hang up":
        shell.process.kill()
        wait_until(lambda: not state_of(group), 180, shell.screen)
        return
    if not way.startswith("SIG"):
        # Before the terminal is the console's, Ctrl-C is the kernel's, and ends what Python is at.
        wait_until(lambda: OPENED in shell.output or ENDED in shell.output, 180, shell.screen)
    if way.startswith("SIG") and ENDED not in shell.output:
        os.kill(group, getattr(signal, way))
    end = time.monotonic() + 120
    while ENDED not in shell.output and time.monotonic() < end:
        # Nor once it is given back: the kernel's Ctrl-C throws away what was not read yet.
        if not way.startswith("SIG") and not shell.in_order:
            # Out of what is typed into, then out; where it asks, yes.
            shell.type("\x1b")
            time.sleep(0.1)
            shell.type("\x03" if way == "ctrl+c" else "q")
            if not _ends(shell, 1):
                shell.type("\x1b[C\r")
        _ends(shell, 1)
    assert ENDED in shell.output, f"{way} did not end it\n{shell.screen()}"
    shell.process.wait(30)


def _ends(shell: Terminal, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while ENDED not in shell.output and time.monotonic() < end:
        time.sleep(0.02)
    return ENDED in shell.output


def _log(home: Path) -> str:
    """What the console logged of itself."""
    log = home / "squarm/squarm.log"
    return log.read_text("utf-8", "replace") if log.exists() else ""


def main() -> int:
    """Lives until the time is up, and says how many sequences of keys that were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--at-once", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0, help="the first; each life takes the next")
    given = parser.parse_args()
    seeds, end = count(given.seed), time.monotonic() + given.seconds
    with ThreadPoolExecutor(given.at_once) as pool:
        running = [pool.submit(_lives, seeds, end) for _ in range(given.at_once)]
        lived = [life for lives in running for life in lives.result()]
    failed = sorted(seed for seed, typed in lived if not typed)
    print(
        f"{sum(typed for _, typed in lived)} sequences of keys in {len(lived)} lives of a console."
    )
    print(f"Broken by seeds {failed}." if failed else "None was broken.")
    return 1 if failed else 0


def _lives(seeds: Iterator[int], end: float) -> list[tuple[int, int]]:
    """The seed of each life, and how many sequences were typed; 0 where that broke it."""
    lived = []
    while time.monotonic() < end:
        seed = next(seeds)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            try:
                lived.append((seed, live(Path(home), seed)))
            except AssertionError:
                print(f"seed {seed}:\n{traceback.format_exc()}", flush=True)
                lived.append((seed, 0))
    return lived


if __name__ == "__main__":
    sys.exit(main())
