"""Fuzzes one parser, or all in turn, led by what its code does: python -m tests.fuzz.guided.

`--seconds` for each (60). Ends with 1 where one raised what is no refusal; the text that did it is
then left in build/fuzz, and belongs into a test. Source: https://github.com/google/atheris.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import atheris

_KEPT = Path("build/fuzz")
_ROOMS = [
    *("base", "chat", "fleet", "provision", "results", "serve", "solver", "swarm"),
    *("textual", "tui", "yaml"),
]
"""Whose branches lead it; what is compiled of them has none that it sees."""


def main() -> int:
    """Runs each parser in a process of its own, since the fuzzer ends its process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parser", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        _fuzz(given.parser[0], given.seconds)
        return 0
    from tests.fuzz.parsers import PARSERS

    failed = [name for name in given.parser or PARSERS if not _run(name, given.seconds)]
    print(
        f"Not refused: {', '.join(failed)}." if failed else "Every parser read or refused it all."
    )
    return 1 if failed else 0


def _run(name: str, seconds: int) -> bool:
    print(f"{name}: {seconds} s", flush=True)
    command = (sys.executable, "-m", "tests.fuzz.guided", "--alone", name)
    return subprocess.run([*command, "--seconds", str(seconds)], check=False).returncode == 0


def _fuzz(name: str, seconds: int) -> None:
    with atheris.instrument_imports(include=_ROOMS):
        from tests.fuzz.parsers import SEEDS, try_on

    corpus = _KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [sys.argv[0], f"-max_total_time={seconds}", "-verbosity=0", "-print_final_stats=1"]
    atheris.Setup(
        [*arguments, f"-artifact_prefix={_KEPT}/{name}-", str(corpus)],
        lambda data: try_on(name, data),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
