"""Whatever a file says of its squares, what is kept is sound, and the rest is said."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from results.copies.importing import Import
from results.result import GENERATION
from results.store import Store
from results.store.check import flaws
from solver.formats.reading import read
from solver.question import Question
from swarm.job import JobSpec
from tests.examples import examples
from tests.swarm.samples import squares

JOB = JobSpec(Question(5), count=4, seed=1)
PAIRS = [record.squares for record in squares(JOB, 3)]
NAMES = ("id", "order", "source", "job", "unit", "seq", "node", "found_at", "class", "covered")

values = (
    st.sampled_from(
        [0, 1, 2**62, 10**400, -1, True, None, "a", "\ud800", "../x", "\x1b[2J", [1, 2]]
    )
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=9)
    | st.lists(st.integers(0, 25), max_size=3)
)
objects = st.fixed_dictionaries(
    {"squares": st.sampled_from([*PAIRS, PAIRS[0][:1], (*PAIRS[0], PAIRS[1][0]), [], [[]]])},
    optional=dict.fromkeys(NAMES, values),
)


@given(st.lists(objects, max_size=6))
@settings(examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_taken_in_or_refused(tmp_path: Path, bodies: list[dict[str, object]]) -> None:
    path = tmp_path / "r.sqlite3"
    for file in tmp_path.iterdir():
        file.unlink()
    lines = [json.dumps(body).encode() + b"\n" for body in bodies]
    said: list[str] = []
    with Store.open(path) as store:
        taking = Import(store, read(iter(lines)), said.append)
        while taking.step():
            pass
        assert taking.kept + taking.known + taking.refused == len(bodies)
        assert len(said) == taking.refused
        sound = {json.dumps(body["squares"]) for body in bodies} & set(map(json.dumps, PAIRS))
        assert taking.kept == store.kept() <= len(sound)
        assert [wrong for wrong in flaws(store) if isinstance(wrong, str)] == []
        again = Import(store, read(iter(lines)), said.append)
        while again.step():
            pass
        assert again.kept == 0


def test_what_a_later_version_of_the_solver_found_stays_its_jobs(tmp_path: Path) -> None:
    there = {"squares": PAIRS[0], "job": "mols5-1", "unit": 3, "seq": 2 * GENERATION + 7}
    with Store.open(tmp_path / "r.sqlite3") as store:
        taking = Import(store, read(iter([json.dumps(there).encode()])), print)
        assert taking.step()
        (kept,) = store.results()
    assert (kept.job, kept.unit, kept.seq) == ("mols5-1", 3, 2 * GENERATION + 7)
