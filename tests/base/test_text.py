"""Text for people."""

import pytest

from base.text import age_text


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
