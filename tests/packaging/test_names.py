"""The packages have names that nothing else brings which is installed with squarm."""

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))


def test_no_other_distribution_has_a_package_of_a_room_s_name() -> None:
    """As python-daemon, which ansible-runner needs, has one called `daemon`."""
    found = packages_distributions()
    assert "daemon" in found
    rooms = _PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    for room in (name.removesuffix("*") for name in rooms):
        assert set(found.get(room, ())) <= {"squarm"}, room
