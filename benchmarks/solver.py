"""The solver beside the yardstick in C and beside itself interpreted, in turns of one run."""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import solver

ROOT = Path(__file__).resolve().parent.parent
YARDSTICK = ROOT.parent / "shared" / "yardstick" / "first_mate.c"
ORDERS = (7, 8, 9, 10, 11, 12)
ROUNDS = 3
SECONDS = 4.0
STARTS = 15


@dataclass(frozen=True, slots=True)
class Rate:
    """Pairs a CPU second and peak resident memory in MB (0 where not measured)."""

    pairs: float
    resident: float = 0.0


def main() -> None:
    """Print the tables."""
    kind = "compiled" if solver.compiled() else solver.HOW_TO_COMPILE
    print(f"Solver ({kind}), one core, median of {ROUNDS} rounds of {SECONDS:g} s in turns")
    with tempfile.TemporaryDirectory() as folder:
        yardstick = _build(Path(folder))
        plain = _interpreted(Path(folder))
        print("order    pairs/s   first_mate.c    ratio   resident")
        for order in ORDERS:
            print(_row(order, yardstick))
        print(f"interpreted, order 10: {_ours(10, 1, plain).pairs:.1f} pairs/s")
        print(_first_pair("compiled", ROOT))
        print(_first_pair("interpreted", plain))


def _row(order: int, yardstick: Path | None) -> str:
    ours: list[Rate] = []
    theirs: list[float] = []
    for seed in range(1, ROUNDS + 1):
        ours.append(_ours(order, seed, ROOT))
        if yardstick:
            theirs.append(_theirs(order, seed, yardstick))
    pairs = statistics.median(rate.pairs for rate in ours)
    resident = max(rate.resident for rate in ours)
    if not theirs:
        return f"{order:5} {pairs:10.1f}   (no yardstick here)      {resident:6.1f} MB"
    c = statistics.median(theirs)
    return f"{order:5} {pairs:10.1f} {c:14.1f} {pairs / c:8.0%} {resident:7.1f} MB"


def _ours(order: int, seed: int, root: Path) -> Rate:
    answer = _output(
        [sys.executable, "-m", "benchmarks.rate", str(order), str(SECONDS), str(seed)], root
    )
    pairs, _, resident = map(float, answer.split())
    return Rate(pairs, resident)


def _theirs(order: int, seed: int, program: Path) -> float:
    answer = _output([str(program), str(order), str(SECONDS), str(seed)], ROOT)
    match = re.search(r"([0-9.]+) pairs/s", answer)
    if match is None:
        raise RuntimeError(f"the yardstick said: {answer}")
    return float(match[1])


def _first_pair(kind: str, root: Path) -> str:
    """From process start to the first record on its output, over fresh seeds."""
    times = []
    for seed in range(STARTS):
        started = time.perf_counter()
        command = [sys.executable, "-m", "solver", "10", "--count", "1", "--seed", str(seed)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            while process.stdout and '"square"' not in process.stdout.readline():
                pass
            times.append(time.perf_counter() - started)
    median, worst = statistics.median(times), max(times)
    return f"first pair of order 10, {kind}: median {median:.3f} s, worst of {STARTS} {worst:.3f} s"


def _build(folder: Path) -> Path | None:
    """The yardstick, built as its header says (portable C, -O3); None where it is not present."""
    if not YARDSTICK.is_file() or shutil.which("gcc") is None:
        return None
    program = folder / "first_mate"
    subprocess.run(["gcc", "-O3", "-o", str(program), str(YARDSTICK)], check=True)
    return program


def _interpreted(folder: Path) -> Path:
    """A tree with the sources of the solver and this benchmark, without compiled modules."""
    bare = shutil.ignore_patterns("*.so", "__pycache__")
    for name in ("solver", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=bare)
    return folder


def _output(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
