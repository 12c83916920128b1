"""No text from outside ends squarm: each parser on right texts, spoilt ones, and noise."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.parsers import PARSERS, SEEDS, try_on

TOKENS = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", "\ufeff".encode(), b"\x1b[2J", b"\xe2\x80\xa8", b"\r"),
    *(b"9" * 400, b"-1", b"1e999", b"NaN", b"Infinity", b"0x", b"1_0", "٣".encode(), b"null"),
    *(
        b"[" * 2000,
        b"{" * 2000,
        b'"',
        b"'",
        b"\\ud800",
        b"\\u0000",
        b"[]",
        b"{}",
        b"true",
        b"=",
        b":",
    ),
    *(b"2024-99-99", b"!!python/object:os.system x", b"&a [*a]", b"<<: *a", b"? ", b"\t", b"\n"),
)


def spoilt(seed: bytes, dice: random.Random) -> bytes:
    """A right text with a few parts cut, doubled, or put in the place of others."""
    data = bytearray(seed)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(data))
        end = min(len(data), at + dice.choice((0, 0, 1, 2, 8, 40)))
        piece = dice.choice((dice.choice(TOKENS), bytes(data[at:end]) * 2, dice.randbytes(2), b""))
        data[at:end] = piece
    return bytes(data)


def test_every_parser_has_a_seed_that_it_takes() -> None:
    assert SEEDS.keys() == PARSERS.keys()
    for name, seeds in SEEDS.items():
        for seed in seeds:
            try_on(name, seed)


@pytest.mark.parametrize("name", PARSERS)
@given(st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_was_spoilt_is_read_or_refused_in_a_sentence(name: str, dice: random.Random) -> None:
    try_on(name, spoilt(dice.choice(SEEDS[name]), dice))


@pytest.mark.parametrize("name", PARSERS)
@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_noise_is_read_or_refused_in_a_sentence(name: str, data: bytes) -> None:
    try_on(name, data)
