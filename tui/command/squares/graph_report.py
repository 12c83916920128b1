"""What `squarm graph` prints: edges, components, cliques, classes and spectra, and as CSV."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from base.text import count_text
from solver.classes.analysis import Count, transversals_and_mates
from solver.classes.graph import Edge, OrthogonalityGraph
from solver.classes.main_class import main_class
from solver.records import Rows
from solver.search.sets import EVERY

MATES = 10_000
"""Mates counted of a class, unless more are asked for."""
_STEPS = 3_000_000
"""Search steps for them, and cells tried for the transversals of large orders: a moment."""
_SHOWN = 20
"""Edges, components and classes in the text; the CSV has all."""
_LINES = 16
_WIDTH = 40
"""Of a chart."""


@dataclass(slots=True)
class ClassFacts:
    """A main class among the squares: those of them that are in it, and the counts of one."""

    name: str
    square: Rows
    places: list[int] = field(default_factory=list)
    joined: set[str] = field(default_factory=set)
    transversals: Count | None = None
    mates: Count | None = None

    @property
    def loop(self) -> bool:
        """Whether two squares of this class are joined, a square and its transpose perhaps."""
        return self.name in self.joined


@dataclass(slots=True)
class OrderGraph:
    """The graph of one order's squares. `numbers`: which square read each was, from 1."""

    order: int
    graph: OrthogonalityGraph
    mates: int
    numbers: list[int] = field(default_factory=list)
    class_of: list[str] = field(default_factory=list)
    classes: dict[str, ClassFacts] = field(default_factory=dict)
    again: int = 0
    left_out: int = 0

    def add(self, square: Rows, number: int) -> list[Edge]:
        """Take a square in; its edges."""
        place = self.graph.size
        edges = self.graph.add(square)
        found = main_class((square,))
        # A square without a class stands for itself.
        name = found.digest.hex() if found else f"square {number}"
        self.numbers.append(number)
        self.class_of.append(name)
        facts = self.classes.setdefault(name, ClassFacts(name, square))
        facts.places.append(place)
        for edge in edges:
            other = self.class_of[edge.one]
            facts.joined.add(other)
            self.classes[other].joined.add(name)
        if place in self.graph.self_orthogonal:
            facts.joined.add(name)
        return edges

    def count(self) -> Iterator[None]:
        """Count the transversals and mates of each class, a class a step."""
        for facts in self.classes.values():
            cap, steps = (self.mates, EVERY) if self.mates else (MATES, _STEPS)
            counts = transversals_and_mates(facts.square, cap, steps)
            facts.transversals, facts.mates, *_ = counts
            yield


class Graphs:
    """The graphs of all orders that are read; `most` squares of each are compared."""

    def __init__(self, *, at_least: int, most: int, mates: int) -> None:
        self.orders: dict[int, OrderGraph] = {}
        self.read = 0
        self._at_least, self._most, self._mates = at_least, most, mates

    def add(self, square: Rows) -> list[Edge]:
        """Take a Latin square in, unless it is there already or there are too many."""
        self.read += 1
        order = len(square)
        each = self.orders.get(order)
        if each is None:
            graph = OrthogonalityGraph(order, self._at_least)
            each = self.orders[order] = OrderGraph(order, graph, self._mates)
        if each.graph.place(square) is not None:
            each.again += 1
        elif each.graph.size == self._most:
            each.left_out += 1
        else:
            return each.add(square, self.read)
        return []

    def bounds(self) -> list[str]:
        """A sentence for each order of which not every square was compared."""
        return [
            f"Order {each.order}: the first {each.graph.size:,} different squares were compared, "
            f"{each.left_out:,} were left out; --squares N compares N."
            for each in self.orders.values()
            if each.left_out
        ]


def csv_edge(each: OrderGraph, edge: Edge) -> str:
    """An edge as a line: the squares by their numbers, the lower first."""
    one, other = each.numbers[edge.one], each.numbers[edge.other]
    names = each.class_of[edge.one], each.class_of[edge.other]
    return ",".join(map(str, (each.order, one, other, edge.r, *names)))


def print_csv(graphs: Graphs) -> None:
    """The classes, a line each."""
    print(
        "order,main_class,squares,transversals,transversals_whole,mates,mates_whole,"
        "joined_classes,loop"
    )
    for each in graphs.orders.values():
        for facts in each.classes.values():
            counts = [*_csv_count(facts.transversals), *_csv_count(facts.mates)]
            tail = [len(facts.joined - {facts.name}), _yes(facts.loop)]
            line = [each.order, facts.name, len(facts.places), *counts, *tail]
            print(",".join(map(str, line)))


