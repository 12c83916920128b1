"""Text for people."""

import pytest

from base.text import age_text, clean_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0s"),
        (0.4, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (5_400, "1h"),
        (86_399, "23h"),
        (1e6, "11d"),
    ],
)
def test_an_age_is_its_whole_units(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("two\u2028lines\u2029here", "two lines here"),
        ("swarmost1\u3164", "swarmost1"),
        ("\u115f\u1160\uffa0a\u034fb\ufe0f", "ab"),
        ("\U000e0161\U000e0041a", "a"),
        ("a\u2800b\u00a0c\u3000d\te", "a b c d e"),
        ("a\x1b[31mb\u202ec\x00d", "abcd"),
        ("Köln, 東京 … naïve", "Köln, 東京 … naïve"),
    ],
)
def test_foreign_text_shows_all_that_is_in_it(hostile: str, shown: str) -> None:
    assert clean_text(hostile) == shown
