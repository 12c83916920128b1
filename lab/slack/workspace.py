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
    "chat:write,files:write,files:read,channels:read,groups:read,channels:history,groups:history,"
    "im:history,im:write,app_mentions:read,commands,users:read"
)
_KINDS = {"public_channel": "channels:read", "private_channel": "groups:read"}
_NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "files.info": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
TEAM = "T000"
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
    files: list[str] = field(default_factory=list)
    at: float = 0.0

    @property
    def words(self) -> str:
        """All text that a reader sees."""
        return "\n".join(_texts(self.blocks)) or self.text

    @property
    def buttons(self) -> dict[str, str]:
        """The commands of its buttons by what these say."""
        rows = [block["elements"] for block in self.blocks if block["type"] == "actions"]
        return {one["text"]["text"]: str(one["value"]) for row in rows for one in row}

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
        self.private: set[str] = set()
        self.page = 1
        """Channels on one page of a listing, whatever is asked for."""
        self.people: dict[str, Answer] = {}
        """What `users.info` says of a person, where it is more than a full member's."""
        self.directs: dict[str, str] = {}
        """The direct message that each person has with the bot."""
        self.scopes = SCOPES
        self.homes: dict[str, list[str]] = {}
        """What each person's Home tab was made to show."""
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
        if handler is None:
            return {"ok": False, "error": "unknown_method"}
        needed = {_NEEDED.get(method, "")}
        if method == "users.conversations":
            needed = {_KINDS[kind] for kind in str(said.get("types")).split(",")}
        if lacks := needed - {"", *self.scopes.split(",")}:
            return {"ok": False, "error": "missing_scope", "needed": ",".join(sorted(lacks))}
        return handler(self, said)

    def direct(self, user: str) -> str:
        """The direct message between a person and the bot."""
        return self.directs.setdefault(user, f"D0{user[1:]}")

    def _room(self, said: Answer) -> str:
        name = str(said.get("channel", ""))
        if name.startswith("#"):
            return next((id_ for id_, known in self.channels.items() if f"#{known}" == name), "")
        if name.startswith("U"):
            return self.direct(name)
        # A direct message between two others is none that the bot could see.
        known = name in self.channels or name in self.directs.values()
        return name if known else ""

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
            | ({"files": [{"id": file} for file in message.files]} if message.files else {})
            | ({"metadata": message.metadata} if said.get("include_all_metadata") else {})
            for message in self.posted
            if message.channel == said["channel"]
            and message.thread_ts == thread
            and float(message.ts) > float(said.get("oldest") or 0)
        ]
        return {"ok": True, "messages": found[::-1], "response_metadata": {"next_cursor": ""}}

    def answer_joined(self, said: Answer) -> Answer:
        """`users.conversations`."""
        wanted = str(said.get("types")).split(",")
        pages = [
            (id_, name)
            for id_, name in self.channels.items()
            if id_ in self.members
            and ("private_channel" if id_ in self.private else "public_channel") in wanted
        ]
        start, end = (at := int(said.get("cursor") or 0)), at + self.page
        found = [{"id": id_, "name": name} for id_, name in pages[start:end]]
        following = str(end) if end < len(pages) else ""
        return {"ok": True, "channels": found, "response_metadata": {"next_cursor": following}}

    def answer_info(self, said: Answer) -> Answer:
        """`conversations.info`."""
        return {"ok": True, "channel": {"is_member": said["channel"] in self.members}}

    def answer_open(self, said: Answer) -> Answer:
        """`conversations.open` with one person."""
        return {"ok": True, "channel": {"id": self.direct(str(said["users"]))}}

    def answer_user(self, said: Answer) -> Answer:
        """`users.info`."""
        user = str(said["user"])
        plain = {"id": user, "team_id": TEAM, "is_bot": False, "is_restricted": False}
        return {"ok": True, "user": plain | self.people.get(user, {})}

    def answer_upload_url(self, _said: Answer) -> Answer:
        """`files.getUploadURLExternal`."""
        file = f"F{next(self._numbers):08d}"
        url = f"{self.file_host or f'http://127.0.0.1:{self.port}'}/upload/{file}"
        return {"ok": True, "upload_url": url, "file_id": file}

    def answer_file(self, said: Answer) -> Answer:
        """`files.info`."""
        file = str(said["file"])
        if file not in self.files:
            return {"ok": False, "error": "file_not_found"}
        url = f"http://127.0.0.1:{self.port}/files/{file}"
        size = len(self.files[file])
        return {"ok": True, "file": {"id": file, "size": size, "url_private_download": url}}

    def answer_complete(self, said: Answer) -> Answer:
        """`files.completeUploadExternal`: where a channel is named, the file is posted there."""
        files = [str(file["id"]) for file in said["files"]]
        if not said.get("channel_id"):
            return {"ok": True, "files": []}
        room = self._room({"channel": said["channel_id"]})
        if not room or (room in self.channels and room not in self.members):
            return {"ok": False, "error": "channel_not_found"}
        words, thread = str(said.get("initial_comment") or ""), str(said.get("thread_ts") or "")
        self.posted.append(Posted(room, self._stamp(), words, [], thread, files=files))
        return {"ok": True, "files": []}

    def answer_view(self, said: Answer) -> Answer:
        """`views.publish`."""
        view = said["view"]
        wrong = self._flaw({"blocks": view["blocks"], "text": "home"})
        if wrong or view["type"] != "home" or len(view["blocks"]) > 100:
            return {"ok": False, "error": "invalid_arguments"}
        self.homes.setdefault(str(said["user_id"]), []).append("\n".join(_texts(view["blocks"])))
        return {"ok": True, "view": {}}

    def _stamp(self) -> str:
        number = next(self._clock)
        return f"{number // 1000}.{number % 1000:06d}"


def _fixed(**answer: object) -> Callable[[Workspace, Answer], Answer]:
    return lambda _workspace, _said: {"ok": True, **answer}


_METHODS: dict[str, Callable[[Workspace, Answer], Answer]] = {
    "auth.test": _fixed(user="squarm", team="Home", team_id=TEAM, user_id=BOT_USER, bot_id="B000"),
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
    "users.conversations": Workspace.answer_joined,
    "users.info": Workspace.answer_user,
    "conversations.open": Workspace.answer_open,
    "conversations.info": Workspace.answer_info,
    "files.getUploadURLExternal": Workspace.answer_upload_url,
    "files.completeUploadExternal": Workspace.answer_complete,
    "files.info": Workspace.answer_file,
    "views.publish": Workspace.answer_view,
}
