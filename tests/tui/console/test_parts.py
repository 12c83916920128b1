"""The console's parts that need no screen."""

import base64
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from base.colours import hue
from results.reports import JobRow
from solver.question import Question
from swarm.engine import JobState
from swarm.job import JobSpec, SpecError
from tests.solver.renaming import cyclic
from tests.swarm.samples import counting
from tests.tui.console.scripted.console import full_snapshot, job, log_line, node, pair, small_pair
from tui.console.input.command_line import CommandError, completions, parse
from tui.console.input.job_form import (
    FIELDS,
    defaults,
    spec_from_command,
)
from tui.console.log_ring import LogRing, LogView
from tui.console.node_row import node_rows
from tui.console.panes.jobs import JobsPane
from tui.console.panes.nodes import NodesPane
from tui.console.render.columns import fit_columns
from tui.console.render.grid import picture_lines, tile_lines, tile_width
from tui.console.render.job_page import filters_text, job_facts, job_page
from tui.console.render.spans import amount, bar, cell, fit, short, spans_width, wrap
from tui.console.render.theme import PLAIN
from tui.console.terminal.clipboard import LIMIT, TooLong, copy_sequence

TEXTS = st.text(max_size=60)


@given(TEXTS, st.integers(0, 30))
def test_fitted_text_never_takes_more_than_its_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) <= width
    assert not any(unicodedata.category(char)[0] == "C" for char in fit(text, width))


@given(st.lists(TEXTS, max_size=4), st.integers(1, 40), st.booleans())
def test_a_cell_is_exactly_as_wide_as_asked(texts: list[str], width: int, right: bool) -> None:
    segments = cell([(text, PLAIN) for text in texts], width, right=right)
    assert sum(segment.cell_length for segment in segments) == width


