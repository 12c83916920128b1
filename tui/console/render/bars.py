"""The thin lines around the panes: facts above, keys below."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from base.text import age_text
from results.reports import Snapshot
from swarm.engine import JobState
from tui.console.actions import ACTIONS, Action, key_name
from tui.console.render.spans import Span, bar, cell, fit, rate_text, spans_width
from tui.console.render.theme import (
    BAD,
    DIM,
    GOOD,
    KEY,
    PLAIN,
    VALUE,
    WARN,
    load_style,
    node_is_up,
)

STALE = 5.0
"""Seconds after which a snapshot's age is shown."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the header; the ones with the lowest `keep` give way first."""

    spans: Sequence[Span]
    keep: int
    right: bool = False


def header_facts(
    snapshot: Snapshot | None,
    now: float,
    *,
    read_only: bool,
    compiled: bool,
    run: str = "",
    awaited: int = 0,
    line_slow: bool = False,
) -> list[Fact]:
    """The header's facts in the order they stand; `run`: the provisioning run under way.

    `awaited`: how many Pis are to come from cards written here.
    """
    found = [Fact([("squarm", KEY)], 20)]
    if read_only:
        found.append(Fact([("read-only", WARN)], 12, right=True))
    if line_slow:
        found.append(Fact([("◷ line slow", WARN)], 18, right=True))
    if run:
        found.append(Fact([("● ", GOOD), ("provisioning", VALUE), (" P", KEY)], 17))
    if awaited:
        found.append(Fact([("◌ ", WARN), (f"{awaited} new", VALUE), (" to come", DIM)], 9))
    if snapshot is None:
        return [*found, Fact([("◌ connecting…", DIM)], 19)]
    up = sum(node_is_up(node) for node in snapshot.nodes)
    total = len(snapshot.nodes)
    running = sum(row.job.state is JobState.RUNNING for row in snapshot.jobs)
    waiting = sum(row.job.state is JobState.PENDING for row in snapshot.jobs)
    rate = sum(row.rate for row in snapshot.jobs if row.job.state.live)
    found += [
        Fact([(f"{snapshot.engine} ", PLAIN), (snapshot.place, VALUE)], 13),
        Fact(
            [
                (f"{up}/{total}", VALUE if up == total else BAD),
                (" node up" if total == 1 else " nodes up", DIM),
            ],
            10,
        ),
        Fact([("● " if running else "", GOOD), (str(running), VALUE), (" running", DIM)], 15),
        *([Fact([("○ ", WARN), (str(waiting), VALUE), (" waiting", DIM)], 11)] if waiting else []),
        Fact([(f"{snapshot.kept:,}", VALUE), (" kept", DIM)], 16),
        *([Fact([(rate_text(rate), VALUE)], 14)] if rate > 0 else []),
    ]
    age = now - snapshot.taken
    if age >= STALE:
        found.append(Fact([(f"◷ {age_text(age)} old", WARN)], 18, right=True))
    if compiled:
        found.append(Fact([("solver compiled", DIM)], 1, right=True))
    return found + _host_facts(snapshot)


def _host_facts(snapshot: Snapshot) -> list[Fact]:
    here = next((node for node in snapshot.nodes if node.here), None)
    found: list[Fact] = []
    if here and here.cpu_used is not None:
        found.append(_gauge("cpu", here.cpu_used, 9))
    if here and here.memory_used is not None:
        found.append(_gauge("mem", here.memory_used / max(1, here.memory), 8))
    return found


def _gauge(label: str, share: float, keep: int) -> Fact:
    share = min(1.0, share)
    line = bar([(share, "━", load_style(share))], 6)
    return Fact([(f"{label} ", DIM), *line, (f" {share:4.0%}", PLAIN)], keep, right=True)


def header_line(facts: Sequence[Fact], width: int) -> list[Segment]:
    """Facts to the left and to the right, as many as fit."""
    shown = list(facts)
    while shown and _needed(shown) > width - 2:
        shown.remove(min(shown, key=lambda fact: fact.keep))
    left = _joined([fact for fact in shown if not fact.right])
    right = _joined([fact for fact in shown if fact.right])
    gap = max(0, width - 2 - spans_width(left) - spans_width(right))
    return cell([(" ", PLAIN), *left, (" " * gap, PLAIN), *right], width)


def _needed(shown: Sequence[Fact]) -> int:
    return sum(spans_width(fact.spans) + 3 for fact in shown) - 3


def _joined(shown: Sequence[Fact]) -> list[Span]:
    spans: list[Span] = []
    for fact in shown:
        if spans:
            spans.append(("   ", PLAIN))
        spans.extend(fact.spans)
    return spans


def footer_line(actions: Sequence[Action], width: int, under_way: str = "") -> list[Segment]:
    """As many as fit, the most important first; what is the same everywhere stands at the right.

    `under_way`: what is being done, before all of them; it may take half of the line.
    """
    doing, left, right, gap = _footer(actions, width, under_way)
    spans = [*doing, *_hints(left), (" " * gap, PLAIN), *_hints(right)[:-1]]
    return cell([(" ", PLAIN), *spans], width)


def footer_action_at(
    actions: Sequence[Action], width: int, x: int, under_way: str = ""
) -> Action | None:
    """The action whose key or title stands at column `x` of the footer."""
    doing, left, right, gap = _footer(actions, width, under_way)
    column = 1 + spans_width(doing)
    for action in (*left, None, *right):
        stop = column + (gap if action is None else spans_width(_hints([action])))
        if column <= x < stop and action is not None:
            return action
        column = stop
    return None


def _footer(
    actions: Sequence[Action], width: int, under_way: str
) -> tuple[list[Span], list[Action], list[Action], int]:
    """What is being done, the actions at the left and at the right, and the gap between them."""
    shown: set[str] = set()
    doing: list[Span] = []
    if under_way:
        doing = [("● ", GOOD), (f"{fit(under_way, width // 2).rstrip()} …", VALUE), ("   ", DIM)]
    used = spans_width(doing)
    for action in actions:
        needed = len(_printed(action)) + len(action.title) + 3
        if used + needed <= width:  # a blank before all, none after the last
            shown.add(action.id)
            used += needed
    ours = [action for action in ACTIONS if action.id in shown]
    left = [action for action in ours if action.group != "Console"]
    right = [action for action in ours if action.group == "Console"]
    gap = max(0, width - spans_width([*doing, *_hints(left), *_hints(right)]))
    return doing, left, right, gap


def _hints(actions: Sequence[Action]) -> list[Span]:
    return [
        span
        for action in actions
        for span in ((_printed(action), KEY), (f" {action.title}", DIM), ("  ", DIM))
    ]


def _printed(action: Action) -> str:
    return key_name(action.keys[0]).replace("Enter", "⏎")
