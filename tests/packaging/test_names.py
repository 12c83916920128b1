"""One name for one thing: of packages, beside all that is installed, and of classes."""

import ast
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))


def test_no_other_distribution_has_a_package_of_a_room_s_name() -> None:
    """As python-daemon, which ansible-runner needs, has one called `daemon`."""
    found = packages_distributions()
    assert "daemon" in found
    rooms = _PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    for room in (name.removesuffix("*") for name in rooms):
        assert set(found.get(room, ())) <= {"squarm"}, room


def test_no_two_classes_have_one_name() -> None:
    """A stranger who looks for a class finds one."""
    homes: dict[str, list[str]] = defaultdict(list)
    for room in _PROJECT["tool"]["importlinter"]["root_packages"]:
        for file in (_ROOT / room).rglob("*.py"):
            for part in ast.parse(file.read_text("utf-8")).body:
                if isinstance(part, ast.ClassDef) and not part.name.startswith("_"):
                    homes[part.name].append(str(file.relative_to(_ROOT)))
    assert len(homes) > 500
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}
