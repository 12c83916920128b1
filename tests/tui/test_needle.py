"""What a filter shows: as in a plain search, whatever is typed, and never for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.needle import matcher, spans

TEXT = "mols10-3fa2c1 order 10 running pi-02 (kitchen)"


@pytest.mark.parametrize(
    ("needle", "shown"),
    [
        ("", True),
        ("RUNNING pi-02", True),
        ("running pi-03", False),
        ("!complete", True),
        ("!running", False),
        ("order !pi-03", True),
        ("~kchn", True),
        ("~nhck", False),
        ("!~kchn", False),
        ("/pi-0[23]", True),
        ("/^MOLS\\d+-", True),
        ("/pi-0[45]", False),
        ("running /pi-0[45]", False),
        ("/pi-0[", False),
        ("/(kitchen", True),
        ("/mols.*pi.*kitchen", True),
        ("/kitchen|cellar|loft|attic", True),
        ("/pi-0(1|2|3)", True),
        ("/colou?r|orde?r", True),
        ("! ~ /", True),
    ],
)
def test_a_needle_means(needle: str, shown: bool) -> None:
    assert matcher(needle)(TEXT) is shown


@given(st.text(alphabet="ab10 !~/()[]*+?{}|\\^$.u", max_size=20), st.text(max_size=40))
def test_whatever_is_typed_is_answered(needle: str, text: str) -> None:
    assert matcher(needle)(text, 1) in (True, False)


@pytest.mark.parametrize(
    "needle",
    [
        "/(a+)+b",
        "/(a|aa)+$",
        "/a*a*a*a*a*b",
        "/" + "a?" * 40 + "a" * 40 + "b",
        "/" + "(a|a)" * 40 + "b",
        "/(a*)\\1*b",
        "~" + "a" * 50 + "b",
    ],
)
def test_no_needle_takes_for_ever(needle: str) -> None:
    assert not matcher(needle)("a" * 16_000)


def test_what_stands_in_front_of_an_expression_costs_nothing() -> None:
    line = "a" * 1_500 + "b"
    assert matcher("/.*b")(line)
    assert matcher("/.*?[b]$")(line)
    assert not matcher("/.*c")(line)


def test_a_unit_is_meant_by_its_number() -> None:
    assert matcher("u7")("u77", 7)
    assert not matcher("u7")("u7", 77)
    assert matcher("!u7")("u7", 77)


def test_what_matches_is_shown_where_it_stands() -> None:
    text = "unit 7: Pi-02 found, pi-02"
    assert [text[a:b] for a, b in spans("PI-02 !never ~fd", text)] == ["Pi-02", "pi-02"]
    assert [text[a:b] for a, b in spans("/[0-9]+", text)] == ["7", "02", "02"]
    assert not spans("/x*", text)
    assert not spans("/(a+)+", text)
