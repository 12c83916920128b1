"""What the user's own settings say of tables: columns, and the order of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class TableChoice:
    """Columns by their titles in small letters, none for all; what rows are sorted by at first."""

    columns: Sequence[str] = ()
    sort: str = ""
    reverse: bool = False


_own: list[Mapping[str, TableChoice]] = [MappingProxyType({})]


def use(own: Mapping[str, TableChoice]) -> None:
    """Tables of the user's own, by the names of their panes; for panes made from now on."""
    _own[0] = own


def choice(table: str) -> TableChoice:
    """What is chosen for a table."""
    return _own[0].get(table, TableChoice())


def parse(columns: str, sort: str) -> TableChoice:
    """As the settings have it: words, and a name, behind `-` the other way round."""
    return TableChoice(tuple(columns.split()), sort.removeprefix("-"), sort.startswith("-"))
