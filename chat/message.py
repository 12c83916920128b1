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
class Screen:
    """The console's screen, row by row; sealing draws it, once secrets are out of it."""

    rows: tuple[tuple[TextRun, ...], ...]
    words: str


SealedPart: TypeAlias = Heading | Paragraph | Code | FactList | Picture
Part: TypeAlias = SealedPart | Screen
Message: TypeAlias = tuple[Part, ...]
