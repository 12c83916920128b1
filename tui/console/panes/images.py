"""Each node's part in a rollout: what image it has, how its self-test is, and why it waits."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from tui.console.panes.table import Sort, TablePane
from tui.console.render.columns import Column
from tui.console.render.spans import Line, Span
from tui.console.render.theme import BAD, DIM, DONE, GOOD, PLAIN, VALUE, WARN

if TYPE_CHECKING:
    from swarm.docker.rollout.progress import NodeImage

_STATES: dict[str, tuple[str, Style]] = {
    "current": ("✓", DONE),
    "tested": ("✓", GOOD),
    "canary": ("●", WARN),
    "testing": ("●", GOOD),
    "waiting": ("○", DIM),
    "held": ("‖", WARN),
    "failed": ("✗", BAD),
    "away": ("◌", WARN),
    "passed over": ("■", DIM),
}
_TESTS: dict[str, Style] = {"passed": DONE, "failed": BAD, "running": GOOD, "pulling": WARN}
_SHORT = 19


def _state(one: "NodeImage", _width: int) -> list[Span]:
    glyph, style = _STATES[one.state]
    return [(f"{glyph} {one.state}", style)]


def _test(one: "NodeImage", _width: int) -> list[Span]:
    return [(one.test, _TESTS.get(one.test, DIM))]


def _image(one: "NodeImage", width: int) -> list[Span]:
    shown = one.digest if len(one.digest) <= width else one.digest[:_SHORT]
    return [(shown or "unknown", PLAIN if shown else DIM)]


def _to_pull(one: "NodeImage", _width: int) -> list[Span]:
    """At most; Docker does not tell how much of it has come."""
    if one.to_pull is None:
        return [("?", DIM)]
    from swarm.docker.rollout.progress import at_most

    return [(f"≤{at_most(one.to_pull)}" if one.to_pull else "-", DIM)]


class ImagesPane(TablePane["NodeImage"]):
    """One node a row; `nothing` stands where there is none."""

    columns: Sequence[Column["NodeImage"]] = (
        Column("NODE", 11, 9, lambda one, _: [(one.node.name, VALUE)], grow=1),
        Column("PLATFORM", 13, 6, lambda one, _: [(one.node.platform, DIM)]),
        Column("IMAGE", _SHORT, 5, _image, grow=1),
        Column("TO PULL", 7, 4, _to_pull, right=True, plain=lambda one: one.to_pull),
        Column("SELF-TEST", 9, 7, _test),
        Column("STATE", 13, 8, _state),
    )
    sorts: Sequence[Sort["NodeImage"]] = (
        ("node", lambda one: one.node.name, False),
        ("platform", lambda one: one.node.platform, False),
        ("image", lambda one: one.digest, False),
        ("state", lambda one: one.state, False),
    )

    def __init__(self) -> None:
        super().__init__("images", "Nodes")
        self.nothing: Sequence[Line] = ()
        self._pulled: Mapping[str, str] = {}

    def show_pulled(self, pulled: Mapping[str, str]) -> None:
        """How much nodes have of what is loaded from here, by their names."""
        if pulled != self._pulled:
            self._pulled = pulled
            self.lay_out_anew()

    def key_of(self, row: "NodeImage") -> Hashable:
        """A node is known by its id."""
        return row.node.id

    def name_of(self, row: "NodeImage") -> str:
        """Its name."""
        return row.node.name

    def text_of(self, row: "NodeImage") -> str:
        """All its words."""
        node = row.node
        return f"{node.name} {node.platform} {row.digest} {row.test} {row.state} {row.why}"

    def notes_of(self, row: "NodeImage") -> Sequence[Span]:
        """What failed there, holds it up, or has come."""
        pulled = self._pulled.get(row.node.name)
        if pulled and row.test == "pulling":
            return [(f"{row.node.name} has {pulled} at most.", GOOD)]
        style = BAD if row.state == "failed" else DIM if row.test == "pulling" else WARN
        return [(row.why, style)] if row.why else []

    def copy_text(self) -> str:
        """The digest that the node has, else its name."""
        row = self.chosen
        return (row.digest or row.node.name) if row else ""

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands where no node has a part."""
        if self.needle:
            return [[("No node matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return self.nothing
