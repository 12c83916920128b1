"""A Slack of our own on loopback: Web API, webhook and Socket Mode, with all their moods."""

import asyncio
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

BOT_TOKEN = "xoxb-1000-2000-botbotbotbot"  # noqa: S105 - of no real Slack
APP_TOKEN = "xapp-1-A000-3000-appappapp"  # noqa: S105 - as above
HOOK = "/services/T000/B000/hookhookhook"
BOT_USER = "UBOT00001"
ADMIN = "UADMIN001"
SCOPES = (
    "chat:write,files:write,channels:read,groups:read,channels:history,groups:history,"
    "im:history,app_mentions:read,commands"
)
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mood:
    """How one call is answered: what is done is done `before` the mood shows, or not at all."""

    status: int = 200
    error: str = ""
    retry_after: str = ""
    body: str = ""
    seconds: float = 0.0
    hang_up: bool = False
    done_before: bool = False
    needed: str = ""


@dataclass(slots=True)
class Posted:
    """A message in a channel."""

    channel: str
    ts: str
    text: str
    blocks: list[Answer]
    thread_ts: str = ""
    metadata: Answer = field(default_factory=dict)
    edits: int = 0
    at: float = 0.0

    @property
    def words(self) -> str:
        """All text that a reader sees."""
        return "\n".join(_texts(self.blocks)) or self.text

    @property
    def picture(self) -> str:
        """The id of the file it shows, '' for none."""
        shown = [block["slack_file"]["id"] for block in self.blocks if block["type"] == "image"]
        return shown[0] if shown else ""


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        if value.get("type") in ("text", "plain_text"):
            return [str(value["text"])]
        if value.get("type") == "user":
            return [f"<@{value['user_id']}>"]
        if value.get("type") in ("rich_text_section", "rich_text_preformatted"):
            return ["".join(_texts(value["elements"]))]
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return []


