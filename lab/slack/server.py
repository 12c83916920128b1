"""A Slack of our own on loopback: Web API, webhook and Socket Mode, with all their moods."""

import asyncio
import json
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from lab.slack.workspace import (
    ADMIN,
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    HOOK,
    Answer,
    Posted,
    Workspace,
)


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


class Slack(Workspace):
    """A workspace that is served. Everything it saw is in its attributes."""

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__(rate)
        self.tokens = {BOT_TOKEN, APP_TOKEN}
        self.moods: dict[str, list[Mood]] = defaultdict(list)
        self.calls: list[str] = []
        self.acks: dict[str, float] = {}
        self.ack_bodies: dict[str, Answer] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self.redeliver = 3.0
        self.other_chats: list[Answer] = []
        """What came to the webhook of a Mattermost, and to an ntfy."""
        self.wedged = False
        self.greets = True
        self._waiting: dict[str, Answer] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; on the same port as before, where it was stopped."""
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_post(HOOK, self._hook)
        app.router.add_get("/link", self._socket)
        app.router.add_post("/hooks/{id}", self._other_chat)
        app.router.add_post("/", self._other_chat)
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

    async def say(
        self,
        user: str,
        text: str,
        channel: str = "C0SQUARM1",
        thread: str = "",
        **more: object,
    ) -> str:
        """A person's message, with `more` in its event; returns its ts.

        Delivered until it is acknowledged, or three times in vain.
        """
        ts = self._stamp()
        kind = "im" if channel.startswith("D") else "channel"
        if kind == "im":
            self.directs[user] = channel
        event: Answer = {"type": "message", "user": user, "text": text}
        event |= {"channel": channel, "ts": ts, "channel_type": kind, "event_ts": ts, **more}
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

    async def press(self, user: str, message: Posted, button: str) -> str:
        """A press of a message's button; returns the envelope's id."""
        number = next(self._numbers)
        at = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        if message.thread_ts:
            at["thread_ts"] = message.thread_ts
        action = {"type": "button", "action_id": "command:0", "block_id": "b"}
        payload = {
            "type": "block_actions",
            "team": {"id": "T000"},
            "user": {"id": user, "team_id": "T000"},
            "api_app_id": "A000",
            "container": at,
            "channel": {"id": message.channel},
            "message": {"ts": message.ts, "thread_ts": message.thread_ts},
            "actions": [{**action, "value": message.buttons[button], "action_ts": self._stamp()}],
        }
        envelope = {
            "envelope_id": f"envelope-{number}",
            "type": "interactive",
            "accepts_response_payload": True,
            "payload": payload,
        }
        await self.deliver(envelope)
        return str(envelope["envelope_id"])

    async def open_home(self, user: str) -> None:
        """A person opens the app's Home tab."""
        event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D0HOME"}
        await self.deliver(self.envelope(event))

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
            answer = self.answer(method, said)
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

    async def _upload(self, request: web.Request) -> web.Response:
        mood = self.moods["upload"].pop(0) if self.moods["upload"] else Mood()
        if mood.status != 200:
            return web.Response(status=mood.status)
        self.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def _other_chat(self, request: web.Request) -> web.Response:
        mood = self.moods["other"].pop(0) if self.moods["other"] else Mood()
        if mood.status != 200:
            return web.Response(text=mood.body, status=mood.status)
        said: Answer = await request.json()
        lacks = "text" if request.match_info.get("id") else "topic"
        if not said.get(lacks):
            return web.Response(text=f"no {lacks}", status=400)
        self.other_chats.append(said)
        return web.Response(text="ok")

    async def _download(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.Response(status=302, headers={"Location": "/sign-in"})
        return web.Response(body=self.files[request.match_info["file"]])

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


async def _arguments(request: web.Request) -> Answer:
    if request.content_type == "application/json":
        return dict(await request.json())
    said: Answer = dict(request.query) | dict(await request.post())
    for key in ("blocks", "metadata", "files", "view"):
        if isinstance(said.get(key), str):
            said[key] = json.loads(said[key])
    return said
