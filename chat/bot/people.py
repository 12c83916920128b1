"""Who people are to the workspace: asked of Slack beside the work, and remembered for an hour."""

import asyncio
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from base.errors import ChatError
from chat.errors import Refused, seconds_asked
from chat.outbox.web_api import BotTransport
from chat.settings import Settings

_KNOWN = 3600.0
_MOST = 1_000
_SLOWEST = 60.0
_SLACKBOT = "USLACKBOT"
NOT_FOR_GUESTS = (
    "I take commands from full members of this workspace: an admin of squarm may add you."
)


class Membership(StrEnum):
    """What somebody is to the workspace; the first three as `people` in the settings has them."""

    MEMBER = "members"
    GUEST = "guests"
    OTHER = "others"
    BOT = "bots"


class People:
    """Knows whom the bot answers."""

    def __init__(self, settings: Settings, transport: BotTransport) -> None:
        self._settings = settings
        self._transport = transport
        self._team = ""
        self._standing: dict[str, tuple[Membership, float]] = {}
        self._asked: dict[str, None] = {}
        self._nudged = asyncio.Event()
        self.problem = ""

    def standing(self, user: str) -> Membership | None:
        """What somebody is; None while it is not known."""
        if user == _SLACKBOT:
            return Membership.BOT
        known, looked = self._standing.get(user, (None, 0.0))
        if known is None or time.monotonic() - looked > _KNOWN:
            # What was known an hour ago is better than silence where Slack does not say.
            self._asked[user] = None
            self._nudged.set()
        return known

    def may_ask(self, user: str) -> bool | None:
        """Whether somebody's commands are taken; None while that is not known."""
        if user in self._settings.people or user in self._settings.admins:
            return True
        standing = self.standing(user)
        return None if standing is None else standing in self._settings.people

    async def run(self) -> None:
        """Find out who asked, one after the other."""
        wait = 1.0
        while True:
            self._nudged.clear()
            try:
                while self._asked:
                    user = next(iter(self._asked))
                    # Behind the others, should Slack not say.
                    self._asked[user] = self._asked.pop(user)
                    self._remember(user, await self._look_up(user))
                self.problem, wait = "", 1.0
                await self._nudged.wait()
            except ChatError as error:
                self.problem = f"the bot cannot tell who asks: {error}"
                await asyncio.sleep(seconds_asked(error) or wait)
                wait = min(2 * wait, _SLOWEST)

    async def _look_up(self, user: str) -> Membership:
        client, call = self._transport.client, self._transport.call
        if not self._team:
            self._team = str((await call(client.auth_test)).get("team_id") or "")
        try:
            answer = await call(client.users_info, user=user)
        except Refused:
            # Somebody of whom this workspace may know nothing is not one of its own.
            return Membership.OTHER
        return standing_of(answer.get("user") or {}, self._team)

    def _remember(self, user: str, standing: Membership) -> None:
        self._asked.pop(user, None)
        self._standing.pop(user, None)
        self._standing[user] = (standing, time.monotonic())
        if len(self._standing) > _MOST:
            del self._standing[next(iter(self._standing))]


def standing_of(about: Mapping[str, Any], team: str) -> Membership:
    """What `users.info` makes of somebody, to the workspace `team`."""
    if about.get("is_bot"):
        return Membership.BOT
    teams = {about.get("team_id"), *((about.get("enterprise_user") or {}).get("teams") or ())}
    if about.get("is_stranger") or team not in teams:
        return Membership.OTHER
    if about.get("is_restricted") or about.get("is_ultra_restricted"):
        return Membership.GUEST
    return Membership.MEMBER