class Slack:
    """One workspace. Everything it saw is in its attributes."""

    def __init__(self, rate: float = 0.0) -> None:
        self.channels = {"C0SQUARM1": "squarm", "C0GENERAL": "general"}
        self.members = {"C0SQUARM1"}
        self.scopes = SCOPES
        self.tokens = {BOT_TOKEN, APP_TOKEN}
        self.moods: dict[str, list[Mood]] = defaultdict(list)
        self.posted: list[Posted] = []
        self.files: dict[str, bytes] = {}
        self.unready: dict[str, int] = defaultdict(int)
        """How often a message that shows a picture is refused, by method `files`."""
        self.calls: list[str] = []
        self.acks: dict[str, float] = {}
        self.ack_bodies: dict[str, Answer] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self.rate = rate
        self.redeliver = 3.0
        self.wedged = False
        self.greets = True
        self._last: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._clock = itertools.count(int(time.time()) * 1000)
        self._waiting: dict[str, Answer] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen; on the same port as before, where it was stopped."""
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_post(HOOK, self._hook)
        app.router.add_get("/link", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be gone: connections are refused."""
        for socket in list(self.sockets):
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def api(self) -> str:
        """The base URL of the Web API."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def hook(self) -> str:
        """The incoming webhook."""
        return f"http://127.0.0.1:{self.port}{HOOK}"

    def settings(self, **more: object) -> str:
        """A settings file for it."""
        said = {
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "channel": "#squarm",
            "admins": [ADMIN],
            "api": self.api,
            "seconds_between": 0.02,
            "ping_seconds": 0.5,
        } | more
        return "".join(f"{key} = {json.dumps(value)}\n" for key, value in said.items() if value)

    # What people do.

    async def say(self, user: str, text: str, channel: str = "C0SQUARM1", thread: str = "") -> str:
        """A person's message; returns its ts. Delivered until it is acknowledged."""
        ts = self._stamp()
        kind = "im" if channel.startswith("D") else "channel"
        event = {"type": "message", "user": user, "text": text, "channel": channel, "ts": ts}
        event |= {"channel_type": kind, "event_ts": ts}
        if thread:
            event["thread_ts"] = thread
        await self.deliver(self.envelope(event))
        if f"<@{BOT_USER}>" in text:
            await self.deliver(self.envelope({**event, "type": "app_mention"}))
        return ts

    def envelope(self, event: Answer) -> Answer:
        """An event as Socket Mode wraps it."""
        number = next(self._numbers)
        payload = {
            "token": "verification",
            "team_id": "T000",
            "api_app_id": "A000",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:08d}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": "T000", "user_id": BOT_USER, "is_bot": True}],
        }
        return {
            "envelope_id": f"envelope-{number}",
            "type": "events_api",
            "accepts_response_payload": False,
            "payload": payload,
            "retry_attempt": 0,
            "retry_reason": "",
        }

    async def command(self, user: str, text: str, channel: str = "C0SQUARM1") -> str:
        """`/mols text`; returns the envelope's id."""
        number = next(self._numbers)
        payload = {
            "command": "/mols",
            "text": text,
            "user_id": user,
            "channel_id": channel,
            "team_id": "T000",
            "api_app_id": "A000",
            "trigger_id": f"{number}.trigger",
            "response_url": f"http://127.0.0.1:{self.port}/response",
        }
        envelope = {
            "envelope_id": f"envelope-{number}",
            "type": "slash_commands",
            "accepts_response_payload": True,
            "payload": payload,
        }
        await self.deliver(envelope)
        return str(envelope["envelope_id"])

    async def deliver(self, envelope: Answer) -> None:
        """Send an envelope; what is not acknowledged is sent again."""
        self._waiting[envelope["envelope_id"]] = envelope
        await self._send(envelope)
        asyncio.get_running_loop().call_later(self.redeliver, self._again, envelope)

    async def refresh(self) -> None:
        """Ask the client to take a new connection, as Slack does every hour or so."""
        for socket in list(self.sockets):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
            await socket.close()

    def said(self, words: str) -> list[Posted]:
        """The messages that hold these words."""
        return [message for message in self.posted if words in message.words]

    def replies(self, ts: str) -> list[Posted]:
        """The bot's messages in a thread."""
        return [message for message in self.posted if message.thread_ts == ts]

    # Socket Mode.

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.connections += 1
        self.sockets.append(socket)
        if self.greets and not self.wedged:
            await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        for envelope in list(self._waiting.values()):
            await self._send(envelope)
        wedged = self.wedged
        try:
            async for message in socket:
                # A wedged connection stays so; the next one may be well.
                wedged = wedged or self.wedged
                if wedged:
                    continue
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    body = json.loads(message.data)
                    self.acks.setdefault(body["envelope_id"], time.monotonic())
                    self.ack_bodies[body["envelope_id"]] = body.get("payload") or {}
                    self._waiting.pop(body["envelope_id"], None)
        finally:
            with suppress(ValueError):
                self.sockets.remove(socket)
        return socket

    async def _send(self, envelope: Answer) -> None:
        if not self.wedged:
            for socket in self.sockets[-1:]:
                with suppress(ConnectionError):
                    await socket.send_json(envelope)

    def _again(self, envelope: Answer) -> None:
        if envelope["envelope_id"] in self._waiting and envelope.get("retry_attempt", 0) < 3:
            envelope = {**envelope, "retry_attempt": envelope.get("retry_attempt", 0) + 1}
            asyncio.ensure_future(self.deliver(envelope))  # noqa: RUF006 - ends with the test

    # The Web API.

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        said = await _arguments(request)
        mood = self.moods[method].pop(0) if self.moods[method] else Mood()
        await asyncio.sleep(mood.seconds)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        answer: Answer = {"ok": False, "error": mood.error, "needed": mood.needed}
        if token not in self.tokens:
            answer = {"ok": False, "error": "invalid_auth"}
        elif mood == Mood(seconds=mood.seconds) or mood.done_before:
            answer = self._answer(method, said)
        if mood.hang_up and request.transport is not None:
            request.transport.abort()
        headers = {"x-oauth-scopes": self.scopes}
        if answer.get("error") == "ratelimited":
            wait = mood.retry_after or "1"
            return web.json_response(answer, status=429, headers={"Retry-After": wait})
        if mood.retry_after:
            headers["Retry-After"] = mood.retry_after
        if mood.body:
            return web.Response(
                text=mood.body, status=mood.status, headers=headers, content_type="text/html"
            )
        return web.json_response(answer, status=mood.status, headers=headers)

    def _answer(self, method: str, said: Answer) -> Answer:
        handler = _METHODS.get(method)
        return {"ok": False, "error": "unknown_method"} if handler is None else handler(self, said)

    def _room(self, said: Answer) -> str:
        name = str(said.get("channel", ""))
        if name.startswith("#"):
            return next((id_ for id_, known in self.channels.items() if f"#{known}" == name), "")
        return name if name in self.channels or name.startswith("D") else ""

    def answer_post(self, said: Answer) -> Answer:
        """`chat.postMessage`."""
        room = self._room(said)
        if not room:
            return {"ok": False, "error": "channel_not_found"}
        if room not in self.members and not room.startswith("D"):
            return {"ok": False, "error": "not_in_channel"}
        now = time.monotonic()
        if self.rate and now - self._last.get(room, 0.0) < self.rate:
            return {"ok": False, "error": "ratelimited"}
        if wrong := self._flaw(said):
            return wrong
        self._last[room] = now
        message = Posted(
            room,
            self._stamp(),
            str(said.get("text", "")),
            said.get("blocks") or [],
            str(said.get("thread_ts") or ""),
            said.get("metadata") or {},
            at=now,
        )
        self.posted.append(message)
        return {"ok": True, "channel": room, "ts": message.ts, "message": {}}

    def _flaw(self, said: Answer) -> Answer | None:
        """What Slack would find wrong with blocks."""
        blocks = said.get("blocks") or []
        if len(blocks) > 50 or len(json.dumps(blocks)) > 40_000 or not said.get("text"):
            return {"ok": False, "error": "msg_too_long"}
        for number, block in enumerate(blocks):
            if block["type"] == "header" and not 1 <= len(block["text"]["text"]) <= 150:
                return {"ok": False, "error": "invalid_blocks"}
            if any(text == "" for text in _texts(block)):
                return {"ok": False, "error": "invalid_blocks"}
            if block["type"] == "image":
                file = block["slack_file"]["id"]
                if file not in self.files or self.unready["files"] > 0:
                    self.unready["files"] -= 1
                    where = f"invalid slack file [json-pointer:/blocks/{number}/slack_file]"
                    return {"ok": False, "error": "invalid_blocks", "errors": [where]}
        return None

    def answer_update(self, said: Answer) -> Answer:
        """`chat.update`."""
        for message in self.posted:
            if message.ts == said["ts"] and message.channel == said["channel"]:
                message.blocks, message.text = said["blocks"], said["text"]
                message.edits += 1
                return {"ok": True, "channel": message.channel, "ts": message.ts}
        return {"ok": False, "error": "message_not_found"}

    def answer_history(self, said: Answer) -> Answer:
        """`conversations.history` and `conversations.replies`."""
        thread = str(said.get("ts") or "")
        found = [
            {"type": "message", "bot_id": "B000", "ts": message.ts, "text": message.text}
            | ({"metadata": message.metadata} if said.get("include_all_metadata") else {})
            for message in self.posted
            if message.channel == said["channel"]
            and message.thread_ts == thread
            and float(message.ts) > float(said.get("oldest") or 0)
        ]
        return {"ok": True, "messages": found[::-1], "response_metadata": {"next_cursor": ""}}

    def answer_list(self, said: Answer) -> Answer:
        """`conversations.list`."""
        pages = list(self.channels.items())
        start = int(said.get("cursor") or 0)
        found = [{"id": id_, "name": name} for id_, name in pages[start : start + 1]]
        following = str(start + 1) if start + 1 < len(pages) else ""
        return {"ok": True, "channels": found, "response_metadata": {"next_cursor": following}}

    def answer_info(self, said: Answer) -> Answer:
        """`conversations.info`."""
        return {"ok": True, "channel": {"is_member": said["channel"] in self.members}}

    def answer_upload_url(self, _said: Answer) -> Answer:
        """`files.getUploadURLExternal`."""
        file = f"F{next(self._numbers):08d}"
        url = f"http://127.0.0.1:{self.port}/upload/{file}"
        return {"ok": True, "upload_url": url, "file_id": file}

    async def _upload(self, request: web.Request) -> web.Response:
        self.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def _hook(self, request: web.Request) -> web.Response:
        mood = self.moods["webhook"].pop(0) if self.moods["webhook"] else Mood()
        if mood != Mood():
            headers = {"Retry-After": mood.retry_after} if mood.retry_after else {}
            return web.Response(text=mood.body, status=mood.status, headers=headers)
        said = await request.json() or {}
        if not said.get("text"):
            return web.Response(text="no_text", status=400)
        self.posted.append(Posted("hook", self._stamp(), said["text"], said.get("blocks") or []))
        return web.Response(text="ok")

    def _stamp(self) -> str:
        number = next(self._clock)
        return f"{number // 1000}.{number % 1000:06d}"


