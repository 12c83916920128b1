"""Compiles the search with mypyc; without a compiler the same source is installed as it is.

A wheel also carries its own source, below share/squarm: provisioning builds the solver's image and
the daemon's environment out of that on machines that have neither.
"""

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

COMPILED = [
    "pair_set",
    "search/latin",
    "search/transversals",
    "search/disjoint",
    "search/cover",
    "search/mates",
    "search/sieve",
    "search/reduced",
    "search/self_orthogonal",
    "triples/invariant",
    "triples/nearest",
    "triples/nearest_two",
    "triples/orbit_mates",
    "classes/colours",
    "classes/leaves",
    "classes/automorphisms",
    "classes/canonical",
    "classes/orbits",
    "classes/transversal_count",
]
"""The modules of `solver/` where the time goes."""


def extensions() -> list[Extension]:
    """The compiled search; each is optional, so a failed build leaves the interpreted one."""
    from mypyc.build import mypycify

    built = mypycify(
        [str(Path("solver") / f"{name}.py") for name in COMPILED], opt_level="3", debug_level="0"
    )
    for extension in built:
        extension.optional = True
        # CFLAGS in the environment replace Python's own, and with them the -fwrapv that
        # mypyc's fixed-width arithmetic needs; the other lets gcc inline across functions.
        extension.extra_compile_args = [
            *extension.extra_compile_args,
            "-fwrapv",
            "-fno-semantic-interposition",
            *filter(_taken, ["-fno-tree-partial-pre"]),
        ]
    return list(built)


def _taken(flag: str) -> bool:
    """True where the compiler knows a flag; clang does not know all of gcc's.

    Partial redundancies that gcc takes out of loops cost registers there: without, squares of order
    9 take 4 % less time, of order 10 one; for arm/v7 under QEMU 3 and one.
    """
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    trial = [*compiler, "-Werror", flag, "-fsyntax-only", "-x", "c", os.devnull]
    try:
        return subprocess.run(trial, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


SOURCE = [
    *(".dockerignore", "Dockerfile.solver", "LICENSE", "README.md", "pyproject.toml", "setup.py"),
    *("ansible", "packaging", "requirements"),
    *("base", "chat", "drill", "fleet", "operations", "provision", "results", "serve", "solver"),
    *("swarm", "tui"),
]
"""What `base.source.source_tree` has, in a checkout and in a wheel's copy."""
LEFT_OUT = {"__pycache__", "collections", ".ansible"}


def source() -> list[tuple[str, list[str]]]:
    """The files of SOURCE by the folder they go to."""
    folders: dict[str, list[str]] = {}
    for name in SOURCE:
        for path in (Path(name), *sorted(Path(name).rglob("*"))):
            if path.is_file() and path.suffix != ".so" and not LEFT_OUT.intersection(path.parts):
                folders.setdefault(str("share/squarm" / path.parent), []).append(str(path))
    return list(folders.items())


setup(ext_modules=extensions(), data_files=source())