def print_text(each: OrderGraph) -> None:
    """Everything about the squares of one order, for people."""
    graph, classes = each.graph, list(each.classes.values())
    again = f" and {each.again:,} under other names" if each.again else ""
    head = f"order {each.order}: {count_text(graph.size, 'square')}{again} of "
    print(head + count_text(len(classes), "main class", "main classes"))
    _print_graph(each)
    print(
        f"\n  {'main class':<33}{'squares':>7}{'transversals':>14}{'mates':>12}{'joined':>8}  loop"
    )
    for facts in classes[:_SHOWN]:
        counts = f"{_text(facts.transversals):>14}{_text(facts.mates):>12}"
        joined = len(facts.joined - {facts.name})
        print(f"  {facts.name:<33}{len(facts.places):>7,}{counts}{joined:>8,}  {_yes(facts.loop)}")
    _print_more(len(classes), "classes")
    _print_chart("pairs of symbols", "pairs of squares", graph.spectrum, each.order**2)
    for name in ("transversals", "mates"):
        found: list[Count | None] = [getattr(facts, name) for facts in classes]
        _print_chart(name, "classes", Counter(one.number for one in found if one is not None))
    print()


def _print_graph(each: OrderGraph) -> None:
    graph = each.graph
    components = [part for part in graph.components() if len(part) > 1]
    alone = graph.size - sum(map(len, components))
    cliques = graph.cliques()
    sizes = ", ".join(f"{count:,} of {size}" for size, count in sorted(cliques.sizes.items()))
    loops = [facts.name for facts in each.classes.values() if facts.loop]
    joined = "orthogonal" if graph.needed == each.order**2 else f"r of {graph.needed:,} and more"
    at_least = "" if cliques.whole else " at least: the search for more was ended"
    largest = f"; the largest: {_squares(each, cliques.largest)}" if cliques.largest else ""
    for name, text in (
        (f"joined ({joined})", count_text(len(graph.edges), "pair")),
        ("components", f"{len(components):,}, {count_text(alone, 'square')} alone"),
        ("cliques", (sizes or "none") + at_least + largest),
        ("loops", count_text(len(loops), "class", "classes") if loops else "none"),
    ):
        print(f"  {name:<33}{text}")
    for part in components[:_SHOWN]:
        print(f"    {count_text(len(part), 'square')}: {_squares(each, part[:_SHOWN])}")
    _print_more(len(components), "components")
    for edge in graph.edges[:_SHOWN]:
        print(f"    {_squares(each, (edge.one, edge.other))}: r = {edge.r:,}")
    _print_more(len(graph.edges), "edges")


def _print_more(number: int, what: str) -> None:
    if number > _SHOWN:
        kind = "classes" if what == "classes" else "edges"
        print(f"    and {number - _SHOWN:,} {what} more: --csv {kind} has all")


def _print_chart(name: str, what: str, counts: Mapping[int, int], alone: int = 0) -> None:
    """How often each number comes, neighbours together where there are many, but for `alone`."""
    if len(counts) < 2:
        return
    low = min(counts)
    high = max(number for number in counts if number != alone)
    width = 1 if len(counts) <= _LINES else -(-(high - low + 1) // _LINES)
    binned: Counter[int] = Counter()
    for number, count in counts.items():
        binned[number if number == alone else low + (number - low) // width * width] += count
    most = max(binned.values())
    print(f"\n  {name:<20}{what:>17}")
    for start, count in sorted(binned.items()):
        last = start if start == alone else min(high, start + width - 1)
        label = f"{start:,}" if last == start else f"{start:,} to {last:,}"
        print(f"  {label:<20}{count:>17,}  {'#' * max(1, _WIDTH * count // most)}")


def _squares(each: OrderGraph, places: tuple[int, ...] | list[int]) -> str:
    return "squares " + ", ".join(f"{each.numbers[place]:,}" for place in places)


def _text(count: Count | None) -> str:
    if count is None:
        return "-"
    return f"{count.number:,}" if count.whole else f"{count.number:,}+"


def _csv_count(count: Count | None) -> tuple[str, str]:
    return ("", "") if count is None else (str(count.number), _yes(count.whole))


def _yes(value: object) -> str:
    return "yes" if value else "no"
