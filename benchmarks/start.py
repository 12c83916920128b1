"""How long verbs take that ask nothing of a network, beside what Python itself takes, in turns."""

import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.terminal import ROOT, environment_in

ROUNDS = 15
YARDSTICK = ("-c", "import argparse")
COMMANDS = {
    "squarm version": (("-m", "tui", "version"), 0.10),
    "squarm jobs": (("-m", "tui", "jobs", "--engine", "local"), 0.15),
    "squarm solve 10": (("-m", "tui", "solve", "10", "--seed", "1"), 0.15),
    "python -m solver 10": (("-m", "solver", "10", "--seed", "1"), 0.0),
}
"""Each, and how many seconds more than the yardstick it is to take at most; 0: it is one itself."""


def main() -> None:
    """Print the figures."""
    print(f"Start-up, medians of {ROUNDS} rounds")
    took: dict[tuple[str, ...], list[float]] = {YARDSTICK: []}
    took |= {arguments: [] for arguments, _ in COMMANDS.values()}
    with tempfile.TemporaryDirectory() as home:
        environment = environment_in(home)
        # The first round compiles, as an installation does once.
        for number in range(ROUNDS + 1):
            for arguments, times in took.items():
                began = time.perf_counter()
                subprocess.run(
                    [sys.executable, *arguments],
                    check=True,
                    cwd=ROOT,
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                if number:
                    times.append(time.perf_counter() - began)
    least = statistics.median(took[YARDSTICK])
    print(f'python -c "import argparse": {least:.3f} s')
    for name, (arguments, most) in COMMANDS.items():
        median = statistics.median(took[arguments])
        goal = f" (goal: {most:.2f})" if most else ""
        print(f"{name}: {median:.3f} s, {median - least:.3f} s more{goal}")


if __name__ == "__main__":
    main()
