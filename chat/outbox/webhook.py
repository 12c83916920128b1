"""An incoming webhook: text to its one channel, and no way to ask what arrived."""

import logging

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from base.text import clean_text
from chat.errors import Barred, Faulty, Later, Refused, Unsure
from chat.message import File, Picture
from chat.outbox.outbox import Letter
from chat.outbox.transport import Arrived
from chat.outbox.web_api import TIMEOUT, reason, wait_asked
from chat.settings import Settings

_GONE = ("no_service", "invalid_token", "no_team", "no_active_hooks", "team_disabled")


class WebhookTransport:
    """A `Transport` over a webhook."""

    def __init__(self, settings: Settings) -> None:
        self._client = AsyncWebhookClient(
            settings.webhook.reveal(),
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
        await self._send({"text": letter.sealed.fallback, "blocks": letter.sealed.blocks()})
        return Arrived()

    async def find(self, _letter: Letter) -> Arrived | None:
        """Nobody can be asked."""
        return None

    async def link(self, _arrived: Arrived) -> str:
        """Nobody says where it is."""
        return ""

    async def check(self) -> None:
        """See that the webhook is alive, without posting: an empty message is refused by name."""
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
        said = clean_text(answer.body or "", 60)
        if answer.status_code == 200:
            return
        if answer.status_code == 429:
            headers = {key.lower(): value for key, value in answer.headers.items()}
            raise Later("Slack asks us to slow down.", wait_asked(headers.get("retry-after")))
        if answer.status_code >= 500:
            raise Faulty(f"Slack has a problem of its own (status {answer.status_code}).")
        if said in _GONE or answer.status_code in (401, 403):
            raise Barred(f"The webhook is not valid any more ({said}): make a new one.")
        raise Refused(f"Slack does not take it ({said or f'status {answer.status_code}'}).")
