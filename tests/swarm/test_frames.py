"""Docker's log frames and lines, cut and mixed in every way."""

import itertools
import struct
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.docker.frames import (
    LINE_LIMIT,
    Demultiplexer,
    Frame,
    LineJoiner,
    LogStreamError,
    RawLine,
)

PIECE = 16 * 1024
TEXTS = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)
CUTS = st.lists(st.integers(0, 2000), max_size=12)

# Captured from Docker 20.10: a task that wrote 16,384 letters and a newline, then a word without.
CAPTURED = [
    (1, b"2026-11-22T23:11:34.798660249Z " + b"b" * PIECE),
    (1, b"2026-11-22T23:11:34.798660249Z \n"),
    (1, b"2026-11-22T23:11:34.798710619Z x\ry\x1b[31mz\n"),
    (1, b"2026-11-22T23:11:34.823939577Z nonl"),
    (2, b"2026-11-22T23:11:34.823976457Z errnonl"),
]


def framed(frames: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack(">BxxxI", kind, len(payload)) + payload for kind, payload in frames)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place for place in cuts if place < len(data))})
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def lines_of(pieces: Iterable[bytes]) -> list[RawLine]:
    demultiplexer, joiner = Demultiplexer(), LineJoiner()
    lines = [
        line
        for piece in pieces
        for frame in demultiplexer.feed(piece)
        for line in joiner.feed(frame)
    ]
    return [*lines, *joiner.rest()]


@given(st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=60)), max_size=8), CUTS)
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    frames: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    demultiplexer = Demultiplexer()
    found = [frame for piece in cut(framed(frames), cuts) for frame in demultiplexer.feed(piece)]
    assert found == [Frame(kind == 2, payload) for kind, payload in frames]


@given(st.lists(st.tuples(st.booleans(), TEXTS), max_size=8), st.integers(1, 7), CUTS)
def test_lines_are_joined_from_their_parts(
    written: list[tuple[bool, str]], limit: int, cuts: list[int]
) -> None:
    frames: list[tuple[int, bytes]] = []
    for number, (stderr, text) in enumerate(written):
        time = f"2026-11-22T23:11:34.{number:09}Z ".encode()
        whole = text.encode() + b"\n"
        # Docker cuts at bytes; a character cut in two is replaced, so keep to whole ones here.
        parts = [text[at : at + limit].encode() for at in range(0, len(text), limit)] or [b""]
        parts[-1] += b"\n"
        assert b"".join(parts) == whole
        frames += [(1 + stderr, time + part) for part in parts]
    lines = lines_of(cut(framed(frames), cuts))
    assert [(line.stderr, line.text) for line in lines] == written
    assert [line.time for line in lines] == sorted(line.time for line in lines)


def test_what_docker_was_seen_to_send() -> None:
    lines = lines_of([framed(CAPTURED)])
    assert [(line.stderr, line.text) for line in lines] == [
        (False, "b" * PIECE),
        (False, "x\ry\x1b[31mz"),
        (False, "nonl"),
        (True, "errnonl"),
    ]
    assert lines[0].time == "2026-11-22T23:11:34.798660249Z"


def test_standard_output_and_error_do_not_mix_in_the_middle_of_a_line() -> None:
    frames = [(1, b"T1 one "), (2, b"T2 error\n"), (1, b"T1 line\n")]
    assert [line.text for line in lines_of([framed(frames)])] == ["error", "one line"]


def test_a_line_that_never_ended_does_not_swallow_the_next() -> None:
    frames = [(1, b"T1 before the crash"), (1, b"T2 after\n")]
    assert [line.text for line in lines_of([framed(frames)])] == ["before the crash", "after"]


def test_an_endless_line_is_cut() -> None:
    frames = [(1, b"T1 " + b"x" * PIECE)] * 40
    (line,) = lines_of([framed(frames)])
    assert len(line.text) == LINE_LIMIT


def test_the_daemons_error_is_raised_after_the_frames_before_it() -> None:
    said = "error from daemon in stream: Error grabbing logs: incomplete log stream"
    frames = Demultiplexer().feed(framed([(1, b"T text\n"), (3, said.encode())]))
    assert next(frames) == Frame(stderr=False, payload=b"T text\n")
    with pytest.raises(LogStreamError, match="incomplete log stream"):
        next(frames)


@pytest.mark.parametrize(
    "data", [b"plain text of a terminal\n", b"\x01\x00\x00\x01\0\0\0\0", b"\x01\0\0\0\xff\0\0\0"]
)
def test_what_is_no_log_stream_is_said_so(data: bytes) -> None:
    with pytest.raises(LogStreamError, match="not a log stream"):
        list(Demultiplexer().feed(data))


@given(st.binary(max_size=200), CUTS)
def test_no_bytes_crash_it(data: bytes, cuts: list[int]) -> None:
    demultiplexer, joiner = Demultiplexer(), LineJoiner()
    try:
        for piece in cut(data, cuts):
            for frame in demultiplexer.feed(piece):
                list(joiner.feed(frame))
    except LogStreamError:
        pass
