"""A message to Slack sealed: cleaned, redacted, cut to Slack's limits, as blocks.

Everything a person or a machine wrote travels as Block Kit's raw text, which Slack never parses:
no mention, link or markup in it can come to life.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from base.text import clean_text
from chat.message import (
    Button,
    Buttons,
    Code,
    FactList,
    File,
    Heading,
    Message,
    Paragraph,
    Part,
    Picture,
    Screen,
    SealedPart,
    TextRun,
)

_HEADING = 150
_CODE = 2_900
_TEXT = 2_900
_FALLBACK = 600
_READ = 100_000
_EDGE = 4_096
_SCREEN = 60_000
_PARTS = 40
"""Of the 50 blocks that a message may have."""
_ENCODED = 36_000
"""Characters of all its blocks as they travel: JSON writes a character as up to twelve."""
PRESSED = "command:"
"""The beginning of every button's action id."""
_CUT = "\n[cut off here]"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message as it will be sent, to the letter; made by `seal` alone."""

    parts: tuple[SealedPart, ...]

    @property
    def picture(self) -> Picture | None:
        """Its picture, where it has one."""
        return next((part for part in self.parts if isinstance(part, Picture)), None)

    @property
    def attachment(self) -> Picture | File | None:
        """What has to be uploaded for it, where there is anything."""
        return next((part for part in self.parts if isinstance(part, Picture | File)), None)

    @property
    def attached(self) -> bytes:
        """The bytes of that."""
        match self.attachment:
            case Picture(png, _, _):
                return png
            case File(text, _, _):
                return text.encode()
            case None:
                return b""

    @property
    def text(self) -> str:
        """All its words, as a terminal would show them."""
        return "\n".join(_words(part) for part in self.parts)

    @property
    def subject(self) -> str:
        """What it tells of: its first line."""
        return self.text.partition("\n")[0]

    @property
    def fallback(self) -> str:
        """What a notification shows; Slack reads mentions in it unless `&<>` are written out."""
        shown = [part for part in self.parts if not isinstance(part, Code | Buttons)]
        words = " ".join(_words(part) for part in shown)
        return escaped((words or self.text)[:_FALLBACK]) or "squarm"

    @property
    def markdown(self) -> str:
        """All its words for a chat that reads Markdown: what a machine wrote stays as it is."""
        return "\n\n".join(_fenced(part) for part in self.parts if not isinstance(part, Buttons))

    def blocks(self, picture_id: str = "") -> list[dict[str, Any]]:
        """Block Kit; `picture_id` is the uploaded picture's, '' leaves it out."""
        return [
            _block(part, picture_id)
            for part in self.parts
            if not isinstance(part, File) and (picture_id or not isinstance(part, Picture))
        ]

    def to_json(self) -> str:
        """Everything but the attached bytes, read back by `from_json`."""
        return json.dumps([_as_json(part) for part in self.parts], separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, attached: bytes = b"") -> "Sealed":
        """What `to_json` wrote."""
        return cls(tuple(_from_json(body, attached) for body in json.loads(text)))


def seal(message: Message, redact: Callable[[str], str], *, pictures: bool = True) -> Sealed:
    """The message as it may leave: every text cleaned, redacted, and cut where Slack would.

    Without `pictures` a screen goes as text, and what is only a picture stays behind.
    """

    def line(text: str, limit: int) -> str:
        return clean_text(_safe(text, redact), limit).strip()

    def lines(text: str, limit: int) -> str:
        # Redacted whole: a private key has several lines.
        shown = _safe(text, redact)
        return shown if len(shown) <= limit else f"{shown[: limit - len(_CUT)]}{_CUT}"

    def safe(part: Part) -> SealedPart:
        match part:
            case Heading(text):
                return Heading(line(text, _HEADING) or "-")
            case Paragraph(text, user):
                return Paragraph(lines(text, _TEXT), user if user.isalnum() else "")
            case Code(text):
                return Code(lines(text, _CODE))
            case FactList(pairs):
                return FactList(tuple((line(key, 80), line(value, 300)) for key, value in pairs))
            case Picture(png, name, words):
                return Picture(png, name, line(words, 300))
            case File(text, name, words):
                return File(_safe(text, redact, len(text)), name, line(words, 300))
            case Buttons(buttons):
                return Buttons(
                    tuple(Button(line(one.text, 75), line(one.command, 300)) for one in buttons)
                )
            case Screen(rows, words):
                return _drawn(rows, line(words, 300), lines, pictures=pictures)

    sent = [part for part in message if pictures or not isinstance(part, Picture)]
    return Sealed(_fitting([safe(part) for part in sent[:_PARTS]], _ENCODED))


def _fitting(parts: list[SealedPart], room: int) -> tuple[SealedPart, ...]:
    """The parts that one message has room for, with the words of a longer one cut off."""
    fitting = []
    for part in parts:
        fit, size = part, _size(part)
        if size > room and isinstance(part, Paragraph | Code):
            fit = replace(part, text=_cut(part.text, room - size + _length(part.text)))
            size = _size(fit)
        if size <= room:
            fitting.append(fit)
            room -= size
    return tuple(fitting)


def _size(part: SealedPart) -> int:
    return _length(_block(part, "F" * 20))


def _length(value: object) -> int:
    return len(json.dumps(value))


