"""Docker's log stream taken apart: bytes in, frames out; frames in, lines out.

A frame is a type byte (stdout, stderr, or the daemon's own error), three zero bytes, a big-endian
length and the payload. With timestamps each payload starts with one. A line longer than 16 KiB
comes in several frames: all but the last lack the newline, all carry the same timestamp.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

STDERR = 2
DAEMON_ERROR = 3
FRAME_LIMIT = 1024 * 1024
"""Far above what a daemon sends (16 KiB and some): beyond it, this is not a frame's header."""
LINE_LIMIT = 256 * 1024
"""A longer line is cut, so that a task that never ends its line cannot fill our memory."""

_HEADER = struct.Struct(">B3sI")


class LogStreamError(Exception):
    """The daemon broke the stream off, and says why; or what came is not a log stream."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One piece of a task's output."""

    stderr: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line a task wrote, at an RFC 3339 time of the daemon's; not yet cleaned."""

    time: str
    text: str
    stderr: bool


class Demultiplexer:
    """Frames from bytes that may be cut anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes; raises LogStreamError after those before an error."""
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _HEADER.size:
                kind, zeros, size = _HEADER.unpack_from(self._buffer, start)
                if kind > DAEMON_ERROR or zeros != b"\0\0\0" or size > FRAME_LIMIT:
                    raise LogStreamError("the daemon's answer is not a log stream")
                end = start + _HEADER.size + size
                if end > len(self._buffer):
                    break
                payload = bytes(self._buffer[start + _HEADER.size : end])
                start = end
                if kind == DAEMON_ERROR:
                    raise LogStreamError(payload.decode(errors="replace").strip())
                yield Frame(kind == STDERR, payload)
        finally:
            del self._buffer[:start]


class LineJoiner:
    """Lines from the frames of one task's log with timestamps; standard output and error apart."""

    def __init__(self) -> None:
        self._parts: dict[bool, RawLine] = {}

    def feed(self, frame: Frame) -> Iterator[RawLine]:
        """The lines that `frame` ends: at most two, where an unended one came before."""
        stamp, _, rest = frame.payload.partition(b" ")
        time = stamp.decode(errors="replace")
        text = rest.decode(errors="replace")
        part = self._parts.pop(frame.stderr, None)
        if part is not None:
            if part.time == time:
                text = part.text + text
            else:
                yield part
        line = RawLine(time, text.removesuffix("\n")[:LINE_LIMIT], frame.stderr)
        if text.endswith("\n"):
            yield line
        else:
            self._parts[frame.stderr] = line

    def rest(self) -> Iterator[RawLine]:
        """The unended lines, once the task has ended and nothing can be added to them."""
        yield from self._parts.values()
        self._parts.clear()
