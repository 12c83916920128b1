"""From any text at all to a request, or to none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.bot.commands import (
    AnalyseCommand,
    CancelCommand,
    Command,
    ConstructCommand,
    HuntCommand,
    Inquiry,
    Route,
    SearchCommand,
    Unclear,
    WhyCommand,
    parse,
)
from chat.bot.limits import Floodgate, may_cancel, order_of_turns, refusal
from chat.bot.requests import Request, RequestState
from chat.settings import Settings
from solver.published import MOST
from solver.question import MOST_RECORDED


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("mols 10", SearchCommand(10)),
        ("MOLS 10 X5", SearchCommand(10, 5)),
        ("mols 10 x 5", SearchCommand(10, 5)),
        ("  mols   10   5x ", SearchCommand(10, 5)),
        ("`mols 7`", SearchCommand(7)),
        ("<@U0BOT> mols 10 x2", SearchCommand(10, 2)),
        ("mols 10 diagonal", SearchCommand(10, diagonal=True)),
        ("mols 9 set of 3", SearchCommand(9, mols=3)),
        ("mols 9 diagonal set of 3 x2", SearchCommand(9, 2, 3, diagonal=True)),
        ("mols 9 x2 set of 3", SearchCommand(9, 2, 3)),
        (f"mols {MOST_RECORDED}", SearchCommand(MOST_RECORDED)),
        (f"mols {MOST_RECORDED + 1}", ConstructCommand(MOST_RECORDED + 1)),
        (f"mols {MOST} set of 3", ConstructCommand(MOST, 3)),
        ("mols why", WhyCommand("")),
        ("mols why #12", WhyCommand("12")),
        ("mols why mols10-4f2a1b", WhyCommand("mols10-4f2a1b")),
        ("why is that?", None),
        ("mols triple", HuntCommand()),
        ("triple", HuntCommand()),
        ("mols status", Inquiry.STATUS),
        ("status", Inquiry.STATUS),
        ("mols", Inquiry.HELP),
        ("mols cancel mols10-4f2a1b", CancelCommand("mols10-4f2a1b")),
        ("cancel mols10-4f2a1b", CancelCommand("mols10-4f2a1b")),
        ("mols cancel #12", CancelCommand("12")),
        ("hello there", None),
        ("cancel the meeting", None),
        ("cancel lunch", None),
        ("molsons are good", None),
        ("10", None),
        ("", None),
    ],
)
def test_words_in_a_channel(text: str, request_: Command | None) -> None:
    assert parse(text, Route.CHANNEL) == request_


@pytest.mark.parametrize("route", [Route.MENTION, Route.DIRECT, Route.COMMAND])
def test_what_is_said_to_the_bot_is_always_answered(route: Route) -> None:
    assert parse("10 x3", route) == SearchCommand(10, 3)
    assert parse("nodes", route) is Inquiry.NODES
    assert parse("", route) is Inquiry.HELP
    assert isinstance(parse("good morning", route), Unclear)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mols foo", "I do not know 'foo'"),
        ("mols", ""),
        ("mols -3", "1 or more: -3 is not"),
        ("mols 0", "1 or more: 0 is not"),
        ("mols 7foo", "'7foo' is not"),
        (f"mols {MOST + 1}", f"is too large. Orders 1 to {MOST}"),
        (f"mols {MOST} x2", "there is one set"),
        (f"mols {MOST_RECORDED + 1} diagonal", "there is one set"),
        ("mols 7 set of 9", "cannot be more than 6"),
        ("mols 10 set of 3", "open problem"),
        ("mols 6 set of 3", "no two squares are orthogonal"),
        ("mols 3 diagonal", "No Latin square of order 3 is diagonal"),
        ("mols 6 diagonal", "not even a pair"),
        ("mols 10 set of many", "'many' is not"),
        ("mols 10 sideways", "'sideways' is not"),
    ],
)
def test_what_cannot_be_is_said_with_what_can(text: str, words: str) -> None:
    """The bot of 2017 said `invalid` to a word and a number below 1, and no more than that."""
    command = parse(text, Route.CHANNEL)
    if not words:
        assert command is Inquiry.HELP
        return
    assert isinstance(command, Unclear)
    assert words in command.why.replace(",", "")
    if command.why.startswith(("I do not know", "Order must")):
        assert f"Orders 1 to {MOST:,} will do, as in mols 10." in command.why


@given(st.text(max_size=300), st.sampled_from(Route))
def test_no_text_is_too_strange(text: str, route: Route) -> None:
    for said in (text, f"mols {text}", f"mols 10 {text}", f"cancel {text}"):
        match parse(said, route):
            case Unclear(why):
                assert why.count("\n") == 0
                assert len(why) < 300
            case SearchCommand(order, count):
                assert 1 <= order <= MOST_RECORDED
                assert 1 <= count <= 20


def ask(
    number: int, user: str, state: RequestState = RequestState.QUEUED, channel: str = "C1"
) -> Request:
    return Request(number, user, channel, "1.0", Route.CHANNEL, "mols 10", state, 0.0, "", "", 0)


def test_the_queue_is_fair() -> None:
    """Who has asked for much does not keep out who has asked for little."""
    asks = [
        ask(1, "ann", RequestState.RUNNING), ask(2, "ann"), ask(3, "ann"), ask(4, "bob"),
        ask(5, "cat"), ask(6, "bob"), ask(7, "dan", RequestState.DONE),
    ]  # fmt: skip
    assert [turn.id for turn in order_of_turns(asks)] == [4, 5, 2, 6, 3]


def test_limits_by_person_and_by_channel() -> None:
    settings = Settings(jobs_per_user=2, jobs_per_channel=3)
    busy = [ask(1, "ann"), ask(2, "ann", RequestState.RUNNING), ask(3, "bob", channel="C2")]
    assert "You have 2" in refusal(ask(9, "ann", RequestState.NEW), busy, settings)
    assert refusal(ask(9, "bob", RequestState.NEW), busy, settings) == ""
    assert "3 searches" in refusal(
        ask(9, "bob", RequestState.NEW), [*busy, ask(4, "cat")], settings
    )
    assert (
        refusal(ask(9, "ann", RequestState.NEW), [ask(1, "ann", RequestState.DONE)] * 9, settings)
        == ""
    )


def test_who_may_cancel() -> None:
    settings = Settings(admins=("UADMIN",))
    assert may_cancel("UANN", "UANN", settings)
    assert may_cancel("UADMIN", "UANN", settings)
    assert not may_cancel("UBOB", "UANN", settings)
    assert not may_cancel("", "", settings)
    assert not may_cancel("UBOB", "", settings)


def test_a_flood_is_held_until_a_minute_is_quiet() -> None:
    gate = Floodgate(3)
    assert [gate.count("ann", now) for now in (0, 1, 2, 3, 4, 5)] == [0, 0, 0, 1, 2, 2]
    assert gate.count("bob", 5) == 0
    assert gate.count("ann", 70) == 0
    for number in range(5_000):
        gate.count(f"U{number}", 71)
    assert len(gate._said) <= 1_000


@pytest.mark.parametrize("word", ["analyse", "_analyse_", "mols analyse", "anal\x00yse"])
def test_what_stands_below_analyse_is_taken_whole(word: str) -> None:
    line = str([[cell % 40 for cell in range(row, row + 40)] for row in range(40)])
    taken = parse(f"{word}\n{line}\n", Route.DIRECT)
    assert isinstance(taken, AnalyseCommand)
    assert line in taken.squares