def _cut(text: str, room: int) -> str:
    """The beginning of a text, so that its JSON takes no more than so many characters."""
    ends = list(accumulate(_length(character) - 2 for character in text))
    return text[: bisect_right(ends, room - _length(_CUT))] + _CUT


def _safe(text: str, redact: Callable[[str], str], most: int = _READ) -> str:
    """The text clean and redacted; of a very long one the beginning, no secret cut in two.

    What cannot be seen may part a secret: it is looked for once more where that is gone.
    """
    rows = redact(text[:most]).split("\n")
    shown = redact("\n".join(clean_text(row, max(1, len(row))) for row in rows))
    return shown if len(text) <= most else shown[:-_EDGE]


def _drawn(
    rows: tuple[tuple[TextRun, ...], ...],
    words: str,
    clean: Callable[[str, int], str],
    *,
    pictures: bool,
) -> Picture | Code:
    """A screen as a picture, or as text where this machine has no font to draw it with."""
    plain = ["".join(run.text for run in row) for row in rows]
    shown = clean("\n".join(plain), _SCREEN).split("\n")
    # Pillow is imported by what draws, and only there.
    from chat import drawing

    if not pictures or not drawing.can_draw_screens():
        return Code("\n".join(row.rstrip() for row in shown)[:_CODE])
    if len(shown) != len(rows):
        # What is hidden spanned rows: their colours mean nothing any more.
        rows = tuple((TextRun(row),) for row in shown)
    else:
        rows = tuple(
            row if text == old else (TextRun(text),)
            for row, old, text in zip(rows, plain, shown, strict=True)
        )
    return Picture(drawing.screen_png(rows), "screen.png", words)


def escaped(text: str) -> str:
    """Text whose `&<>` Slack will show, not read."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(part: SealedPart) -> str:
    match part:
        case Heading(text) | Code(text) | Paragraph(text):
            return text
        case FactList(pairs):
            return "\n".join(f"{key}: {value}" if key else value for key, value in pairs)
        case Picture(_, _, words):
            return f"[picture: {words}]"
        case File(_, _, words):
            return words
        case Buttons(buttons):
            return " ".join(f"[{button.text}]" for button in buttons)


def _fenced(part: SealedPart) -> str:
    """Words in which no mention, link or markup comes to life, as far as Markdown goes."""
    words = _words(part)
    if isinstance(part, Code | FactList):
        return "```\n" + words.replace("```", "` ` `") + "\n```"
    plain = re.sub(r"([\\`*_{}\[\]<>#|~!@])", r"\\\1", words)
    return f"**{plain}**" if isinstance(part, Heading) else plain


def _block(part: SealedPart, picture_id: str) -> dict[str, Any]:
    match part:
        case Heading(text):
            return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}
        case Paragraph(text, user):
            named = [{"type": "user", "user_id": user}, _raw(" ")] if user else []
            return _rich({"type": "rich_text_section", "elements": [*named, _raw(text)]})
        case Code(text):
            return _rich({"type": "rich_text_preformatted", "elements": [_raw(text)]})
        case FactList(pairs):
            elements: list[dict[str, Any]] = []
            for number, (key, value) in enumerate(pairs):
                elements.append(_raw(("\n" if number else "") + f"{key}  ", bold=True))
                elements.append(_raw(value or "-"))
            return _rich({"type": "rich_text_section", "elements": elements})
        case Picture(_, _, words):
            return {"type": "image", "slack_file": {"id": picture_id}, "alt_text": words}
        case File(_, _, words):
            return _rich({"type": "rich_text_section", "elements": [_raw(words)]})
        case Buttons(buttons):
            row = [_button(number, button) for number, button in enumerate(buttons)]
            return {"type": "actions", "elements": row}


def _button(number: int, button: Button) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"{PRESSED}{number}",
        "text": {"type": "plain_text", "text": button.text, "emoji": False},
        "value": button.command,
    }


def _rich(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [element]}


def _raw(text: str, *, bold: bool = False) -> dict[str, Any]:
    # An empty text element is refused.
    body: dict[str, Any] = {"type": "text", "text": text or " "}
    return {**body, "style": {"bold": True}} if bold else body


def _as_json(part: SealedPart) -> list[Any]:
    match part:
        case Heading(text):
            return ["heading", text]
        case Paragraph(text, user):
            return ["paragraph", text, user]
        case Code(text):
            return ["code", text]
        case FactList(pairs):
            return ["facts", pairs]
        case Picture(_, name, words):
            return ["picture", name, words]
        case File(_, name, words):
            return ["file", name, words]
        case Buttons(buttons):
            return ["buttons", *([button.text, button.command] for button in buttons)]


def _from_json(body: list[Any], attached: bytes) -> SealedPart:
    match body:
        case ["heading", text]:
            return Heading(text)
        case ["paragraph", text, user]:
            return Paragraph(text, user)
        case ["code", text]:
            return Code(text)
        case ["facts", pairs]:
            return FactList(tuple((key, value) for key, value in pairs))
        case ["picture", name, words]:
            return Picture(attached, name, words)
        case ["file", name, words]:
            return File(attached.decode(), name, words)
        case ["buttons", *buttons]:
            return Buttons(tuple(Button(text, command) for text, command in buttons))
        case _:
            raise ValueError("no part of a message")
