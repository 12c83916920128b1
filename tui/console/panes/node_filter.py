"""A filter over machines: words, and rules on labels of nodes as `squarm run --where` has them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.console.node_row import NodeRow
from tui.needle import matcher

if TYPE_CHECKING:
    from swarm.placement import Rule


def node_matcher(needle: str, text_of: Callable[[NodeRow], str]) -> Callable[[NodeRow], bool]:
    """Whether a machine is shown: every word in its text, every rule met by its labels.

    A rule is a word such as `memory>=4G`, told apart by its sign; `!` before it turns it around.
    Rules may have commas between them, as `--where` and a node's own page have them.
    """
    rules: list[tuple[tuple[Rule, ...], bool]] = []
    words = needle.split(" ")
    kept = []
    for place, word in enumerate(words):
        if word.startswith("/"):
            kept += words[place:]
            break
        found = _rules(word.removeprefix("!").rstrip(","))
        if found:
            rules.append((found, not word.startswith("!")))
        else:
            kept.append(word)
    matches = matcher(" ".join(kept))

    def shown(row: NodeRow) -> bool:
        return matches(text_of(row)) and all(_meets(row, each) is wanted for each, wanted in rules)

    return shown


def _rules(word: str) -> tuple["Rule", ...]:
    if not any(sign in word for sign in "=<>"):
        return ()
    # Imported late: not for the first paint.
    from swarm.job import SpecError
    from swarm.placement import parse_rules

    try:
        return parse_rules(word)
    except SpecError:
        return ()


def _meets(row: NodeRow, rules: tuple["Rule", ...]) -> bool:
    node = row.node
    return node is not None and all(rule.admits(node.labels) for rule in rules)
