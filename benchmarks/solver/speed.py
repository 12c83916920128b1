"""The solver beside the yardsticks in C and beside itself interpreted, in turns of one run."""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import solver
from benchmarks.solver.rate import CAP, capped
from solver.question import FEW_ORDER

ROOT = Path(__file__).resolve().parent.parent.parent
YARDSTICKS = ROOT.parent / "shared" / "yardstick"
ORDERS = (5, 7, 8, 9, 10, 11, 12)
ROUNDS = 3
SECONDS = 4.0
STARTS = 15
_ALL_ORDERS = range(2, 12)
"""What `all_mates.c` was written for."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Finds a CPU second and peak resident memory in MB."""

    finds: float
    resident: float


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """The programs in C; None where they are not at hand or do not run here."""

    first: Path | None
    all: Path | None


def main() -> None:
    """Print the tables."""
    kind = "compiled" if solver.compiled() else solver.HOW_TO_COMPILE
    print(f"Solver ({kind}), one core, median of {ROUNDS} rounds of {SECONDS:g} s in turns")
    with tempfile.TemporaryDirectory() as folder:
        yardsticks = Yardsticks(
            _build(Path(folder), "first_mate"), _build(Path(folder), "all_mates", "-march=native")
        )
        plain = _interpreted(Path(folder))
        _print_first(yardsticks.first, plain)
        _print_all(yardsticks.all)
        _print_sources()
        _print_scaling()
        _print_exhausted(yardsticks.all)
        print(_first_pair("compiled", ROOT))
        print(_first_pair("interpreted", plain))


def _print_first(yardstick: Path | None, plain: Path) -> None:
    print("\nuniform random squares, one mate a square, records and all: pairs/s")
    print(f"(to order {FEW_ORDER}, where a unit soon has given all there are, without records)")
    print("order     squarm   first_mate.c    ratio   interpreted   resident")
    for order in ORDERS:
        mode = "first" if order <= FEW_ORDER else "record"
        ours, theirs = _in_turns(
            partial(_ours, ROOT, mode, order, "random"),
            partial(_number, yardstick, r"([0-9.]+) pairs/s", order, SECONDS),
        )
        bare = _ours(plain, mode, order, "random", 1).finds
        print(f"{_row(order, ours, theirs)} {bare:13.2f} {ours.resident:7.1f} MB")


def _print_all(yardstick: Path | None) -> None:
    print("\nevery mate, counted: mates/s")
    print("squares           squarm    all_mates.c    ratio   resident")
    # One random square of order 12 has more mates than an hour tells.
    random = [(order, "random") for order in ORDERS if order in _ALL_ORDERS]
    for order, source in [*random, (10, "turn")]:
        how = ("turn",) if source == "turn" else ("rand", order)
        cap = (CAP,) if capped(order, source) else ()
        ours, theirs = _in_turns(
            partial(_ours, ROOT, "all", order, source), partial(_every_mate, yardstick, how, cap)
        )
        print(f"{source:7} {_row(order, ours, theirs)} {ours.resident:7.1f} MB")


def _every_mate(
    yardstick: Path | None, how: tuple[object, ...], cap: tuple[int, ...], seed: int
) -> float:
    """What `all_mates.c` says, whose seed is not its last argument."""
    return _number(yardstick, r" mates/s=([0-9.]+)", *how, SECONDS, seed, "all", *cap)


def _print_sources() -> None:
    print("\nother sources, records and all: sets of squares/s, resident")
    for source in ("turn", "construct"):
        cells = []
        for order in ORDERS:
            rate = _ours(ROOT, "record", order, source, 1)
            cells.append(f"{order}: {rate.finds:,.0f} ({rate.resident:.0f} MB)")
        print(f"{source:10} {'  '.join(cells)}")


def _print_scaling() -> None:
    single = sum(_at_once(1))
    both = sum(_at_once(2))
    print(f"\ntwo processes at once: {both / single:.2f} times the pairs of order 10 of one")


def _at_once(processes: int) -> list[float]:
    """Pairs a wall second of as many processes."""
    started = [
        subprocess.Popen(
            _command("record", 10, "random", seed), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for seed in range(processes)
    ]
    began = time.perf_counter()
    rates = [float(process.communicate()[0].split()[0]) * SECONDS for process in started]
    return [pairs / (time.perf_counter() - began) for pairs in rates]


def _print_exhausted(yardstick: Path | None) -> None:
    """The proof-sized run: every reduced square of orders 4 to 7, every mate."""
    print("\nevery reduced square, every mate: squares, with a mate, mates, CPU seconds")
    for order in (4, 5, 6, 7):
        ours = _output(
            [sys.executable, "-m", "benchmarks.solver.exhaust", str(order)], ROOT
        ).split()
        print(f"{order:5} {ours[0]:>12} {ours[1]:>9} {ours[2]:>9} {float(ours[3]):8.1f}", end="")
        theirs = _number(yardstick, r"cpu=([0-9.]+)s", "exhaust", order)
        print(f"   all_mates.c {theirs:.1f}" if theirs else "")


def _in_turns(ours: Callable[[int], Rate], theirs: Callable[[int], float]) -> tuple[Rate, float]:
    """Both medians; 0 where there is no yardstick."""
    rates: list[Rate] = []
    yards: list[float] = []
    for seed in range(1, ROUNDS + 1):
        rates.append(ours(seed))
        yards.append(theirs(seed))
    finds = statistics.median(rate.finds for rate in rates)
    return Rate(finds, max(rate.resident for rate in rates)), statistics.median(yards)


def _row(order: int, ours: Rate, theirs: float) -> str:
    if not theirs:
        return f"{order:5} {ours.finds:10.1f} {'-':>14} {'-':>8}"
    return f"{order:5} {ours.finds:10.1f} {theirs:14.1f} {ours.finds / theirs:8.0%}"


def _ours(root: Path, mode: str, order: int, source: str, seed: int) -> Rate:
    finds, _, resident = map(float, _output(_command(mode, order, source, seed), root).split())
    return Rate(finds, resident)


def _command(mode: str, order: int, source: str, seed: int) -> list[str]:
    asked = [mode, str(order), source, str(SECONDS), str(seed)]
    return [sys.executable, "-m", "benchmarks.solver.rate", *asked]


def _number(program: Path | None, pattern: str, *arguments: object) -> float:
    """What a yardstick says; 0 where there is none."""
    if program is None:
        return 0.0
    answer = _output([str(program), *map(str, arguments)], ROOT)
    match = re.search(pattern, answer)
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


def _build(folder: Path, name: str, *flags: str) -> Path | None:
    """A yardstick, built as its header says; None where it is not present or cannot be built."""
    source = YARDSTICKS / f"{name}.c"
    if not source.is_file() or shutil.which("gcc") is None:
        return None
    built = subprocess.run(
        ["gcc", "-O3", *flags, "-o", str(folder / name), str(source)],
        check=False,
        capture_output=True,
    )
    return folder / name if built.returncode == 0 else None


def _interpreted(folder: Path) -> Path:
    """A tree with the sources of the solver and this benchmark, without compiled modules."""
    bare = shutil.ignore_patterns("*.so", "__pycache__")
    for name in ("solver", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=bare)
    return folder


def _output(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
