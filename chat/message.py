"""What a message to Slack consists of."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters of one style; colours such as #10141b, '' for the usual one."""

    text: str
    colour: str = ""
    background: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line in large letters."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain words; `user` is a member's id to whom they are said by name."""

    text: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines in monospace."""

    text: str


@dataclass(frozen=True, slots=True)
class FactList:
    """Labels and values, one pair a line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and in words what it shows; only a bot token can send it."""

    png: bytes
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class File:
    """A text file, and in words what is in it; only a bot token can send it."""

    text: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Button:
    """What a press says for whoever presses it: a command, as they could have typed it."""

    text: str
    command: str


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of them; only a bot token with an app token hears of a press."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """The console's screen, row by row; sealing draws it, once secrets are out of it."""

    rows: tuple[tuple[TextRun, ...], ...]
    words: str


SealedPart: TypeAlias = Heading | Paragraph | Code | FactList | Picture | File | Buttons
Part: TypeAlias = SealedPart | Screen
Message: TypeAlias = tuple[Part, ...]


def without_attachment(message: Message, why: str) -> Message:
    """The message with words in the place of what could not be uploaded."""

    def left(part: Part) -> Part:
        match part:
            case Picture():
                return Paragraph(f"The picture could not be sent: {why}")
            case File(_, _, words):
                return Paragraph(f"{words} It could not be sent: {why}")
            case _:
                return part

    return tuple(left(part) for part in message)