@given(TEXTS, st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    kept = "".join("".join(lines).split())
    assert all(char in text for char in kept)


@given(st.lists(st.floats(0, 1), max_size=3), st.integers(1, 50))
def test_a_bar_is_exactly_as_wide_as_asked(shares: list[float], width: int) -> None:
    assert spans_width(bar([(share, "━", PLAIN) for share in shares], width)) == width


def test_a_bar_shows_that_a_little_is_not_nothing() -> None:
    assert bar([(0.001, "━", PLAIN)], 10)[0][0] == "━"


@given(st.integers(0, 9_999 * 10**9))
def test_short_counts_are_short(number: int) -> None:
    assert len(short(number)) <= 5
    assert len(amount(number)) <= 5


@pytest.mark.parametrize(
    ("found", "wanted", "shown"),
    [
        (17, 40, "17/40"),
        (1_849, 100_000, "1.8k/100k"),
        (19_649, 100_000, "19k/100k"),
        (99_960, 100_000, "99k/100k"),
        (12_449, 12_500, "12k/12.5k"),
        (19_996, 20_000, "19k/20k"),
        (20_000, 20_000, "20k/20k"),
        (999_999, 1_000_000, "999k/1M"),
    ],
)
def test_what_was_found_of_what_is_wanted_is_neither_cut_nor_more_than_it_is(
    found: int, wanted: int, shown: str
) -> None:
    view = job("j", JobState.RUNNING, spec=JobSpec(Question(10), count=wanted))
    column = next(column for column in JobsPane.columns if column.title == "FOUND")
    spans = column.draw(JobRow(view, found, 0.0, ()), column.width)
    assert "".join(text for text, _ in spans) == shown
    assert len(shown) <= column.width


@given(width=st.integers(1, 220))
def test_columns_are_dropped_never_squeezed(width: int) -> None:
    fitted = fit_columns(NodesPane.columns, width)
    assert all(given_width >= column.width for column, given_width in fitted)
    taken = sum(given_width for _, given_width in fitted) + 2 * (len(fitted) - 1)
    assert taken <= width or len(fitted) == 1


def test_the_first_column_and_the_state_survive_longest() -> None:
    assert [column.title for column, _ in fit_columns(JobsPane.columns, 30)] == ["JOB", "STATE"]
    assert len(fit_columns(JobsPane.columns, 76)) == len(JobsPane.columns)


def test_a_count_tells_how_far_it_is_and_how_long_it_takes() -> None:
    view = job("mols7-3fa2c1", JobState.RUNNING, spec=counting(cyclic(7)[0]))
    row = JobRow(view, 234, 90.0, (), parts=7, left=125.0)
    pane = JobsPane("jobs", "jobs")
    cells = ["".join(text for text, _ in column.draw(row, 9)) for column in pane.columns]
    assert "234 28%" in cells
    assert [text for text, _ in pane.notes_of(row)] == ["28.0% counted, 2m left."]
    facts, page = (
        ["".join(text for text, _ in line) for line in lines]
        for lines in (job_facts(row, 120), job_page(row))
    )
    assert "234 mates   28.0% counted, 2m left" in facts[0]
    assert any(line.endswith("234 mates in 7 of 25 parts") for line in page)
    assert any(line.endswith("28.0% counted, 2m left") for line in page)


def test_commands_may_be_shortened_while_they_are_unique() -> None:
    call = parse("can mols10-3fa2c1")
    assert call
    assert (call.action.id, call.argument) == ("cancel", "mols10-3fa2c1")
    quick = parse(" q ")
    assert quick
    assert quick.action.id == "quit"
    assert parse("   ") is None
    with pytest.raises(CommandError, match="could be"):
        parse("re x")
    with pytest.raises(CommandError, match="no command 'zork'"):
        parse("zork")
    with pytest.raises(CommandError, match="takes nothing"):
        parse("quit now")


def test_completion_knows_commands_jobs_nodes_and_fields() -> None:
    snapshot = full_snapshot()
    assert completions("no", snapshot) == ["nodes"]
    assert completions("cancel ", snapshot) == ["cancel mols10-3fa2c1", "cancel mols10-77b0d2"]
    assert completions("resume mo", snapshot) == ["resume mols10-e20f11"]
    nodes = node_rows(snapshot, None)
    opened = completions("open pi-0", snapshot, nodes)
    assert opened == ["open pi-02", "open pi-03", "open pi-04"]
    assert completions("new 10 cp", snapshot) == ["new 10 cpus="]
    assert completions("cancel ", None) == []


def test_a_command_describes_a_job() -> None:
    spec = spec_from_command("9 count=5 seed=42 memory=64M seconds=2m", defaults(()))
    assert (spec.order, spec.count, spec.seed, spec.seconds) == (9, 5, 42, 120)


@pytest.mark.parametrize(
    ("argument", "field"),
    [
        ("ten", "order"),
        ("0", "order"),
        ("99999", "order"),
        ("10 count=-1", "count"),
        ("10 memory=1", "memory"),
        ("10 seconds=soon", "seconds"),
        ("10 five", "spec"),
        ("10 colour=red", "spec"),
    ],
)
def test_a_command_that_makes_no_job_is_refused_in_a_sentence(argument: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_from_command(argument, defaults(()))
    assert caught.value.field == field
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "filters",
    [
        *("", "diagonal", "self-orthogonal, diagonal", "subsquare=3, transversals=900", "triple"),
        "odls",
        "odls, esodls",
    ],
)
def test_filters_are_typed_as_they_are_shown(filters: str) -> None:
    spec = spec_from_command("10", {**defaults(()), "filters": filters})
    assert set(filters_text(spec).split(", ")) == set(filters.split(", "))
    again = spec_from_command("10 filters=" + filters.replace(", ", ","), defaults(()))
    assert again.question == spec.question


@pytest.mark.parametrize(
    ("argument", "field"),
    [
        ("10 filters=round", "filters"),
        ("10 filters=subsquare=x", "filters"),
        ("10 filters=subsquare=9", "filters"),
        ("3 filters=diagonal", "filters"),
        ("9 filters=triple", "filters"),
        ("10 mols=3", "mols"),
        ("10 source=luck", "source"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_a_field_of_the_form(argument: str, field: str) -> None:
    with pytest.raises(SpecError) as refused:
        spec_from_command(argument, defaults(()))
    assert refused.value.field == field
    assert field in {f.name for f in FIELDS}


def test_a_new_job_is_offered_every_core_that_takes_tasks() -> None:
    nodes = (node("a"), node("b"), node("c", availability="drain"), node("d", state="down"))
    assert defaults(nodes)["replicas"] == "8"
    assert set(defaults(())) == {field.name for field in FIELDS}


def test_the_ring_keeps_the_newest_and_views_follow_it() -> None:
    ring = LogRing(capacity=10)
    view = LogView(ring)
    ring.extend([log_line(number) for number in range(8)])
    assert view.catch_up() == (8, 0)
    ring.extend([log_line(number) for number in range(8, 15)])
    assert view.catch_up() == (7, 5)
    assert [serial for serial, _ in view.shown] == list(range(5, 15))
    assert view.position(9) == 4


def test_a_view_filters_by_words_unit_and_job() -> None:
    ring = LogRing()
    ring.extend([log_line(number) for number in range(20)])
    ring.extend([log_line(1, "something else", job="other")])
    view = LogView(ring, job="mols10-3fa2c1")
    view.set_filter('pi-02 u1 "tried":')
    assert {(line.node, line.unit) for _, line in view.shown} == {("pi-02", 1)}
    view.set_filter("ELSE")
    assert not view.shown


def test_lines_lost_before_a_view_looked_are_not_missed_twice() -> None:
    ring = LogRing(capacity=3)
    view = LogView(ring)
    ring.extend([log_line(number) for number in range(10)])
    assert view.catch_up() == (3, 0)
    assert [serial for serial, _ in view.shown] == [7, 8, 9]


@pytest.mark.parametrize("squares", [pair(1), small_pair(), (((0,),), ((0,),))])
def test_pictures_are_rectangles_that_show_every_cell(squares: tuple[object, ...]) -> None:
    rows = next(s for s in (pair(1), small_pair(), (((0,),), ((0,),))) if s == squares)
    lines = tile_lines(rows)
    assert {sum(segment.cell_length for segment in line) for line in lines} == {tile_width(rows)}
    named = " ".join("".join(segment.text for segment in line) for line in lines).split()
    assert len(named) == len(set(named)) == len(rows[0]) ** 2
    for width, height in ((200, 60), (78, 22), (61, 20), (10, 5)):
        large = picture_lines(rows, width, height)
        assert len({sum(s.cell_length for s in line) for line in large}) == 1


def test_hues_differ() -> None:
    assert len({hue(symbol, 12, 0.8, 0.1) for symbol in range(12)}) == 12


def test_copying_is_wrapped_for_tmux_and_bounded() -> None:
    plain = copy_sequence("A0 B1", {})
    assert plain == f"\x1b]52;c;{base64.b64encode(b'A0 B1').decode()}\a"
    wrapped = copy_sequence("A0 B1", {"TMUX": "/tmp/tmux-0/default,1,0"})
    assert wrapped.startswith("\x1bPtmux;\x1b\x1b]52;c;")
    assert "\x1b\\" in wrapped
    with pytest.raises(TooLong):
        copy_sequence("x" * (LIMIT + 1), {})
