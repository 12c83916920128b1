"""What is in a workspace: channels, messages, files; and what its Web API says to a call."""

import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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


class Workspace:
    """Channels and what is posted there. Everything that happened is in its attributes."""

    def __init__(self, rate: float) -> None:
        self.channels = {"C0SQUARM1": "squarm", "C0GENERAL": "general"}
        self.members = {"C0SQUARM1"}
        self.posted: list[Posted] = []
        self.files: dict[str, bytes] = {}
        self.unready: dict[str, int] = defaultdict(int)
        """How often a message that shows a picture is refused, by method `files`."""
        self.rate = rate
        self.port = 0
        self.file_host = ""
        """Where pictures go, such as http://files.example; '' for this very server."""
        self.poison = ""
        """A message with these words always fails, by an error of Slack's own."""
        self._last: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._clock = itertools.count(int(time.time()) * 1000)

    def said(self, words: str) -> list[Posted]:
        """The messages that hold these words."""
        return [message for message in self.posted if words in message.words]

    def replies(self, ts: str) -> list[Posted]:
        """The bot's messages in a thread."""
        return [message for message in self.posted if message.thread_ts == ts]

    def answer(self, method: str, said: Answer) -> Answer:
        """What the Web API says to a call of a method."""
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
        if self.poison and self.poison in str(blocks):
            return {"ok": False, "error": "internal_error"}
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
        url = f"{self.file_host or f'http://127.0.0.1:{self.port}'}/upload/{file}"
        return {"ok": True, "upload_url": url, "file_id": file}

    def _stamp(self) -> str:
        number = next(self._clock)
        return f"{number // 1000}.{number % 1000:06d}"


def _fixed(**answer: object) -> Callable[[Workspace, Answer], Answer]:
    return lambda _workspace, _said: {"ok": True, **answer}


_METHODS: dict[str, Callable[[Workspace, Answer], Answer]] = {
    "auth.test": _fixed(user="squarm", team="Home", user_id=BOT_USER, bot_id="B000"),
    "apps.connections.open": lambda workspace, _: {
        "ok": True,
        "url": f"ws://127.0.0.1:{workspace.port}/link?ticket=tickettickettickett",
    },
    "chat.postMessage": Workspace.answer_post,
    "chat.update": Workspace.answer_update,
    "chat.getPermalink": lambda _, said: {
        "ok": True,
        "permalink": f"https://home.slack.example/{said['channel']}/p{said['message_ts']}",
    },
    "conversations.history": Workspace.answer_history,
    "conversations.replies": Workspace.answer_history,
    "conversations.list": Workspace.answer_list,
    "conversations.info": Workspace.answer_info,
    "files.getUploadURLExternal": Workspace.answer_upload_url,
    "files.completeUploadExternal": _fixed(files=[]),
}
