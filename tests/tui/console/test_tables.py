"""Tables against a plain list: no row is lost or doubled, and the cursor stays on its row."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment

from results.reports import JobRow
from swarm.engine import JobState
from tests.tui.console.running import console
from tests.tui.console.scripted.console import job, swarm_snapshot
from tui.console import tables
from tui.console.panes.jobs import JobsPane
from tui.console.render.columns import fit_columns, row_cells
from tui.needle import matcher

STATES = list(JobState)
rows = st.builds(
    lambda number, state, found, why: JobRow(
        job(f"mols10-{number:02}", state, why=why), found, found * 1.5, ()
    ),
    st.integers(0, 12),
    st.sampled_from(STATES),
    st.integers(0, 40),
    st.sampled_from(["", "No node has room for it: each has 4 cores, and 64 are asked for."]),
)
lists = st.lists(rows, max_size=9, unique_by=lambda row: row.job.id)
needles = st.sampled_from(["", "running", "!complete", "~m1", "/0[0-5]", "nothing"])
moves = st.one_of(
    lists.map(lambda given: ("show", given)),
    needles.map(lambda needle: ("filter", needle)),
    st.sampled_from([("sort", None), ("reverse", None), ("down", None), ("up", None)]),
)


@given(lists, st.lists(moves, max_size=12), st.integers(1, 120))
def test_rows_are_those_of_a_plain_list(
    given_first: list[JobRow], steps: list[tuple[str, object]], width: int
) -> None:
    pane, plain, needle = JobsPane("jobs", "Jobs"), given_first, ""
    pane.show(plain)
    for step, value in steps:
        before = pane.chosen
        match step:
            case "show":
                assert isinstance(value, list)
                plain = value
                pane.show(plain)
            case "filter":
                needle = str(value)
                pane.set_filter(needle)
            case "sort":
                pane.sort_next()
            case "reverse":
                pane.turn_around()
            case _:
                pane.move_rows(1 if step == "down" else -1)
                before = None
        matches = matcher(needle)
        expected = [row.job.id for row in plain if matches(pane.text_of(row))]
        assert sorted(row.job.id for row in pane.rows) == sorted(expected)
        if before is not None and before.job.id in expected:
            assert pane.chosen is not None
            assert pane.chosen.job.id == before.job.id
    for row in pane.rows:
        cells = row_cells(fit_columns(pane.columns, width), row)
        assert sum(Segment.get_line_length([cell]) for cell in cells) >= min(width, 13)


async def test_every_table_sorts_by_what_it_shows(tmp_path: Path) -> None:
    few = JobRow(job("mols10-aaaaaa", JobState.RUNNING), 3, 9.0, ())
    many = replace(few, job=job("mols10-bbbbbb", JobState.COMPLETE), found=30, rate=1.0)
    async with console(tmp_path, (100, 30), swarm_snapshot(few, many)) as running:
        jobs = running.app.main.jobs
        assert list(jobs.rows) == [few, many]
        await running.press("o", "o", "o")
        assert list(jobs.rows) == [many, few]
        assert "by found ↓" in str(jobs.border_subtitle)
        assert jobs.chosen == few
        await running.press("O")
        assert list(jobs.rows) == [few, many]
        await running.press("o", "o", "o")
        assert list(jobs.rows) == [few, many]
        assert "by" not in str(jobs.border_subtitle or "")


async def test_a_table_has_the_columns_and_the_order_of_the_settings(tmp_path: Path) -> None:
    few = JobRow(job("mols10-aaaaaa", JobState.RUNNING), 3, 9.0, ())
    many = replace(few, job=job("=cmd()", JobState.COMPLETE), found=3_000)
    tables.use({"jobs": tables.parse("found job", "-found"), "nodes": tables.parse("", "-name")})
    try:
        async with console(tmp_path, (100, 30), swarm_snapshot(many, few)) as running:
            jobs = running.app.main.jobs
            assert list(jobs.rows) == [few, many]
            assert running.text(jobs).split()[:2] == ["FOUND", "JOB"]
            assert "STATE" not in running.text(jobs)
            names = [row.name for row in running.app.main.nodes.rows]
            assert names == ["pi-master", "pi-04", "pi-03", "pi-02"]
            await running.press("e", "ctrl+u")
            await running.type(f"export {tmp_path / 'jobs.csv'}")
            await running.press("enter")
            await running.until(lambda: "Written to" in "".join(running.toasts))
            # What a spreadsheet would take for a formula is a text.
            written = (tmp_path / "jobs.csv").read_text("utf-8")
            assert written == "found,job\n3,mols10-aaaaaa\n3000,'=cmd()\n"
    finally:
        tables.use({})


async def test_a_range_of_machines_is_marked(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 30), swarm_snapshot()) as running:
        nodes = running.app.main.nodes
        await running.press("1", "M")
        assert [row.name for row in nodes.marked_here()] == ["pi-master"]
        await running.press("j", "j", "M")
        assert [row.name for row in nodes.marked_here()] == ["pi-master", "pi-02", "pi-03"]
        await running.press("G", "space", "k", "M")
        assert len(nodes.marked_here()) == 4
