"""What the command line understands, and says where it does not."""

import re
import shlex
import subprocess
import sys
from functools import cache

import pytest

from base.errors import UsageError
from tests.tui.command.running import Squarm
from tui.__main__ import main
from tui.command.parser import build, parse
from tui.command.verbs import GROUPS, VERBS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "0"], "Order must be"),
        (["solve", "-1"], "Order must be a whole number of 1 or more: -1"),
        (["solve", "ten"], "'ten'"),
        (["solve", "99999"], "constructions go from order 1 to 10,000"),
        (["solve", "9" * 400], "Order must be at most"),
        (["solve", ""], "empty"),
        (["solve", "9223372036854775808"], "at most 9,223,372,036,854,775,807"),
        (["share", "9223372036854775808"], "at most 9,223,372,036,854,775,807"),
        (["audit", "--limit", "9223372036854775808"], "at most 9,223,372,036,854,775,807"),
        (["solve", "10", "--count", "0"], "Count must be between 1 and"),
        (["solve", "10", "--count", "-5"], "Count must be between 1 and"),
        (["solve", "10", "--seed", "x\x1b[31m"], "Seed must be a whole number"),
        (["solve", "10", "--format", "xml"], "'xml'"),
        (["solve"], "order"),
        (["solve", "10", "--nonsense"], "--nonsense"),
        (["solve", "10", "--mols", "3"], "open problem"),
        (["solve", "10", "--mols", "two"], "Mols must be a whole number"),
        (["solve", "13", "--source", "turn"], "take construct for 13"),
        (["solve", "10", "--source", "luck"], "one of auto"),
        (["solve", "10", "--source", "file"], "from a file"),
        (["solve", "10", "--file", "/no/such/file"], "/no/such/file"),
        (["solve", "7", "--source", "exhaust", "--diagonal"], "reduced"),
        (["solve", "10", "--subsquare", "6"], "order 2 to 5"),
        (["run", "9", "--triple"], "squarm solve 9 --mols 3"),
        (["swim"], "'swim'"),
        (["run", "-1"], "Order must be"),
        (["run", "10", "--count", "1000001"], "Count must be between"),
        (["run", "10", "--replicas", "0"], "Replicas must be between"),
        (["run", "10", "--cpus", "0"], "Cpus must be between"),
        (["run", "10", "--memory", "lots"], "Memory must be a size such as 64M"),
        (["run", "10", "--memory", "1M"], "Memory must be between 48M"),
        (["run", "10", "--memory", "99999G"], "the solver needs about 40M, 99999G was asked for"),
        (["run", "10", "--where", "arch"], "such as arch=aarch64"),
        (["run", "10", "--where", "arch=x86_64", "--engine", "local"], "Only a swarm has nodes"),
        (["run", "10", "--seconds", "99999999"], "Seconds must be between"),
        (["run", "10", "--engine", "steam"], "'steam'"),
        (["--read-only", "run", "10"], "--read-only"),
        (["results", "--order", "0"], "Order must be"),
        (["results", "--limit", "0"], "Limit must be"),
        (["jobs", "--engine", "swarm"], "Docker"),
        (["cancel", "nothing", "--yes"], "There is no job 'nothing'"),
        (["logs", "../../etc"], "There is no job"),
        (["logs"], "squarm logs needs JOB. See squarm logs --help."),
        (["share"], "squarm share needs SQUARE|JOB."),
        (["drill", "all", "--lab", "x"], "--lab must be a whole number: 'x' is not."),
        (["resume", "nothing"], "There is no job"),
        (["remove", "nothing"], "There is no job"),
    ],
)
def test_what_makes_no_sense_is_answered_with_one_sentence(
    squarm: Squarm, arguments: list[str], words: str
) -> None:
    sentence = squarm.refusal(*arguments)
    assert words in sentence
    assert "\x1b" not in sentence
    assert sentence.endswith(".")


COMMON = (
    *("--engine", "local", "--image", "mine", "--results", "/r", "--interface", "lo"),
    *("--user", "me", "--key", "/k", "--read-only", "--debug"),
)
LIGHT = {
    "version": ("asyncio", "chat", "fleet", "provision", "results", "swarm"),
    "jobs --engine local": ("chat", "docker", "fleet", "h11", "provision", "psutil"),
    "solve 4": ("asyncio", "chat", "fleet", "provision", "sqlite3"),
    "results": ("asyncio", "chat", "fleet", "provision", "swarm.local", "swarm.docker"),
}
"""What a verb starts without: it is imported for other verbs only, and takes its time."""


@cache
def examples() -> list[str]:
    """Every command that some help gives as an example."""
    told = "\n".join(parser.epilog or "" for parser in build().all())
    found = re.findall(r"^  (squarm.*?)(?:  .*)?$", told, re.MULTILINE)
    return [command for command in dict.fromkeys(found) if "--help" not in command]


