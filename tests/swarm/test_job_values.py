"""What a person may type for the values of a job."""

import pytest

from base.text import size_text
from swarm.job import MIB, JobSpec, SpecError
from swarm.job_values import parse_decimal, parse_memory, parse_seconds, parse_whole


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), (" 2H ", 7200), ("1 d", 86400)]
)
def test_time_limits(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64M", 64 * MIB),
        ("1g", 1024 * MIB),
        ("0.5GiB", 512 * MIB),
        ("1K", 1024),
        ("48 mb", 48 * MIB),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "ten", "10x", "-5", "1e3", "\uff19", "1" * 30])
def test_what_is_no_value_is_refused_with_an_example(text: str) -> None:
    for parse, example in ((parse_seconds, "10m"), (parse_memory, "64M")):
        with pytest.raises(SpecError, match=example):
            parse(text)
    if text != "-5":
        # A number of thirty digits is whole: it is told what is wrong with it.
        why = "must be at most 9,223,372" if text.isdecimal() and len(text) > 1 else "whole number"
        with pytest.raises(SpecError, match=why):
            parse_whole("count", text)
        with pytest.raises(SpecError, match=r"such as 0\.5"):
            parse_decimal("cpus", text)


def test_too_little_memory_is_named_as_it_was_asked_for() -> None:
    with pytest.raises(SpecError, match=r"between 48M and 64G: .* 1K was asked for\.$"):
        JobSpec(memory=parse_memory("1K"))


@pytest.mark.parametrize(
    ("size", "text"), [(1024, "1K"), (48 * MIB, "48M"), (1536 * MIB, "1.5G"), (65536 * MIB, "64G")]
)
def test_a_size_is_shown_as_one_types_it(size: int, text: str) -> None:
    assert size_text(size) == text
    assert parse_memory(text) == size


@pytest.mark.parametrize(
    ("text", "number"), [(" 7 ", 7), ("+7", 7), ("-0012", -12), ("0" * 5000, 0)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert parse_whole("seed", text) == number
    with pytest.raises(SpecError, match="must be at most"):
        parse_whole("seed", "9" * 5000)
