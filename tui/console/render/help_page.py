"""Every action, as a page: those first that do something where the user is."""

from collections.abc import Collection, Sequence

from tui.console.actions import ACTIONS, GROUPS, Action, by_group, key_name
from tui.console.render.spans import Line
from tui.console.render.theme import DIM, KEY, STRONG, VALUE


def help_page(where: Collection[str]) -> list[Line]:
    """Every action: its keys, its command, what it does; `where`: screen and pane in front."""
    here = [
        action
        for action in sorted(ACTIONS, key=lambda action: GROUPS.index(action.group))
        if action.keys and action.where and action.applies(where)
    ]
    lines = [*_section("Here", here), *_section("Everywhere", _common())] if here else []
    for group, actions in by_group():
        others = [a for a in actions if a not in here and (not here or a not in _common())]
        lines += _section(group, others)
    lines.append([("Commands, typed after : and completed by Tab", STRONG)])
    for action in ACTIONS:
        if action.command:
            usage = f":{action.command} {action.argument}"
            lines.append([(f"  {usage:<32}", KEY), (action.title, DIM)])
    return lines


def _common() -> list[Action]:
    """What has a key and does the same on every screen, moving about aside."""
    return [a for a in ACTIONS if a.keys and not a.where and a.group not in ("Move", "Nodes")]


def _section(title: str, actions: Sequence[Action]) -> list[Line]:
    if not actions:
        return []
    lines: list[Line] = [[(title, STRONG)]]
    for action in actions:
        keys = " ".join(key_name(key) for key in action.keys) or f":{action.command}"
        name = f"{action.title:<14} "
        lines.append([(f"  {keys:<15} ", KEY), (name, VALUE), (action.help, DIM)])
    return [*lines, []]
