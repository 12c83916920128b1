"""The console on a scripted engine: starting, stopping, refusing, leaving."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from results.reports import JobRow
from swarm.engine import JobState
from swarm.job import JobSpec
from tests.tui.console.running import HOSTILE, console
from tests.tui.console.scripted.console import (
    job,
    running_row,
    scripted_app,
    swarm_snapshot,
)
from tui.console.input.field import FormLine
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.dialogs.new_job_form import NewJobForm


async def test_a_new_job_by_keys(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("n")
        assert isinstance(running.app.screen, NewJobForm)
        await running.press("ctrl+u")
        await running.type("9")
        await running.press("tab", "ctrl+u")
        await running.type("5")
        await running.press("enter")
        await running.until(lambda: bool(running.engine.asked))
        change, spec = running.engine.asked[0]
        assert change == "submit"
        assert isinstance(spec, JobSpec)
        assert (spec.order, spec.count, spec.replicas) == (9, 5, 8)
        await running.until(lambda: "✓ Started mols9-new." in running.toasts)
        row = JobRow(job("mols9-new", JobState.RUNNING), 0, 0.0, ())
        await running.put(swarm_snapshot(row, running_row()))
        assert running.app.main.jobs.chosen == row


async def test_keys_typed_faster_than_the_form_opens_are_not_lost(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.pilot.press("n", "ctrl+u", "9", "enter")
        await running.until(lambda: bool(running.engine.asked))
        assert getattr(running.engine.asked[0][1], "order", 0) == 9


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("order", "129", "Order 129 is too large"),
        ("order", "ten", "'ten' is not"),
        ("order", "0", "Order must be a whole number of 1 or more"),
        ("order", "-1", "Order must be a whole number of 1 or more"),
        ("count", "0", "Count must be between"),
        ("memory", "[/x]", "Memory must be a size"),
        ("seconds", "soon", "Seconds must be such as"),
    ],
)
async def test_bad_input_is_refused_in_place(
    tmp_path: Path, field: str, value: str, reason: str
) -> None:
    async with console(tmp_path) as running:
        await running.press("n")
        entry = running.app.screen.query_one(f"#field-{field}", Input)
        entry.value = value
        await running.press("enter")
        hint = " ".join(str(entry.query_ancestor(FormLine).render()).split())
        assert "✗" in hint
        assert reason in hint
        assert running.app.focused is entry
        assert not running.engine.asked
        await running.press("escape")
        assert running.at_main()


async def test_the_engines_refusal_is_shown(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        running.engine.refusal = f"There is no room. {HOSTILE}"
        await running.press("n", "enter")
        await running.until(lambda: any("There is no room." in toast for toast in running.toasts))
        assert "\x1b" not in running.toasts[0]


async def test_orders_without_a_pair_are_announced_as_a_proof(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("n", "ctrl+u", "6")
        assert "no pair" in str(running.app.screen.query_one("#summary", Static).render())


async def test_a_sentence_more_above_a_row_takes_nothing_from_it(tmp_path: Path) -> None:
    complete = JobRow(job("mols10-aaaaaa", JobState.COMPLETE, units_done=4), 40, 0.0, ())
    proof = "Order 6 has no pair: all 9,408 reduced squares were tried, each of them."
    below = JobRow(job("mols6-0c41aa", JobState.COMPLETE), 0, 0.0, (), verdict=proof)
    async with console(tmp_path) as running:
        await running.put(swarm_snapshot(complete, below))
        before = running.text(running.app.main.jobs).splitlines()
        at = next(i for i, line in enumerate(before) if "mols6-0c41aa" in line)
        more = replace(complete, rejected=1)
        await running.put(swarm_snapshot(more, below))
        after = running.text(running.app.main.jobs).splitlines()
        assert "record was refused" in after[at]
        assert after[at + 1 : at + 3] == before[at : at + 2]


async def test_cancelling_asks_and_the_safe_answer_has_the_keys(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("x")
        assert isinstance(running.app.screen, Confirm)
        assert "Cancel mols10-3fa2c1 (order 10)?" in running.screen()
        await running.press("enter")
        assert not running.engine.asked
        await running.press("x", "right", "enter")
        await running.until(lambda: running.engine.asked == [("cancel", "mols10-3fa2c1")])


async def test_only_what_has_a_meaning_is_done(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("r", "D")
        assert "mols10-3fa2c1 is running: there is nothing to resume." in running.toasts[0]
        assert "cancel it first" in running.toasts[1]
        await running.press("G", "x")
        assert "there is nothing to cancel" in running.toasts[2]
        assert not running.engine.asked


async def test_resume_and_remove(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("j", "j", "j", "r")
        await running.until(lambda: running.engine.asked == [("resume", "mols10-e20f11")])
        await running.press("j", "delete", "tab", "enter")
        await running.until(lambda: running.engine.asked[1:] == [("remove", "mols10-b6d3f0")])


async def test_read_only_refuses_what_changes_things(tmp_path: Path) -> None:
    async with console(tmp_path, read_only=True) as running:
        for key in ("n", "x", "r", "D"):
            await running.press(key)
        await running.press("colon")
        await running.type("new 10")
        await running.press("enter")
        assert len([toast for toast in running.toasts if "--read-only refuses" in toast]) == 5
        assert not running.engine.asked
        assert running.at_main()
        assert "read-only" in running.screen()
        assert "new job" not in running.screen()


async def test_the_command_line(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("colon")
        await running.type("can")
        await running.press("tab", "tab")
        assert running.app.screen.query_one("#prompt-field", Input).value == "cancel mols10-3fa2c1"
        await running.press("enter")
        assert isinstance(running.app.screen, Confirm)
        await running.press("escape", "colon")
        await running.type("zork")
        await running.press("enter")
        assert "There is no command 'zork': ? shows all there are." in running.screen()
        await running.press("escape", "colon")
        await running.type("nwe 10")
        await running.press("enter")
        assert "There is no command 'nwe': did you mean new?" in running.screen()
        await running.press("escape", "colon")
        await running.type("new 9 count=2")
        await running.press("enter")
        await running.until(lambda: bool(running.engine.asked))
        await running.press("colon", "up")
        assert running.app.screen.query_one("#prompt-field", Input).value == "new 9 count=2"
        await running.press("escape", "colon")
        await running.type("squares")
        await running.press("enter")
        assert running.app.main.chosen is running.app.main.squares
        await running.press("colon")
        await running.type("new ten")
        await running.press("enter")
        assert "'ten' is not" in str(running.app.screen.query_one("#candidates", Static).content)


async def test_the_page_of_a_job_that_went_elsewhere_says_so(tmp_path: Path) -> None:
    ended = JobRow(job("mols10-3fa2c1", JobState.COMPLETE, units_done=16), 40, 0.0, ())
    async with console(tmp_path, (80, 24), swarm_snapshot(ended)) as running:
        await running.press("enter")
        assert "D remove" in running.screen().splitlines()[-1]
        await running.put(swarm_snapshot())
        shown = running.screen().splitlines()
        assert "mols10-3fa2c1 is not listed any more. Its squares stay." in shown[1]
        assert "complete" not in running.screen()
        assert "remove" not in shown[-1]
        await running.press("D")
        assert running.toasts[-1] == "▲ There is no job 'mols10-3fa2c1'."
        assert not running.engine.asked


async def test_an_engine_that_cannot_be_had_ends_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_bytes(b"this is no database, whatever its name says")
    app = scripted_app(tmp_path)
    async with app.run_test() as pilot:
        for _ in range(100):
            await pilot.pause(0.01)
            if app.failure:
                break
    assert app.failure.endswith(".")
    assert app.return_code == 2