def words_of(command: str) -> list[str]:
    """What the shell would give to squarm."""
    return shlex.split(re.split(r"[|>]", command)[0])[1:]


def may_take_more(command: str) -> bool:
    """Whether it has a verb, and none of the common options already."""
    words = words_of(command)
    return bool(words) and not set(words) & set(COMMON)


def test_every_verb_has_its_place_and_its_examples() -> None:
    shown = build().format_help()
    for group, verbs in GROUPS.items():
        listed = shown.partition(f"\n{group}:\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in listed.splitlines()] == [verb.name for verb in verbs]
    with_none = [verb for verb in VERBS if not any(f"squarm {verb}" in told for told in examples())]
    assert with_none == ["version"]


def test_every_action_that_is_told_something_has_an_example_in_its_own_help() -> None:
    told = [
        action
        for verb in build().below.values()
        for action in verb.below.values()
        if any(not each.option_strings for each in action.actions)
    ]
    assert len(told) > 15
    assert [
        action.prog for action in told if f"  {action.prog} " not in (action.epilog or "")
    ] == []


def test_every_help_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line for parser in build().all() for line in parser.format_help().splitlines()]
    assert len(lines) > 1000
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("command", examples())
def test_an_example_is_understood(command: str) -> None:
    words = words_of(command)
    assert parse(words, int).verb == "".join(words[:1])


@pytest.mark.parametrize(
    "command",
    [told for told in examples() if words_of(told) and not set(words_of(told)) & set(COMMON)],
)
def test_common_options_mean_the_same_before_the_verb_and_after_it(command: str) -> None:
    words = words_of(command)
    before = vars(parse([*COMMON, *words], int))
    after = vars(parse([*words, *COMMON], int))
    assert {**before, "run": after["run"]} == after
    assert (before["user"], before["interface"], before["read_only"]) == ("me", "lo", True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("solv", "10"), "There is no verb 'solv': did you mean solve? See squarm --help."),
        (("swim",), "There is no verb 'swim'. See squarm --help."),
        (("console",), "There is no verb 'console'. See squarm --help."),
        (("rum", "10"), "There is no verb 'rum': did you mean run? See squarm --help."),
        (("run", "--json"), "squarm run does not take '--json'. See squarm run --help."),
        (
            ("pi", "acept"),
            "There is no action 'acept': did you mean accept? See squarm pi --help.",
        ),
        (
            ("run", "10", "--replica", "2"),
            "squarm run does not take '--replica': did you mean",
        ),
        (
            ("pi", "forget", "x", "--yess"),
            "squarm pi forget does not take '--yess': did you mean",
        ),
        (("version", "10"), "squarm version does not take '10'. See squarm version --help."),
        (
            ("jobs", "--json=yes"),
            "--json takes no value: 'yes' is too much. See squarm jobs --help.",
        ),
        (("help", "solv"), "There is no verb 'solv': did you mean solve? See squarm --help."),
        (("help", "pi", "ad"), "There is no action 'ad': did you mean add? See squarm pi --help."),
        (("help", "run", "10"), "squarm run does not take '10'. See squarm run --help."),
        (("jobs", "--engine", "steam"), "--engine must be local or swarm: 'steam' is not. See"),
    ],
)
def test_a_word_that_is_none_is_told_of_the_one_that_was_meant(
    squarm: Squarm, arguments: tuple[str, ...], sentence: str
) -> None:
    assert squarm.refusal(*arguments).startswith(sentence)


def test_no_action_passes_over_an_option_of_its_verb() -> None:
    """Each one that stands before an action is the action's too, or is refused."""
    refused = set()
    for verb, parser in build().below.items():
        for name, below in parser.below.items():
            for option in parser.actions:
                unheeded = set(option.option_strings) - below.options
                for word in unheeded:
                    value = [] if option.nargs == 0 else [next(iter(option.choices or ["1"]))]
                    with pytest.raises(UsageError, match=f"{name} does not take '{word}'"):
                        parse([verb, word, *value, name, "x"], int)
                    refused.add((verb, name, word))
    assert {("results", "check", "--job"), ("jobs", "check", "--json")} <= refused


@pytest.mark.parametrize(("command", "without"), LIGHT.items())
def test_a_verb_starts_without_what_others_need(
    squarm: Squarm, command: str, without: tuple[str, ...]
) -> None:
    probe = (
        "import sys; from tui.__main__ import main; code = main(sys.argv[1:]);"
        "print(*sys.modules, sep='\\n'); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, *command.split()],
        env=squarm.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = done.stdout.splitlines()
    for name in (*without, "textual", "rich"):
        assert not [each for each in imported if each == name or each.startswith(f"{name}.")]


@pytest.mark.parametrize("words", [(), ("run",), ("pi", "add")])
def test_help_says_what_the_verbs_own_help_says(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    told = capsys.readouterr().out
    assert main(["help", *words]) == 0
    assert capsys.readouterr().out == told
