"""How fast one unit of a job is, from what was seen of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.collection import JobCollection
from results.pace import JobPace
from solver.question import Question
from swarm.engine import JobState, JobView, TaskState, TaskView
from swarm.job import JobSpec

SECONDS = st.lists(st.tuples(st.integers(1, 600), st.integers(0, 20)), min_size=1, max_size=20)


@given(SECONDS, st.integers(1, 50))
def test_units_that_find_as_many_a_minute_are_said_to_however_many_run_and_when(
    spans: list[tuple[int, int]], each: int
) -> None:
    """Each span: so many seconds in which so many units run; at the end nothing runs any more."""
    pace, now, found = JobPace(seen_from_its_beginning=True), 0.0, 0.0
    pace.note(now, 0, 0)
    for seconds, running in [*spans, (60, 1), (600, 0)]:
        now, found = now + seconds, found + running * each * seconds / 60
        pace.note(now, round(found), running)
    assert abs(pace.each - each) * found <= each


@pytest.mark.parametrize("fresh", [True, False])
def test_of_a_job_that_ran_before_anyone_looked_nothing_is_said(*, fresh: bool) -> None:
    """All that it had found until then comes at once, when its log is read."""
    spec = JobSpec(Question(10), count=800, replicas=2)
    task = TaskView("t", 0, "n", TaskState.RUNNING)
    view = JobView("j", spec, JobState.RUNNING, 1.0, 0, (task,))
    collection = JobCollection(view, {}, None, 0, 1.0, fresh=fresh)
    for second, found in ((0.0, 0), (1.0, 400), (2.0, 401)):
        collection.sample(second, found)
    assert bool(collection.row(2.0).pace) is fresh
