"""The solver of a 32-bit Pi beside the yardstick in C, both emulated: `-m benchmarks.solver.arm`.

Compiled for arm/v7 by the same cross compiler, run in turns by QEMU: the ratio is what counts, and
it says little of a real processor's caches.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.solver.speed import ROUNDS, YARDSTICKS
from tests.arm.build import CROSS, ROOT, Arm, NoArm, arm

ORDERS = (7, 8, 9, 10, 11, 12)
SECONDS = {11: 20.0, 12: 60.0}
"""Of CPU a run, 10 where not named: of these orders pairs are few, some of them found late."""


def main() -> None:
    """Print the figures."""
    print("arm/v7 under emulation, uniform random squares, one mate a square: pairs/s")
    try:
        pi = arm()
    except NoArm as error:
        print(f"left out: {error}")
        return
    with tempfile.TemporaryDirectory() as folder:
        bare = shutil.ignore_patterns("*.so", "__pycache__")
        shutil.copytree(ROOT / "benchmarks", Path(folder) / "benchmarks", ignore=bare)
        yardstick = _built(Path(folder) / "first_mate")
        print("order     squarm   first_mate.c    ratio   resident")
        for order in ORDERS:
            ours, theirs = [], []
            for seed in range(1, ROUNDS + 1):
                ours.append(_ours(pi, Path(folder), order, seed))
                if yardstick:
                    theirs.append(_theirs(pi, yardstick, order, seed))
            found = statistics.median(rate for rate, _ in ours)
            resident = max(memory for _, memory in ours)
            beside = statistics.median(theirs) if theirs else 0.0
            ratio = f"{found / beside:8.0%}" if beside else f"{'-':>8}"
            print(f"{order:5} {found:10.1f} {beside:14.1f} {ratio} {resident:7.1f} MB", flush=True)


def _seconds(order: int) -> float:
    return SECONDS.get(order, 10.0)


def _built(program: Path) -> Path | None:
    source = YARDSTICKS / "first_mate.c"
    if not source.is_file():
        return None
    subprocess.run([f"{CROSS}-gcc", "-O3", "-o", program, source], check=True, capture_output=True)
    return program


def _ours(pi: Arm, folder: Path, order: int, seed: int) -> tuple[float, float]:
    asked = ("record", str(order), "random", str(_seconds(order)), str(seed))
    found, _, resident = _output(
        pi.python("-m", "benchmarks.solver.rate", *asked, more=folder)
    ).split()
    return float(found), float(resident)


def _theirs(pi: Arm, program: Path, order: int, seed: int) -> float:
    answer = _output(pi.command(program, str(order), str(_seconds(order)), str(seed)))
    match = re.search(r"([0-9.]+) pairs/s", answer)
    if match is None:
        raise RuntimeError(f"the yardstick said: {answer}")
    return float(match[1])


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
