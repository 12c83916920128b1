"""The action registry: complete, without conflicts, and what everything else is made from."""

from itertools import combinations
from pathlib import Path

import pytest

from tests.tui.console.running import console
from tui.console.actions import ACTIONS, BY_ID, Need, footer_actions, markdown
from tui.console.handlers import HANDLERS
from tui.console.render.bars import footer_line
from tui.console.render.help_page import help_page
from tui.console.render.spans import spans_width

PLACES = [
    {"main", "nodes"},
    {"main", "jobs"},
    {"main", "squares"},
    {"main", "log"},
    {"job", "units"},
    {"job", "squares"},
    {"job", "log"},
    {"square"},
    {"compare-screen", "compare"},
    {"pulse-screen", "pulse"},
    {"page"},
    {"nodes-screen", "nodes"},
    {"nodes-screen", "map"},
    {"node", "about"},
    {"plan-screen", "plan"},
    {"run-screen", "run"},
    {"outbox-screen", "outbox"},
    {"images-screen", "images"},
    {"images-screen", "image"},
]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_a_handler_and_help(action: object) -> None:
    chosen = next(known for known in ACTIONS if known is action)
    assert chosen.id in HANDLERS
    assert chosen.help.endswith(".")
    assert chosen.keys or chosen.command


def test_nothing_is_handled_that_is_not_registered() -> None:
    assert set(HANDLERS) == set(BY_ID)


@pytest.mark.parametrize("where", PLACES, ids=lambda where: " ".join(sorted(where)))
def test_a_key_means_one_thing_wherever_the_user_is(where: set[str]) -> None:
    here = [action for action in ACTIONS if action.applies(where)]
    for one, other in combinations(here, 2):
        assert not set(one.keys) & set(other.keys), (one.id, other.id)


@pytest.mark.parametrize("where", [set(), *PLACES], ids=lambda where: " ".join(sorted(where)))
def test_help_and_the_key_table_name_every_action(where: set[str]) -> None:
    shown = "\n".join("".join(text for text, _ in line) for line in help_page(where, met=()))
    table = markdown()
    for action in ACTIONS:
        assert action.title in shown
        assert action.help in shown
        assert action.help in table


def test_help_begins_with_what_can_be_done_now() -> None:
    def begins(*met: Need, read_only: bool = False) -> list[str]:
        lines = help_page({"main", "jobs"}, met=met, read_only=read_only)
        return ["".join(text for text, _ in line).strip() for line in lines]

    empty = begins()
    assert empty[0] == "Everywhere"
    assert empty[1].startswith("n ")
    assert "Here, but not now" in empty
    with_a_job = begins(Need.ITEM, Need.CHOSEN, Need.AT_HAND, Need.JOB, Need.LIVE_JOB)
    now, later = with_a_job[: with_a_job.index("Everywhere")], "\n".join(with_a_job)
    assert now[0] == "Here, now"
    assert "Stop a job; its squares stay." in "\n".join(now)
    # What needs a job that has ended stands there, but further down.
    assert "Forget an ended job" not in "\n".join(now)
    assert "Forget an ended job" in later
    refused = begins(Need.ITEM, Need.CHOSEN, Need.AT_HAND, Need.JOB, Need.LIVE_JOB, read_only=True)
    assert "Stop a job" not in "\n".join(refused[: refused.index("Everywhere")])


@pytest.mark.parametrize("where", PLACES, ids=lambda where: " ".join(sorted(where)))
@pytest.mark.parametrize(
    "met",
    [
        set(),
        {Need.JOB, Need.LIVE_JOB},
        {Need.JOB, Need.ENDED_JOB, Need.INTERRUPTED_JOB, Need.WAY_BACK},
        {
            Need.ITEM,
            Need.CHOSEN,
            Need.AT_HAND,
            Need.PI,
            Need.PI_WITHOUT_LOGIN,
            Need.NODE,
            Need.WAY_BACK,
        },
        {Need.ITEM, Need.CHOSEN, Need.AT_HAND, Need.SWARM, Need.FOLLOWED, Need.WAY_BACK},
        {
            Need.ITEM,
            Need.CHOSEN,
            Need.AT_HAND,
            Need.PI,
            Need.PI_WITH_NEW_KEY,
            Need.LIVE_RUN,
            Need.UNFINISHED_RUN,
        },
    ],
)
def test_the_footer_fits_in_80_columns_and_always_offers_help_and_quit(
    where: set[str], met: set[Need]
) -> None:
    line = footer_line(footer_actions(where, met=met, read_only=False), 80)
    text = "".join(segment.text for segment in line)
    assert spans_width([(text, line[0].style)] if line[0].style else []) <= 80
    assert "…" not in text
    assert text.rstrip().endswith("q quit")
    assert "? help" in text


def test_a_read_only_footer_offers_nothing_that_changes_something() -> None:
    for where in PLACES:
        assert not [a for a in footer_actions(where, met=set(Need), read_only=True) if a.change]


async def test_the_footer_offers_no_key_for_what_a_filter_hides(tmp_path: Path) -> None:
    async with console(tmp_path, (200, 50)) as running:
        assert all(title in running.screen().splitlines()[-1] for title in ("open", "describe"))
        for pane in ("jobs", "squares", "log", "nodes"):
            await running.press({"nodes": "1", "jobs": "2", "squares": "3", "log": "4"}[pane])
            await running.press("slash", *"zork", "enter")
            footer = running.screen().splitlines()[-1]
            assert "filter" in footer
            for title in ("open", "describe", "copy", "share", "mark"):
                assert title not in footer, (pane, footer)
            await running.press("enter")
            assert running.at_main()
            assert running.toasts[-1] == "▲ Nothing is chosen."
            await running.press("escape")
