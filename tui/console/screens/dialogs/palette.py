"""The command palette, fed by the action registry."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from inspect import unwrap
from typing import cast

from textual import work
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.css.query import NoMatches

from tui.console.actions import ACTIONS, Action, key_name
from tui.console.context import Context
from tui.console.screens.dialogs.modal import Modal


class Palette(CommandPalette, Modal[None]):
    """Textual's own, closed once: not what is in front by the time of a second Enter."""

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)  # noqa: SLF001
    async def _gather_commands(self, search_value: str) -> None:
        # Textual's looks for its list even where the palette was closed meanwhile.
        with suppress(NoMatches):
            await unwrap(CommandPalette._gather_commands)(self, search_value)  # noqa: SLF001

    def _action_command_list(self, action: str) -> None:
        # Textual's pages through a list that is not there yet.
        with suppress(KeyError):
            super()._action_command_list(action)


class ActionProvider(Provider):
    """Offers every action that applies where the user is."""

    _has_run = False

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for action in self._offered():
            yield DiscoveryHit(
                _title(action), partial(self._run, action), _title(action), action.help
            )

    async def search(self, query: str) -> Hits:
        """Those whose title or help matches."""
        matcher = self.matcher(query)
        for action in self._offered():
            text = f"{_title(action)}: {action.help}"
            score = matcher.match(text)
            if score > 0:
                yield Hit(
                    score, Content(_title(action)), partial(self._run, action), text, action.help
                )

    def _offered(self) -> Iterator[Action]:
        for action in ACTIONS:
            applies = action.applies(self._context.where)
            if applies and action.group != "Move" and action.id != "palette":
                yield action

    async def _run(self, action: Action) -> None:
        # Enter twice chooses once; a palette has a provider of its own.
        if not self._has_run and action.applies(self._context.where):
            self._has_run = True
            await self._context.perform(action.id)

    @property
    def _context(self) -> Context:
        return cast("Context", self.app)


def _title(action: Action) -> str:
    keys = f"  ({key_name(action.keys[0])})" if action.keys else ""
    return f"{action.title}{keys}"
