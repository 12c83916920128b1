"""Diagonal pairs (ODLS) of order 10 beside the programs of two BOINC projects, one core, one run.

ODLK's `ortogon` (https://github.com/gridcoin-community/odlk-progs, by Belyshev) finds all diagonal
mates of the diagonal squares in a file: we of the same ones. RakeSearch's program for order 10
(https://github.com/sirzooro/RakeSearch) goes through a work unit of its own for diagonal squares
whose rows, put in another order, are a mate. Both are built here from their source where that lies
in the user's cache, below `squarm/benchmarks`, a folder each as `git clone` makes it; else that
line is left out.
"""

import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from base.paths import cache
from solver.question import Question, packed
from solver.records import Rows, SquareRecord, encode
from solver.search.units import Unit, search

ORDER = 10
SQUARES = 500
FOUND = 200
SEED = 1
_SOURCES = {
    "random, diagonal": (Question(ORDER, source="random", mates=1, diagonal=True), SQUARES),
    "rich, diagonal": (Question(ORDER, source="turn", mates=1, diagonal=True), SQUARES // 5),
    "with a diagonal mate": (Question(ORDER, mates=1, odls=True), SQUARES // 5),
}
_RAKE = "RakeSearchV3/RakeDiagSearchV3/RakeDiagSearchV3"
_GCC = ("g++", "-O3", "-march=native")


def main() -> None:
    """Print the tables."""
    home = cache() / "benchmarks"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _print_mates(_ortogon(home / "odlk-progs", folder))
        print()
        _print_found(home / "RakeSearch" / _RAKE, folder)


def _print_mates(ortogon: Path | None) -> None:
    print(f"All diagonal mates of the same diagonal squares of order {ORDER}: squares/s, one core")
    print("squares                      mates     squarm       ODLK    ratio")
    for name, (question, count) in _SOURCES.items():
        _, records = _found(question, count)
        squares = [record.squares[0] for record in records]
        given = Question(ORDER, source="file", odls=True, squares=packed(squares))
        spent, finds = _found(given, 10**9)
        line = f"{count:4} {name:21} {len(finds):7,} {count / spent:10,.0f}"
        if ortogon is not None:
            theirs, mates = _mates_by(ortogon, squares)
            if mates != len(finds):
                raise RuntimeError(f"{name}: we find {len(finds)} mates, ODLK's program {mates}")
            line += f" {count / theirs:10,.0f} {theirs / spent:8.1f}"
        print(line)


def _print_found(rake: Path, folder: Path) -> None:
    spent, _ = _found(Question(ORDER, odls=True), FOUND)
    print(f"Diagonal pairs a second, each by its own search: squarm {FOUND / spent:,.1f}")
    program = _rakesearch(rake, folder)
    if program is not None:
        took = _run(program)
        told = (folder / "result.txt").read_text()
        pairs, squares = (
            int(re.findall(rf"{what} (\d+)", told)[0])
            for what in ("Total pairs found:", "Processed")
        )
        print(f"RakeSearch {pairs / took:,.2f} ({squares:,} squares, {pairs} pairs, {took:.0f} s)")


def _found(question: Question, count: int) -> tuple[float, list[SquareRecord]]:
    """CPU seconds, and what one unit finds; encoding each record is part of the work."""
    began = time.process_time()
    found = []
    for record in search(Unit(question, count, SEED), time.monotonic, lambda: False):
        encode(record)
        if isinstance(record, SquareRecord):
            found.append(record)
    return time.process_time() - began, found


def _mates_by(ortogon: Path, squares: list[Rows]) -> tuple[float, int]:
    """CPU seconds, and the mates found."""
    folder = ortogon.parent
    lines = (" ".join(map(str, row)) for square in squares for row in square)
    (folder / "squares.txt").write_text("\n".join(lines) + "\n")
    took = _run(ortogon, "squares.txt")
    told = (folder / "msquares.txt").read_text()
    return took, sum(map(int, re.findall(r"^DLK\((\d+)\)", told, re.MULTILINE)))


def _run(program: Path, *arguments: str) -> float:
    """CPU seconds of a program, run in its own folder."""
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [str(program), *arguments]
    subprocess.run(command, cwd=program.parent, check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began


def _ortogon(source: Path, folder: Path) -> Path | None:
    # What names squares in short needs a library besides; the linker leaves it out, unused.
    flags = ["-std=c++17", "-ffunction-sections", "-Wl,--gc-sections", f"-I{source}"]
    files = [source / "odlkcommon/kvio.cpp", *sorted(source.glob("ortogon/*.cpp"))]
    return _built(folder / "ortogon", flags, files)


def _rakesearch(source: Path, folder: Path) -> Path | None:
    # Its tests bring what takes BOINC's place.
    flags = ["-std=c++11", "-include", "cstdlib", f"-I{source / 'tests/boinc'}"]
    files = [source / name for name in ("main.cpp", "Square.cpp", "RakeSearch.cpp")]
    built = _built(folder / "rakesearch", flags, files)
    if built is not None:
        shutil.copy(source / "test2/workunit.txt", folder)
    return built


def _built(program: Path, flags: list[str], files: list[Path]) -> Path | None:
    """None where the source is not present or cannot be built."""
    if shutil.which(_GCC[0]) is None or not all(file.is_file() for file in files):
        return None
    command = [*_GCC, *flags, "-o", str(program), *map(str, files)]
    built = subprocess.run(command, check=False, capture_output=True)
    return program if built.returncode == 0 else None


if __name__ == "__main__":
    main()
