"""The form for a new job: each key is answered, and what it costs is said before it starts."""

from dataclasses import replace
from pathlib import Path

import pytest

from results.reports import JobRow, UnitState, UnitView
from solver.question import Question, packed
from swarm.engine import JobState
from swarm.job import MIB, JobSpec, SpecError
from tests.tui.console.running import console
from tests.tui.console.scripted.console import job, node, running_row, swarm_snapshot
from tui.console.input.job_form import Place, beyond, defaults, minutes, place_of, spec_from_command
from tui.console.screens.dialogs.new_job_form import NewJobForm


async def test_what_is_wrong_is_said_while_it_is_typed_and_goes_when_it_is_right(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, (100, 30)) as running:
        await running.press("n", "ctrl+u")
        await running.type("129")
        assert "Order 129 is too large" in running.screen()
        assert "makes no job yet" in running.screen()
        await running.press("backspace")
        assert "too large" not in running.screen()
        assert "at a time on pi-master" in running.screen()


async def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 40)) as running:
        await running.press("n", "ctrl+u")
        await running.type("129")
        await running.press("down", "ctrl+u")
        await running.type("many")
        await running.press("enter")
        for sentence in ("Order 129 is too large", "Count must be a whole number"):
            assert sentence in running.screen()
        assert running.app.focused
        assert running.app.focused.id == "field-order"


async def test_a_note_hides_no_line_of_a_form_that_takes_the_whole_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, (80, 24), notes=True) as running:
        # However long the test takes.
        monkeypatch.setattr(running.app, "NOTIFICATION_TIMEOUT", 3600)
        await running.press("n")
        form = running.app.screen
        assert isinstance(form, NewJobForm)
        whole = running.screen().splitlines()
        running.app.say("Something was done.")
        await running.until(lambda: "Something was done." in running.screen())
        box = form.query_one("#new-job").region
        assert running.screen().splitlines()[box.y : box.bottom] == whole[box.y : box.bottom]


async def test_a_note_from_before_a_form_stands_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, (80, 24), notes=True) as running:
        # However long the test takes.
        monkeypatch.setattr(running.app, "NOTIFICATION_TIMEOUT", 3600)
        running.app.say("Something was done.")
        await running.until(lambda: "Something was done." in running.screen().splitlines()[-2])
        await running.press("n")
        await running.until(lambda: "Something was done." in running.screen().splitlines()[0])
        assert running.screen().count("Something was done.") == 1
        await running.press("escape")
        await running.until(lambda: "Something was done." in running.screen().splitlines()[-2])


async def test_sources_and_filters_can_be_chosen_and_a_file_cannot(tmp_path: Path) -> None:
    async with console(tmp_path, (100, 30)) as running:
        await running.press("n", "down", "down", "down")
        chosen = []
        for _ in range(6):
            await running.press("pagedown")
            assert running.app.focused
            chosen.append(getattr(running.app.focused, "value", ""))
        assert chosen == ["construct", "turn", "random", "symmetric", "exhaust", "auto"]
        await running.press("ctrl+u")
        await running.type("file")
        assert "Squares of a file: squarm run --file" in running.screen()
        assert isinstance(running.app.screen, NewJobForm)


@pytest.mark.parametrize("count_mates", [False, True])
async def test_a_job_like_one_from_a_file_is_from_its_squares(
    tmp_path: Path, *, count_mates: bool
) -> None:
    square = tuple(tuple((row + column) % 5 for column in range(5)) for row in range(5))
    question = Question(5, source="file", squares=packed([square]), count_mates=count_mates)
    row = running_row()
    spec = JobSpec(question, count=3, replicas=2)
    row = replace(row, job=replace(row.job, spec=spec))
    async with console(tmp_path, (100, 30), swarm_snapshot(row)) as running:
        await running.press("2", "A")
        said = " ".join(running.screen().replace("│", " ").split())
        assert "makes no job yet" not in said
        assert ("Counts every mate of the earlier job's square." in said) == count_mates
        assert ("From the earlier job's square." in said) != count_mates
        form = running.app.screen
        assert isinstance(form, NewJobForm)
        made = form._check()
        assert made is not None
        assert made == replace(spec, seed=made.seed)
        # Its squares are of its own order.
        await running.press("ctrl+u")
        await running.type("7")
        said = " ".join(running.screen().replace("│", " ").split())
        assert "is no Latin square of order 7" in said


async def test_a_job_beyond_the_machines_is_warned_of(tmp_path: Path) -> None:
    snapshot = swarm_snapshot(running_row())
    async with console(tmp_path, (100, 30), snapshot) as running:
        await running.press("n", *["down"] * 7, "ctrl+u")
        await running.type("64")
        said = " ".join(running.screen().replace("│", " ").split())
        assert "No machine has room for a unit of 64 cpus and 128M: the largest has 4" in said


def test_what_fits_and_how_long_it_takes_is_told_by_this_swarm() -> None:
    spec = spec_from_command("10 count=600 replicas=6", defaults(()))
    machines = (node("a"), node("b", memory=200 * MIB), node("c", state="down"))
    assert "room for 5 units at a time" in beyond(spec, Place("swarm", machines))
    assert beyond(spec, Place("swarm", (node("a"), node("b")))) == ""
    row = running_row()
    units = (UnitView(0, UnitState.RUNNING, 1, 1, "a"), UnitView(1, UnitState.RUNNING, 1, 1, "b"))
    place = place_of(swarm_snapshot(replace(row, rate=40.0, units=units)))
    assert minutes(spec, place) == 600 / (20 * 6)
    others = ("9", "10 diagonal", "10 odls", "10 triple")
    assert not any(minutes(spec_from_command(words, defaults(())), place) for words in others)


async def test_how_long_it_takes_is_told_by_the_last_one_like_it(tmp_path: Path) -> None:
    """Of one that has ended, too: 20 pairs by 2 units at a time, each of which finds 4 a minute."""
    ended = JobRow(job("mols10-4e11ed", JobState.COMPLETE), 20, 0.0, (), pace=4.0)
    async with console(tmp_path, (100, 30), swarm_snapshot(ended)) as running:
        await running.press("n", *["down"] * 6, "ctrl+u")
        await running.type("2")
        said = " ".join(running.screen().replace("│", " ").split())
        assert "About 2m, as fast as the last job like it here." in said


async def test_a_job_like_an_earlier_one_begins_with_what_that_was(tmp_path: Path) -> None:
    asked = spec_from_command(
        "9 count=33 diagonal cpus=0.5 seconds=90s seed=4 where=memory>=1G", defaults(())
    )
    row = running_row()
    row = replace(row, job=replace(row.job, spec=asked))
    async with console(tmp_path, (100, 30), swarm_snapshot(row)) as running:
        await running.press("A")
        assert "33" in running.screen()
        await running.press("enter")
        await running.until(lambda: bool(running.engine.asked))
        spec = running.engine.asked[0][1]
        assert isinstance(spec, JobSpec)
        assert replace(spec, seed=4) == asked
        assert spec.seed != 4


@pytest.mark.parametrize("line", ["10 mols=3 triple", "6 source=turn", "10 mols=9"])
def test_no_field_is_named_as_an_option_of_a_shell(line: str) -> None:
    with pytest.raises(SpecError) as refused:
        spec_from_command(line, defaults(()))
    assert " --" not in str(refused.value)