async def _arguments(request: web.Request) -> Answer:
    if request.content_type == "application/json":
        return dict(await request.json())
    said: Answer = dict(request.query) | dict(await request.post())
    for key in ("blocks", "metadata", "files"):
        if isinstance(said.get(key), str):
            said[key] = json.loads(said[key])
    return said


def _fixed(**answer: object) -> Callable[[Slack, Answer], Answer]:
    return lambda _slack, _said: {"ok": True, **answer}


_METHODS: dict[str, Callable[[Slack, Answer], Answer]] = {
    "auth.test": _fixed(user="squarm", team="Home", user_id=BOT_USER, bot_id="B000"),
    "apps.connections.open": lambda slack, _: {
        "ok": True,
        "url": f"ws://127.0.0.1:{slack.port}/link?ticket=tickettickettickett",
    },
    "chat.postMessage": Slack.answer_post,
    "chat.update": Slack.answer_update,
    "chat.getPermalink": lambda _, said: {
        "ok": True,
        "permalink": f"https://home.slack.example/{said['channel']}/p{said['message_ts']}",
    },
    "conversations.history": Slack.answer_history,
    "conversations.replies": Slack.answer_history,
    "conversations.list": Slack.answer_list,
    "conversations.info": Slack.answer_info,
    "files.getUploadURLExternal": Slack.answer_upload_url,
    "files.completeUploadExternal": _fixed(files=[]),
}
