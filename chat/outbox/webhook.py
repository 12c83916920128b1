"""An incoming webhook: text to its one channel, and no way to ask what arrived.

Slack's own, one of Mattermost or Rocket.Chat (whose text is Markdown), or a topic of ntfy.
"""

import logging
import re
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from base.errors import MALFORMED
from base.text import clean_text
from chat.errors import Barred, Faulty, Later, Refused, Unsure
from chat.message import File, Picture
from chat.outbox.items import Letter
from chat.outbox.transport import Arrived
from chat.outbox.web_api import TIMEOUT, reason, wait_asked
from chat.settings import Settings

_PERSON = re.compile(r"[UWD][A-Z0-9]{5,}")
"""A person, or what is said to one alone, as Slack calls them."""

_LONGEST = 16_000
"""Characters: Mattermost takes 16,383."""
_NTFY = 4_000
"""Bytes: what is longer becomes an attachment there."""
_GONE = ("no_service", "invalid_token", "no_team", "no_active_hooks", "team_disabled")


def topic_of(address: str) -> tuple[str, str]:
    """The address of an ntfy server, and the topic, in `https://ntfy.example/topic`."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path="/")), parts.path.strip("/")


class WebhookTransport:
    """A `Transport` over a webhook."""

    def __init__(self, settings: Settings) -> None:
        self._format = settings.webhook_format
        address = settings.webhook.reveal()
        if self._format == "ntfy":
            # JSON goes to the server's root, and names the topic.
            address, self._topic = topic_of(address)
        self._client = AsyncWebhookClient(
            address,
            timeout=TIMEOUT,
            retry_handlers=[],
            # It logs the address, which is the secret, at DEBUG.
            logger=logging.getLogger("slack_sdk.webhook"),
        )

    async def close(self) -> None:
        """Nothing is held open."""

    async def upload(self, _attachment: Picture | File) -> str:
        """A webhook takes no pictures."""
        return ""

    async def post(self, letter: Letter) -> Arrived:
        """Post its text."""
        if letter.edits:
            return Arrived()
        if _PERSON.fullmatch(letter.channel):
            raise Refused("It is for one person, and a webhook posts to its channel alone.")
        sealed = letter.sealed
        match self._format:
            case "markdown":
                body: dict[str, object] = {"text": sealed.markdown[:_LONGEST]}
            case "ntfy":
                text = sealed.text.encode()[:_NTFY].decode("utf-8", "ignore")
                body = {"topic": self._topic, "title": sealed.subject, "message": text}
            case _:
                body = {"text": sealed.fallback, "blocks": sealed.blocks()}
        await self._send(body)
        return Arrived()

    async def find(self, _letter: Letter) -> Arrived | None:
        """Nobody can be asked."""
        return None

    async def link(self, _arrived: Arrived) -> str:
        """Nobody says where it is."""
        return ""

    async def check(self) -> None:
        """See that the webhook is alive, without posting: an empty message is refused by name.

        Of ntfy nothing can be seen so: it takes whatever it is sent.
        """
        if self._format == "ntfy":
            return
        try:
            await self._send({"text": ""})
        except Refused:
            return

    async def _send(self, body: dict[str, object]) -> None:
        try:
            answer = await self._client.send_dict(body)
        except aiohttp.ClientConnectorError as error:
            raise Later(f"Slack cannot be reached ({reason(error)}).") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unsure(f"Slack did not answer ({reason(error)}).") from None
        except MALFORMED:
            raise Faulty("What answers in Slack's place is none of it: see the network.") from None
        said = clean_text(answer.body or "", 60)
        if answer.status_code == 200 and said[:1] != "<":
            return
        if answer.status_code == 200:
            # A page to log in to, of whoever stands between.
            raise Faulty("What answers in Slack's place is none of it: see the network.")
        if answer.status_code == 429:
            headers = {key.lower(): value for key, value in answer.headers.items()}
            raise Later("Slack asks us to slow down.", wait_asked(headers.get("retry-after")))
        if answer.status_code >= 500:
            raise Faulty(f"Slack has a problem of its own (status {answer.status_code}).")
        if said in _GONE or answer.status_code in (401, 403):
            raise Barred(f"The webhook is not valid any more ({said}): make a new one.")
        raise Refused(f"Slack does not take it ({said or f'status {answer.status_code}'}).")
