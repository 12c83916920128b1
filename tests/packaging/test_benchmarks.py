"""`make bench` takes an hour, and no test runs it: what its parts start is there at least."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_STARTED = re.compile(r"""-m[ "',]+((?:benchmarks|solver|tui)(?:\.\w+)*)""")


def test_every_module_that_a_benchmark_or_a_page_starts_is_there() -> None:
    files = [*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    started = {name: file for file in files for name in _STARTED.findall(file.read_text())}
    assert "benchmarks.solver.rate" in started
    assert {
        f"{name} in {file}" for name, file in started.items() if not importlib.util.find_spec(name)
    } == set()
