"""Every action, as a page: those first that do something where the user is."""

from collections.abc import Collection, Sequence

from tui.console.actions import (
    ACTIONS,
    GROUPS,
    Action,
    Need,
    by_group,
    key_name,
    usable_actions,
)
from tui.console.render.spans import Line
from tui.console.render.theme import DIM, KEY, STRONG, VALUE


def help_page(
    where: Collection[str], *, met: Collection[Need], read_only: bool = False
) -> list[Line]:
    """Every action: its keys, its command, what it does.

    `where`: screen and pane in front; `met`: what is so there.
    """
    usable = usable_actions(where, met=met, read_only=read_only)
    keyed = [a for a in sorted(ACTIONS, key=lambda a: GROUPS.index(a.group)) if a.keys]
    here = [a for a in keyed if a.where and a in usable]
    later = [a for a in keyed if a.where and a.applies(where) and a not in usable]
    common = _common() if here or later else []
    lines = [*_section("Here, now", here), *_section("Everywhere", common)]
    lines += _section("Here, but not now", later)
    for group, actions in by_group():
        lines += _section(group, [a for a in actions if a not in (*here, *later, *common)])
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
