"""The Web API with a bot token: posts, edits, pictures, and looking up whether one arrived."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from base.errors import MALFORMED, ChatError
from base.text import clean_text
from chat.errors import (
    Barred,
    Faulty,
    LacksScope,
    Later,
    PictureNotReady,
    PictureNotTaken,
    Refused,
    Unsure,
)
from chat.message import File, Picture
from chat.outbox.items import NO_PICTURE, Letter
from chat.outbox.transport import Arrived
from chat.settings import Settings

EVENT = "squarm_message"
"""The type of the metadata by which a message of ours is recognised."""
TIMEOUT = 15
FILE_LIMIT = 2**20
_PAGE = 200
_EARLIER = 86_400.0
"""Seconds by which this machine's clock may be ahead of Slack's when a message is looked up."""

_BARS = {
    "invalid_auth": "the bot_token is not valid",
    "not_authed": "the bot_token is missing",
    "account_inactive": "the bot_token belongs to an app that was removed or a user who left",
    "token_revoked": "the bot_token was revoked",
    "token_expired": "the bot_token has expired",
    "org_login_required": "the workspace is being moved",
    "ekm_access_denied": "the workspace's administrators have paused it",
}
_REFUSALS = {
    "channel_not_found": "there is no such channel, or the bot may not see it: invite it there",
    "not_in_channel": "the bot is not in the channel: invite it (/invite @squarm)",
    "is_archived": "the channel is archived",
    "restricted_action": "the workspace does not let apps post there",
    "msg_too_long": "the message is too long",
    "msg_blocks_too_long": "the message is too long",
    "message_not_found": "the message it edits is gone",
    "cant_update_message": "the message it edits is not the bot's own",
    "edit_window_closed": "the message it edits is too old",
    "thread_not_found": "its thread is gone",
}
_FAULTS = (
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
)


@dataclass(frozen=True, slots=True)
class JoinedChannel:
    """A channel that the bot is in."""

    id: str
    name: str
    private: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """The channels that the bot is in; `lacking`: why there may be more, which it may not list."""

    channels: tuple[JoinedChannel, ...]
    lacking: LacksScope | None = None


class BotTransport:
    """A `Transport` over the Web API, and the client that the bot and the checks share."""

    def __init__(self, settings: Settings, logger: logging.Logger | None = None) -> None:
        # Without retry handlers: the outbox alone decides what is sent again.
        self.client = AsyncWebClient(
            token=settings.bot_token.reveal(),
            base_url=settings.api,
            timeout=TIMEOUT,
            retry_handlers=[],
            logger=logger or logging.getLogger("slack_sdk"),
        )
        self._session: aiohttp.ClientSession | None = None
        self._ids: dict[str, str] = {}

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()

    async def upload(self, attachment: Picture | File) -> str:
        """Three steps: an address to send it to, the bytes, and leave to use it.

        Of a file the third is its post.
        """
        picture = isinstance(attachment, Picture)
        body = attachment.png if isinstance(attachment, Picture) else attachment.text.encode()
        try:
            place = await self.call(
                self.client.files_getUploadURLExternal,
                filename=attachment.name,
                length=len(body),
                alt_txt=attachment.words if picture else None,
            )
            await self._send_bytes(str(place["upload_url"]), body)
            if picture:
                await self.call(
                    self.client.files_completeUploadExternal,
                    files=[{"id": place["file_id"], "title": attachment.words}],
                )
        except (LacksScope, Refused) as error:
            raise PictureNotTaken(str(error), final=True) from None
        # Twice uploaded is once seen: what no message shows, nobody sees.
        return str(place["file_id"])

    async def _send_bytes(self, address: str, png: bytes) -> None:
        """The bytes to the host for files, by the way that the calls take."""
        try:
            async with self._open().post(address, data=png, proxy=self.client.proxy) as answer:
                if answer.status != 200:
                    raise PictureNotTaken(
                        f"Slack's host for files did not take it (status {answer.status})."
                    )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PictureNotTaken(
                f"Slack's host for files cannot be reached ({reason(error)})."
            ) from None

    async def post(self, letter: Letter) -> Arrived:
        """Post it, marked so that it can be found again; or edit the message it edits."""
        if isinstance(file := letter.sealed.attachment, File):
            return await self._post_file(letter, file)
        picture = "" if letter.picture == NO_PICTURE else letter.picture
        said: dict[str, Any] = {
            "channel": letter.channel,
            "text": letter.sealed.fallback,
            "blocks": letter.sealed.blocks(picture),
        }
        if letter.channel.startswith(("U", "W")) or letter.edits:
            said["channel"] = await self.channel_id(letter.channel)
        if letter.edits:
            answer = await self.call(self.client.chat_update, ts=letter.edits, **said)
        else:
            answer = await self.call(
                self.client.chat_postMessage,
                **said,
                thread_ts=letter.thread or None,
                metadata={"event_type": EVENT, "event_payload": {"mark": letter.mark}},
                unfurl_links=False,
                unfurl_media=False,
            )
        place, stamp = str(answer.get("channel") or ""), str(answer.get("ts") or "")
        if place.startswith(("C", "G", "D")):
            self._ids[letter.channel] = place
        return Arrived(place, stamp)

    async def file_text(self, file: str) -> str:
        """The text of a file that somebody attached; raises ChatError where there is none."""
        about = (await self.call(self.client.files_info, file=file)).get("file") or {}
        address, size = str(about.get("url_private_download") or ""), int(about.get("size") or 0)
        if size > FILE_LIMIT:
            raise Refused(f"The file is larger than {FILE_LIMIT // 2**20} MiB.")
        # The token goes to Slack's own hosts alone.
        host = urlsplit(address).hostname or ""
        if not (host == urlsplit(self.client.base_url).hostname or host.endswith(".slack.com")):
            raise Refused("The file does not lie at Slack: paste the square.")
        headers = {"Authorization": f"Bearer {self.client.token}"}
        try:
            async with self._open().get(
                address, headers=headers, proxy=self.client.proxy, allow_redirects=False
            ) as answer:
                body = b""
                async for part in answer.content.iter_chunked(2**16):
                    body += part
                    if len(body) > FILE_LIMIT:
                        raise Refused(f"The file is larger than {FILE_LIMIT // 2**20} MiB.")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Later(f"Slack's host for files cannot be reached ({reason(error)}).") from None
        if answer.status != 200:
            raise Refused(f"Slack does not give the file (status {answer.status}).")
        return body.decode("utf-8", "replace")

    async def _post_file(self, letter: Letter, file: File) -> Arrived:
        """Slack posts a file itself, and does not say as what: its id is what it is known by."""
        place = await self.channel_id(letter.channel)
        await self.call(
            self.client.files_completeUploadExternal,
            files=[{"id": letter.picture, "title": file.name}],
            channel_id=place,
            thread_ts=letter.thread or None,
            initial_comment=letter.sealed.fallback,
        )
        return Arrived(place)

    async def find(self, letter: Letter) -> Arrived | None:
        """Look for its mark in what was posted since it may have left."""
        place = await self.channel_id(letter.channel)
        oldest = f"{max(0.0, letter.tried - _EARLIER):.6f}"
        async for message in self._since(place, letter.thread, oldest):
            told = message.get("metadata") or {}
            files = {file.get("id") for file in message.get("files") or ()}
            marked = (told.get("event_payload") or {}).get("mark") == letter.mark
            if marked or (letter.picture and letter.picture in files):
                return Arrived(place, str(message.get("ts") or ""))
        return None

    async def link(self, arrived: Arrived) -> str:
        """The message's permalink."""
        with suppress(ChatError):
            answer = await self.call(
                self.client.chat_getPermalink, channel=arrived.place, message_ts=arrived.stamp
            )
            return str(answer.get("permalink") or "")
        return ""

    async def channel_id(self, channel: str) -> str:
        """The id of a channel named `#so`, of a person's own (`U...`), or the id as it is.

        Raises Refused.
        """
        if channel.startswith(("U", "W")) and channel not in self._ids:
            with suppress(LacksScope):
                answer = await self.call(self.client.conversations_open, users=channel)
                self._ids[channel] = str((answer.get("channel") or {}).get("id") or channel)
        if channel.startswith("#") and channel not in self._ids:
            joined = await self.joined()
            self._ids |= {f"#{one.name}": one.id for one in joined.channels}
            if channel not in self._ids:
                raise joined.lacking or Refused(
                    f"The bot is in no channel {channel}: say /invite @squarm there."
                )
        return self._ids.get(channel, channel)

    async def joined(self) -> Joined:
        """All channels that the bot is in, of which a workspace has far more."""
        found: list[JoinedChannel] = []
        lacking: LacksScope | None = None
        for kind in ("public_channel", "private_channel"):
            try:
                async for one in self._pages(
                    self.client.users_conversations, "channels", types=kind, exclude_archived=True
                ):
                    name, place = str(one.get("name") or ""), str(one.get("id") or "")
                    found.append(JoinedChannel(place, name, private=kind == "private_channel"))
            except LacksScope as error:
                lacking = error
        return Joined(tuple(found), lacking)

    async def call(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: object
    ) -> AsyncSlackResponse:
        """One call of the Web API, its failure as one of ours."""
        self._open()
        try:
            return await method(**arguments)
        except SlackApiError as error:
            raise _sorted(error) from None
        except aiohttp.ClientConnectorError as error:
            raise Later(f"Slack cannot be reached ({reason(error)}).") from None
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise Unsure(f"Slack did not answer ({reason(error)}).") from None
        except MALFORMED:
            raise Faulty("What answers in Slack's place is none of it: see the network.") from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            self._session = self.client.session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def _since(self, place: str, thread: str, oldest: str) -> AsyncIterator[dict[str, Any]]:
        """The messages of a channel or thread from `oldest` on."""
        asked: dict[str, Any] = {"channel": place, "oldest": oldest, "include_all_metadata": True}
        method: Callable[..., Awaitable[AsyncSlackResponse]] = self.client.conversations_history
        if thread:
            method = self.client.conversations_replies
            asked["ts"] = thread
        async for message in self._pages(method, "messages", **asked):
            yield message

    async def _pages(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], key: str, **asked: object
    ) -> AsyncIterator[dict[str, Any]]:
        """What a listing has under `key`, page after page to its end."""
        turned: set[str] = set()
        cursor = ""
        while cursor not in turned:
            turned.add(cursor)
            answer = await self.call(method, **asked, limit=_PAGE, cursor=cursor or None)
            for one in answer.get(key) or ():
                yield one
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")


