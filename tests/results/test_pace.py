"""How fast one unit of a job is, from what was seen of it."""

from hypothesis import given
from hypothesis import strategies as st

from results.pace import Pace

SECONDS = st.lists(st.tuples(st.integers(1, 600), st.integers(0, 20)), min_size=1, max_size=20)


@given(SECONDS, st.integers(1, 50))
def test_units_that_find_as_many_a_minute_are_said_to_however_many_run_and_when(
    spans: list[tuple[int, int]], each: int
) -> None:
    """Each span: so many seconds in which so many units run; at the end nothing runs any more."""
    pace, now, found = Pace(), 0.0, 0.0
    pace.note(now, 0, 0)
    for seconds, running in [*spans, (60, 1), (600, 0)]:
        now, found = now + seconds, found + running * each * seconds / 60
        pace.note(now, round(found), running)
    assert abs(pace.each - each) * found <= each


def test_of_a_job_that_had_found_some_before_nothing_is_said() -> None:
    pace = Pace()
    for second in range(0, 100, 10):
        pace.note(second, 5 + second, 2)
    assert pace.each == 0
