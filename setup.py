"""Compiles the search with mypyc; without a compiler the same source is installed as it is."""

from pathlib import Path

from setuptools import Extension, setup

COMPILED = [
    "search/latin",
    "search/transversals",
    "search/disjoint",
    "search/cover",
    "search/mates",
    "search/sieve",
    "search/nearest",
    "search/reduced",
    "classes/colours",
    "classes/leaves",
    "classes/canonical",
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
        ]
    return list(built)


setup(ext_modules=extensions())