def _sorted(error: SlackApiError) -> ChatError:
    """What an error of Slack's means for the message."""
    response: Any = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    body = data if isinstance(data, dict) else {}
    said = clean_text(str(body.get("error") or ""), 60)
    if status == 429 or said in ("ratelimited", "rate_limited"):
        return Later("Slack asks us to slow down.", wait_asked(response.headers.get("Retry-After")))
    if said in _BARS:
        return Barred(f"Slack lets us in no more, {_BARS[said]}: put a good one in slack.toml.")
    if said in ("missing_scope", "not_allowed_token_type", "no_permission"):
        needed = clean_text(str(body.get("needed") or "another"), 80)
        return LacksScope(
            f"The app lacks the scope {needed}: add it at api.slack.com, then reinstall."
        )
    if said == "invalid_blocks" and "slack file" in str(body.get("errors") or body):
        return PictureNotReady("Slack is still looking at the picture.")
    if said in _REFUSALS:
        return Refused(f"Slack does not take it, {_REFUSALS[said]}.")
    if said in _FAULTS or status >= 500 or not said:
        return Faulty(f"Slack has a problem of its own ({said or f'status {status}'}).")
    return Refused(f"Slack does not take it ({said}).")


def wait_asked(header: str | None) -> float:
    """The seconds in a Retry-After; a moment where there are none."""
    text = (header or "").strip()
    return min(float(text), 3600.0) if text.isdecimal() else 1.0


def reason(error: BaseException) -> str:
    """Why a call failed, in a few words without addresses."""
    if isinstance(error, ChatError):
        return str(error).rstrip(".")
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT} seconds"
    return clean_text(getattr(error, "strerror", None) or type(error).__name__, 100)
