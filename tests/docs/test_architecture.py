"""The rooms on the page are those of the import contracts and of the tree."""

import re
import tomllib
from pathlib import Path

from tests.docs.pages import DOCS, ROOT

_PAGE = (DOCS / "development/architecture.md").read_text("utf-8")
_ROWS = re.findall(
    r"^\| `(\w+)/` \| .+? \| (.*?) ?\|$",
    _PAGE.partition("<!-- rooms -->")[2].partition("<!-- /rooms -->")[0],
    re.MULTILINE,
)


def _packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_the_rooms_are_the_layers_of_the_contract_in_their_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = (one["layers"] for one in contracts["contracts"] if "Rooms" in one["name"])
    assert [room for room, _ in _ROWS] == layers
    # The lab is below nobody: two contracts of its own hold that.
    assert sorted([*layers, "lab"]) == sorted(contracts["root_packages"])


def test_every_sub_room_is_named() -> None:
    for room, told in _ROWS:
        inside = _packages(ROOT / room)
        if room == "tui":
            inside |= _packages(ROOT / "tui/console")
        assert set(re.findall(r"`(\w+)/`", told)) == inside, room


def test_every_file_that_is_named_is_there() -> None:
    whole = set(re.findall(r"`([a-z_]+/[a-z_/]+(?:\.py)?)`", _PAGE))
    assert whole
    for path in whole:
        assert (ROOT / path).exists(), path
