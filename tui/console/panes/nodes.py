"""The machines: what was found on the network and what is in the swarm, one a row."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from base.text import age_text
from fleet.alert_log import AlertKind
from fleet.pi_state import PiState
from tui.console.node_row import NodeChoice, NodeRow, keys_of_today, place_of
from tui.console.panes.node_filter import node_matcher
from tui.console.panes.node_sorts import SORTS, in_order
from tui.console.panes.pane import Title, pill
from tui.console.panes.table import TablePane
from tui.console.render.badges import heat_style, limits_badge, state_badge
from tui.console.render.charts import sparkline
from tui.console.render.columns import Column
from tui.console.render.spans import Span, amount, bar, bytes_text
from tui.console.render.theme import BAD, DIM, GOOD, KEY, PLAIN, QUIET, VALUE, WARN, load_style

_GAUGE = 9
"""The width of a bar and its figure where a sparkline stands behind them."""


def _name(row: NodeRow, _width: int) -> list[Span]:
    mark: Span = ("✚ ", KEY) if row.marked else ("  ", DIM)
    return [mark, (row.name, DIM if row.stale else VALUE)]


def _state(row: NodeRow, _width: int) -> list[Span]:
    glyph, word, style = state_badge(row)
    return [(f"{glyph} {word}", style)]


def _gauge(share: float, history: Sequence[float | None], width: int) -> list[Span]:
    """A bar, its figure, and where there is room a sparkline of what was before."""
    spark = width - _GAUGE - 1 if history and width >= _GAUGE + 5 else 0
    room = _GAUGE if spark else width
    line = bar([(min(1.0, share), "━", load_style(share))], max(3, room - 5))
    spans: list[Span] = [*line, (f" {share:4.0%}", PLAIN)]
    return [*spans, (" ", DIM), *sparkline(history, spark, load_style)] if spark else spans


def _cpu(row: NodeRow, width: int) -> list[Span]:
    if row.cpu is None:
        return [(f"{row.node.cpus} cores" if row.node and not row.pi else "", DIM)]
    return _gauge(row.cpu, row.pi.history.cpu if row.pi else (), width)


def _memory(row: NodeRow, width: int) -> list[Span]:
    if row.memory_used is None:
        return [(bytes_text(row.memory) if row.memory else "", DIM)]
    share = row.memory_used / max(1, row.memory)
    return _gauge(share, row.pi.history.memory if row.pi else (), width)


def _heat(row: NodeRow, _width: int) -> list[Span]:
    heat = row.temperature
    return [(f"{heat:.0f}°", heat_style(heat))] if heat is not None else []


def _address(row: NodeRow, width: int) -> list[Span]:
    """One of IPv6 may be too long: where it begins and where it ends tells it from others."""
    text = row.address
    return [(text if len(text) <= width else f"{text[:4]}…{text[5 - width :]}", DIM)]


def _limits(row: NodeRow, _width: int) -> list[Span]:
    glyph, word, style = limits_badge(row)
    return [(f"{glyph} {word}", style)]


def _tasks(row: NodeRow, _width: int) -> list[Span]:
    return [(str(len(row.tasks)) if row.node else "", VALUE if row.tasks else DIM)]


def _rate(row: NodeRow, _width: int) -> list[Span]:
    return [(amount(round(row.rate)) if row.rate else "", VALUE)]


def _age(row: NodeRow, _width: int) -> list[Span]:
    if row.age is None:
        return []
    return [(age_text(row.age), WARN if row.stale else DIM)]


class NodesPane(TablePane[NodeRow]):
    """One row a machine. Rows can be marked, and sorted by SORTS."""

    columns: Sequence[Column[NodeRow]] = (
        Column("  NODE", 15, 12, _name, grow=1, plain=lambda row: row.name, sort="name"),
        Column("STATE", 11, 11, _state, plain=lambda row: state_badge(row)[1]),
        Column("ADDRESS", 15, 3, _address, plain=lambda row: row.address),
        Column("ROLE", 8, 5, lambda row, _: [(row.role, PLAIN)]),
        Column("CPU", 14, 10, _cpu, grow=4, plain=lambda row: row.cpu),
        Column("MEMORY", 10, 9, _memory, grow=3, plain=lambda row: row.memory_used),
        Column(
            "TEMP", 4, 8, _heat, right=True, plain=lambda row: row.temperature, sort="temperature"
        ),
        Column("LIMITS", 14, 2, _limits, plain=lambda row: limits_badge(row)[1]),
        Column("TASKS", 5, 7, _tasks, right=True),
        Column("/MIN", 5, 4, _rate, right=True, plain=lambda row: row.rate, sort="squares"),
        Column("AGE", 3, 6, _age, right=True, plain=lambda row: row.age),
    )

    def __init__(self, choice: NodeChoice) -> None:
        super().__init__("nodes", "Nodes", "1")
        self._choice = choice
        if choice.sort is None:
            names = [name for name, _, _ in SORTS]
            choice.sort = names.index(self.choice.sort) if self.choice.sort in names else 0
            choice.reverse = self.choice.reverse
        self._given: Sequence[NodeRow] = ()

    def show(self, rows: Sequence[NodeRow]) -> None:
        """Show these machines, in the order chosen."""
        self._given = rows
        choice = self._choice
        choice.marked = keys_of_today(choice.marked, rows)
        ordered = in_order(rows, choice.sort or 0, reverse=choice.reverse)
        marked = choice.marked
        super().show([replace(row, marked=True) if row.key in marked else row for row in ordered])

    def sort_next(self) -> None:
        """Sort by the next of SORTS."""
        self._choice.sort = ((self._choice.sort or 0) + 1) % len(SORTS)
        self._choice.reverse = False
        self.show(self._given)

    def sort_by(self, name: str) -> None:
        """Sort by one of SORTS; by the same again, the other way round."""
        names = [sort for sort, _, _ in SORTS]
        if name in names:
            choice, sort = self._choice, names.index(name)
            choice.reverse = not choice.reverse if sort == choice.sort else False
            choice.sort = sort
            self.show(self._given)

    def turn_around(self) -> None:
        """Sort the other way round."""
        self._choice.reverse = not self._choice.reverse
        self.show(self._given)

    def toggle(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go one down."""
        if self.chosen is not None:
            self._choice.marked ^= {self.chosen.key}
            self._choice.anchor = self.chosen.key
            self.show(self._given)
            self.move_rows(1)

    def mark_range(self) -> None:
        """Mark all from the row that was marked last to the one under the cursor."""
        if self.chosen is None:
            return
        place = self.place_of(self._choice.anchor, self.rows)
        begin = self.cursor if place is None else place
        first, last = sorted((begin, self.cursor))
        self._choice.marked |= {row.key for row in self.rows[first : last + 1]}
        self._choice.anchor = self.chosen.key
        self.show(self._given)

    def toggle_all(self) -> None:
        """Mark every row that is shown; where all are, none."""
        keys = frozenset(row.key for row in self.rows)
        marked = self._choice.marked
        self._choice.marked = marked - keys if keys <= marked else marked | keys
        self.show(self._given)

    def marked_here(self) -> list[NodeRow]:
        """The marked rows that are shown: what a filter hides is not meant."""
        return [row for row in self.rows if row.marked]

    def key_of(self, row: NodeRow) -> Hashable:
        """A machine is known by its id; names may repeat."""
        return row.key

    def name_of(self, row: NodeRow) -> str:
        """Its name."""
        return row.name

    def matcher(self, needle: str) -> Callable[[NodeRow], bool]:
        """By labels, too."""
        return node_matcher(needle, self.text_of)

    def place_of(self, key: Hashable, rows: Sequence[NodeRow]) -> int | None:
        """Where the machine that had this key is."""
        return place_of(key, rows)

    def text_of(self, row: NodeRow) -> str:
        """All its words."""
        words = [row.name, row.address, row.role, state_badge(row)[1], limits_badge(row)[1]]
        if row.pi:
            words += [row.pi.mac, row.pi.identity.serial, row.pi.identity.model, row.pi.facts.os]
        return " ".join(words)

    def notes_of(self, row: NodeRow) -> Sequence[Span]:
        """The sentence about what cannot wait."""
        if row.progress:
            return [(f"● {row.progress}", GOOD)]
        pi = row.pi
        if row.node and row.node.problem:
            return [(f"✗ {row.node.problem}", BAD)]
        if pi is None:
            return []
        if pi.key_changed or pi.twins:
            return [(f"▲ {pi.problem}", BAD)]
        # Without a password it was only asked whether our key is on it already.
        shut = row.waits_for_login and pi.refused == "password"
        slowed = pi.state is not PiState.LOST and limits_badge(row)[2] is BAD
        told = [pi.problem] if pi.problem and (shut or slowed) else []
        # That of a slowed Pi says already that it is hot, or short of power.
        said = (AlertKind.HOT, AlertKind.UNDER_VOLTAGE) if told else ()
        alerts = [alert for alert in row.alerts.holding if alert.kind not in said]
        told += [f"{alert.kind}: {alert.sentence}" for alert in alerts]
        return [(f"▲ {' '.join(told)}", BAD if alerts else WARN)] if told else []

    def copy_text(self) -> str:
        """The address of the machine under the cursor, else its name."""
        row = self.chosen
        return (row.address or row.name) if row else ""

    def status(self) -> Title:
        """How it is sorted, how many are marked, and what to do next."""
        parts = list(super().status())
        choice = self._choice
        if choice.marked:
            hidden = len(choice.marked) - len(self.marked_here())
            told = f", {hidden} of them hidden" if hidden else ""
            parts.append((f" {len(choice.marked)} marked{told} ", QUIET))
        if choice.sort or choice.reverse:
            name, _, descending = SORTS[choice.sort or 0]
            arrow = "↓" if descending is not choice.reverse else "↑"
            parts.append((f" by {name} {arrow} ", QUIET))
        waiting = sum(row.waits_for_login for row in self.all_rows)
        if waiting and not self.needle:
            parts += pill(f"{waiting} to log in to: L")
        return parts

    def empty(self) -> Sequence[Sequence[Span]]:
        """What stands in an empty list."""
        if self.needle:
            return [[("No node matches. ", PLAIN), ("Esc clears the filter.", DIM)]]
        return [[("No nodes reported yet.", DIM)]]
