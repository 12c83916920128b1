"""What is typed at the prompt: kept where it is refused, recalled, completed."""

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.console import node
from tui.console.history import PromptHistory
from tui.console.input.command_line import CommandError, completions, parse
from tui.console.input.job_form import defaults, spec_from_command
from tui.console.input.prompt import Prompt


def prompt(running: RunningConsole) -> Prompt:
    return running.app.front.query_one(Prompt)


@pytest.mark.parametrize(
    "line", ["new 10 count=abc", "new 10 colour=red", "new 9 triple", "nosuch", "add", "interface"]
)
async def test_a_line_that_is_refused_stays_and_takes_the_next_keys(
    tmp_path: Path, line: str
) -> None:
    async with console(tmp_path) as running:
        await running.press("colon")
        await running.type(line)
        await running.press("enter", "n", "x")
        assert prompt(running).display
        assert prompt(running).text == f"{line}nx"
        assert running.at_main()


async def test_why_a_line_is_refused_stands_above_it(tmp_path: Path) -> None:
    async with console(tmp_path) as running:
        await running.press("colon")
        await running.type("new 10 count=abc")
        await running.press("enter")
        said = str(running.app.main.query_one("#candidates", Static).content)
        assert "Count must be a whole number: 'abc' is not." in said


def test_a_command_without_what_it_needs_says_so() -> None:
    with pytest.raises(CommandError, match=r"^add needs ADDRESS\. Watch a Pi by its address"):
        parse("add ")


@pytest.mark.parametrize(
    ("line", "way_out"),
    [
        ("new 10 source=exhaust", "exhaust covers orders 1 to 8."),
        ("new 10 foo=3", "seed, seconds, or a filter."),
    ],
)
async def test_a_refusal_is_read_to_its_end_also_below_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, way_out: str
) -> None:
    def shown(text: str) -> bool:
        return text in " ".join(running.screen().split())

    async with console(tmp_path, notes=True) as running:
        # However long the test takes.
        monkeypatch.setattr(running.app, "NOTIFICATION_TIMEOUT", 3600)
        running.app.say("Something was done before.")
        await running.press("colon")
        await running.type(line)
        running.app.say("Something else was done.")
        await running.press("enter")
        running.app.say("The last thing was done.")
        await running.until(lambda: shown(way_out) and shown("The last thing was done."))
        assert shown(f":{line}")
        assert shown("Something was done before.")
        await running.press("escape")
        await running.until(lambda: "q quit" in running.screen().splitlines()[-1])
        # Above the footer, as before.
        await running.until(lambda: "The last thing" in running.screen().splitlines()[-2])


@pytest.mark.parametrize(
    ("line", "filters"),
    [
        ("10 triple", {"triple": True}),
        ("triple", {"triple": True}),
        ("10 diagonal subsquare=3", {"diagonal": True, "subsquare": 3}),
        ("10 filters=diagonal transversals=9", {"diagonal": True, "transversals": 9}),
        ("10 mates=4", {"mates": 4}),
    ],
)
def test_filters_stand_in_a_command_as_they_are(line: str, filters: dict[str, object]) -> None:
    question = spec_from_command(line, defaults((node("a"),))).question
    assert {name: getattr(question, name) for name in filters} == filters


def test_values_are_completed() -> None:
    assert "new 10 source=turn" in completions("new 10 source=t", None)
    assert completions("new 10 source=f", None) == []
    assert "new 10 triple" in completions("new 10 tr", None)
    assert "new 10 cpus=0.5" in completions("new 10 cpus=", None)
    assert parse("new 10 triple") is not None


async def test_filters_and_commands_are_recalled_on_every_screen_and_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with console(tmp_path) as running:
        await running.press("slash")
        await running.type("pi-02")
        await running.press("enter", "escape", "colon")
        await running.type("nodes")
        await running.press("enter", "colon", "up")
        assert prompt(running).text == "nodes"
        await running.press("escape", "escape")
    async with console(tmp_path) as running:
        await running.until(lambda: bool(running.app.history.of("filter")))
        await running.press("slash", "up")
        assert prompt(running).text == "pi-02"
        assert running.app.main.chosen.needle == "pi-02"


def test_two_consoles_keep_what_both_were_told(tmp_path: Path) -> None:
    one, other = PromptHistory(tmp_path / "history"), PromptHistory(tmp_path / "history")
    one.add("command", "new 10")
    other.add("filter", "pend\x1b[31m")
    one.save()
    other.save()
    again = PromptHistory(tmp_path / "history")
    again.load()
    assert again.of("command") == ["new 10"]
    assert again.of("filter") == ["pend"]
    (tmp_path / "history").write_bytes(b"\xff\xfe\n:jobs\nnothing\n")
    again = PromptHistory(tmp_path / "history")
    again.load()
    assert again.of("command") == ["jobs"]
