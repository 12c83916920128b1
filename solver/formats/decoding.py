"""Bytes as numbered lines of text: UTF-8, or UTF-16 and UTF-32 as Windows writes them, bounded."""

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

LINE_LIMIT = 16 * 1024 * 1024
"""Bytes of one line."""
_DRAWN = re.compile(
    rb"^\s*[\xb3\xba].*[\xb3\xba]\s*$|[\xc4\xcd]{2}|^\s*[\xb3-\xda]+\s*$", re.DOTALL
)


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The stream's lines; longer ones than LINE_LIMIT come in pieces, which `decoded` refuses."""
    return iter(lambda: stream.readline(LINE_LIMIT), b"")


def decoded(lines: Iterable[bytes]) -> Iterator[tuple[int, str | None]]:
    """Numbered lines without space around them; None for one that is too long."""
    number = 0
    in_pieces = False
    for line in _in_utf_8(lines):
        ended = line.endswith(b"\n") or len(line) < LINE_LIMIT
        if not in_pieces:
            number += 1
            text = _text(line).strip("\0\x1a").strip() if ended else None
            if text and "\x1e" in text:
                # Rows and columns of SQLite's mode ascii.
                text = text.replace("\x1e", "\r").replace("\x1f", "\t")
            if text and "\r" in text:
                # The line ends of old Macs.
                for part in text.split("\r"):
                    yield number, part.strip()
                    number += 1
                number -= 1
            else:
                yield number, text
        in_pieces = not ended


def _text(line: bytes) -> str:
    """The line in UTF-8, or else in what Windows wrote before, or DOS where it drew lines."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp437" if _DRAWN.search(line) else "cp1252", "replace")


def _in_utf_8(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines as they are, or what they are in UTF-8 where the first is in UTF-16 or UTF-32."""
    rest = iter(lines)
    first = next(rest, b"")
    encoding = _wide(first)
    if not encoding:
        yield first
        yield from rest
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    begun = ""
    for line in chain((first,), rest):
        *whole, begun = (begun + decoder.decode(line)).split("\n")
        for text in whole:
            yield text.encode("utf-8", "replace") + b"\n"
        if len(begun) >= LINE_LIMIT:
            yield begun[:LINE_LIMIT].encode("ascii", "replace")
            begun = ""
    yield (begun + decoder.decode(b"", final=True)).encode("utf-8", "replace")


def _wide(first: bytes) -> str:
    """Which UTF-16 or UTF-32 a file is in, by its mark or its first character's empty bytes."""
    if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    match [*first[:4]]:
        case [0, 0, 0, low] if low:
            return "utf-32-be"
        case [low, 0, 0, 0] if low:
            return "utf-32-le"
        case [0, low, *_] if low:
            return "utf-16-be"
        case [low, 0, *_] if low:
            return "utf-16-le"
    return ""
