"""The console in a pseudo-terminal: start-up, an idle screen beside htop, a full swarm.

`python -m benchmarks.console start|idle|swarm` runs one part alone; `swarm REPEATS` more often.
"""

import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.slow import NoQuota, slowed
from benchmarks.terminal import COLUMNS, LINES, MeasuredLoad, MeasuredTerminal, environment_in

STARTS = 7
SETTLE = 6.0
WATCHED = 10.0
ROUNDS = 4
REPEATS = 3
"""Runs of each case, in turns; the medians are given."""
PIS = 60
FLOOD = 5_000
SLOW_LINK = 40_000.0
"""Bytes a second."""
SCREENS = {"main": "", "nodes": "N"}
"""Each screen, and the key that leads there."""
_SQUARM = (sys.executable, "-m", "tui", "--engine", "local", "--interface")
_ECHO = """
import os, tty
tty.setraw(0)
os.write(1, b"ready")
while keys := os.read(0, 100):
    os.write(1, keys)
"""
"""What any program's keys take on this machine, now."""


@dataclass(frozen=True, slots=True)
class Case:
    """A way to watch the swarm: on which screen, through which link, with how much of a core."""

    what: str
    screen: str
    rate: float = float("inf")
    core: float = 1.0


CASES = [
    Case(what, screen, rate, core)
    for what, rate, core in (
        ("full speed", float("inf"), 1.0),
        ("a quarter core", float("inf"), 0.25),
        ("40 kB/s", SLOW_LINK, 1.0),
    )
    for screen in SCREENS
]


@dataclass(frozen=True, slots=True)
class Seen:
    """One run: what it took, and how long keys took to come back (median, 95th percentile)."""

    load: MeasuredLoad
    p50: float
    p95: float


def main(*parts: str) -> None:
    """Print the figures."""
    print(f"Console, {COLUMNS}x{LINES}")
    _compile()
    match parts:
        case ["start"]:
            _start_up()
        case ["idle"]:
            _idle()
        case ["swarm", *repeats]:
            _swarm(int(*repeats) if repeats else REPEATS)
        case _:
            _start_up()
            _idle()
            _swarm(REPEATS)


@contextlib.contextmanager
def _terminal(*command: str, rate: float = float("inf")) -> Iterator[MeasuredTerminal]:
    """A program with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        terminal = MeasuredTerminal([*command], environment_in(home), rate)
        try:
            yield terminal
        finally:
            terminal.close()


def _flooded(
    lines: int, rate: float = float("inf")
) -> contextlib.AbstractContextManager[MeasuredTerminal]:
    return _terminal(sys.executable, "-m", "benchmarks.flood", str(lines), str(PIS), rate=rate)


def _compile() -> None:
    """Once, as an installation does; not again at each start, which would cost memory, too."""
    with _flooded(FLOOD) as terminal:
        terminal.wait_for(f"swarmost{PIS // 10}")
        terminal.drain(SETTLE)


def _start_up() -> None:
    """To the first paint, beside a bare import of the framework, in turns."""
    ours, bare = [], []
    for _ in range(STARTS):
        with _terminal(*_SQUARM, "none") as terminal:
            terminal.wait_for("squarm")
            ours.append(time.perf_counter() - terminal.started)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
        bare.append(time.perf_counter() - began)
    median, framework = statistics.median(ours), statistics.median(bare)
    print(
        f"first paint: median of {STARTS} {median:.2f} s "
        f"({median / framework:.2f} times `import textual.app`, {framework:.2f} s)"
    )


def _idle() -> None:
    """The console with nothing to do, and htop, in turns."""
    programs = {
        "squarm, looking for Pis": [*_SQUARM, "lo"],
        "squarm, on no network": [*_SQUARM, "none"],
        "htop": ["htop"],
    }  # fmt: skip
    for name, command in programs.items():
        if shutil.which(command[0]) is None:
            print(f"idle, {name}: left out, it is not installed (apt install {command[0]})")
            continue
        loads = []
        for _ in range(REPEATS):
            with _terminal(*command) as terminal:
                terminal.drain(SETTLE)
                loads.append(terminal.load(WATCHED))
        print(f"idle, {name}: {_load_text(loads)}")


def _swarm(repeats: int) -> None:
    """60 Pis that each tell of themselves every second, and 5,000 log lines a second."""
    seen: dict[Case, list[Seen]] = {case: [] for case in CASES}
    echoed: list[float] = []
    missing = ""
    for _ in range(repeats):
        echoed += _echo_alone()
        for case in CASES:
            try:
                seen[case].append(_watch(case))
            except NoQuota as error:
                missing = str(error)
    print(f"{PIS} Pis, {FLOOD:,} log lines/s; medians of {repeats} runs (p95: slowest run)")
    print(
        f"an echo and nothing else: p50 {_ms(statistics.median(echoed))}, p95 {_ms(_p95(echoed))}"
    )
    for case, runs in seen.items():
        if not runs:
            print(f"{case.what}, {case.screen} screen: left out, {missing}")
            continue
        p50 = statistics.median(run.p50 for run in runs)
        p95 = statistics.median(run.p95 for run in runs)
        worst = max(run.p95 for run in runs)
        print(
            f"{case.what}, {case.screen} screen: key to echo p50 {_ms(p50)}, p95 {_ms(p95)} "
            f"({_ms(worst)}); {_load_text([run.load for run in runs])}"
        )


def _watch(case: Case) -> Seen:
    with _flooded(FLOOD, case.rate) as terminal:
        terminal.wait_for(f"swarmost{PIS // 10}")
        slow = slowed(terminal.pid, case.core) if case.core < 1 else contextlib.nullcontext()
        with slow:
            if SCREENS[case.screen]:
                terminal.send(SCREENS[case.screen])
            terminal.drain(SETTLE)
            load = terminal.load(WATCHED)
            delays = list(terminal.echoes(ROUNDS))
    return Seen(load, statistics.median(delays), _p95(delays))


def _echo_alone() -> list[float]:
    with _terminal(sys.executable, "-c", _ECHO) as terminal:
        terminal.wait_for("ready")
        return list(terminal.echoes(ROUNDS))


def _p95(delays: Iterable[float]) -> float:
    ordered = sorted(delays)
    return ordered[int(len(ordered) * 0.95)]


def _load_text(loads: Iterable[MeasuredLoad]) -> str:
    middle = [
        statistics.median(one)
        for one in zip(*((load.cpu, load.memory, load.output) for load in loads), strict=True)
    ]
    return f"{middle[0]:.1%} of a core; {middle[1] / 1e6:.0f} MB; {middle[2] / 1e3:.1f} kB/s"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main(*sys.argv[1:])
