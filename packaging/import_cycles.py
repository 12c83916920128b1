"""Fail where modules import each other in a circle, be it for their types alone.

`import-linter` holds the layers between and inside rooms; this looks at every module.
"""

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent


def packages() -> list[str]:
    """Every package at the top of the tree."""
    return sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


def circle(names: list[str]) -> list[str]:
    """Modules of a circle, each imported by the next; none where there is no circle."""
    graph = grimp.build_graph(*names, exclude_type_checking_imports=False, cache_dir=None)
    imports = {
        module: graph.find_modules_directly_imported_by(module) - {module}
        for module in graph.modules
    }
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def main() -> int:
    """Say where there is a circle; 1 then."""
    sys.path.insert(0, str(ROOT))
    found = circle(packages())
    if found:
        print(f"Import cycle: {' -> '.join(reversed(found))}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
