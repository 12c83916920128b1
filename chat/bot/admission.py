"""Whether a request is taken at all: who asks, and where."""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto

from chat.bot.channels import Channels
from chat.bot.commands import Route
from chat.bot.people import NOT_FOR_GUESTS, Membership, People
from chat.bot.requests import Request
from chat.outbox.web_api import BotTransport
from chat.settings import Settings


class Ruling(Enum):
    """What becomes of a request; OPEN: Slack has not said yet what that depends on."""

    TAKEN = auto()
    REFUSED = auto()
    IGNORED = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling, and in a sentence why."""

    ruling: Ruling
    why: str = ""


class Admission:
    """Knows whom the bot answers, and where; what it does not know yet it finds out in `run`."""

    def __init__(self, settings: Settings, transport: BotTransport) -> None:
        self.channels = Channels(settings, transport)
        self.people = People(settings, transport)

    @property
    def problem(self) -> str:
        """What keeps the bot from knowing, '' where all is well."""
        return self.channels.problem or self.people.problem

    async def run(self) -> None:
        """Ask Slack, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.channels.run())
            group.create_task(self.people.run())

    def verdict(self, request: Request) -> Decision:
        """What becomes of a request, as far as is known now."""
        taken = self.people.may_ask(request.user)
        if taken is False and self.people.standing(request.user) is Membership.BOT:
            # Two bots that answer each other never end.
            return Decision(Ruling.IGNORED)
        # A request in a channel that is a person is for their direct message.
        if request.route is not Route.DIRECT and request.channel != request.user:
            here = self.channels.answers_in(request.channel, request.made)
            if here is None:
                return Decision(Ruling.OPEN, self.channels.problem)
            if not here:
                said_to_it = request.route is not Route.CHANNEL
                ruling = Ruling.REFUSED if said_to_it else Ruling.IGNORED
                return Decision(ruling, self.channels.elsewhere)
        if taken is None:
            return Decision(Ruling.OPEN, self.people.problem)
        return Decision(Ruling.TAKEN) if taken else Decision(Ruling.REFUSED, NOT_FOR_GUESTS)
