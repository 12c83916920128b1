"""How many checks that an index is in range gcc leaves: `python -m benchmarks.solver.bounds`.

Each is counted in the C that mypyc writes and in the assembly that gcc makes of it, with the flags
of setup.py; both name the error where a check fails. Functions without any are left out.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path

from benchmarks.solver.speed import ROOT

INNER = ("latin", "transversals", "mates", "disjoint", "cover")
"""The modules in which a search for mates spends its time."""
_ERROR = "PyExc_IndexError"


def main() -> None:
    """Print the counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(ROOT / "setup.py", folder / "setup.py")
        bare = shutil.ignore_patterns("*.so", "__pycache__")
        shutil.copytree(ROOT / "solver", folder / "solver", ignore=bare)
        build = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
        subprocess.run(build, cwd=folder, check=True, capture_output=True)
        (source,) = (folder / "build").glob("__native_[0-9a-f]*.c")
        written = _written(source.read_text())
        left = _left(_assembly(source))
    print("index checks: in the C, left by gcc")
    for function, checks in sorted(written.items()):
        if function.partition("___")[0] in INNER and checks:
            print(f"{function.replace('___', '.', 1):36} {checks:5} {left[function]:5}")


def _written(code: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for head in re.finditer(r"\n[\w ]+\**CPyDef_(\w+)\([^;{]*\) \{", code):
        found[head[1]] = code[head.end() : code.index("\n}\n", head.end())].count(_ERROR)
    return found


def _assembly(source: Path) -> str:
    """Without merging what is alike, so that each check that is left is seen."""
    runtime = Path(str(import_module("mypyc").__file__)).parent / "lib-rt"
    places = (sysconfig.get_path("include"), runtime, source.parent)
    command = ["gcc", "-S", "-O3", "-fPIC", "-fwrapv", "-fno-semantic-interposition", "-DNDEBUG"]
    command += ["-w", "-fno-crossjumping", "-fno-tree-tail-merge", "-o", "-", str(source)]
    command += [f"-I{place}" for place in places]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _left(assembly: str) -> Counter[str]:
    found: Counter[str] = Counter()
    function = ""
    for line in assembly.splitlines():
        if label := re.match(r"(\w+)[.\w]*:", line):
            function = label[1].removeprefix("CPyDef_")
        elif _ERROR in line:
            found[function] += 1
    return found


if __name__ == "__main__":
    main()
