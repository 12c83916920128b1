"""Every command and key on the pages is one that squarm takes."""

import io
import re
import shlex
from contextlib import redirect_stdout
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, blocks, commands
from tui.__main__ import main
from tui.command.parser import build
from tui.command.verbs import VERBS
from tui.console.actions import markdown

_TOLD = sorted({(command, page) for page in PAGES for command in commands(page.read_text("utf-8"))})


@cache
def _help(verb: tuple[str, ...]) -> str:
    with redirect_stdout(io.StringIO()) as shown, pytest.raises(SystemExit) as ended:
        main([*verb, "--help"])
    assert ended.value.code == 0
    return shown.getvalue()


@pytest.mark.parametrize(
    ("command", "page"), [(told, page) for told, page in _TOLD], ids=[told for told, _ in _TOLD]
)
def test_squarm_has_the_verb_and_its_options(command: str, page: Path) -> None:
    words = shlex.split(command)[1:]
    options = [word for word in words if re.match(r"--?[a-z]", word)]
    shown = _help(tuple(word for word in words[:2] if re.fullmatch("[a-z]+", word)))
    assert all(re.search(rf"{option}\b", shown) for option in options), page


def test_what_is_shown_to_be_typed_is_understood_as_it_stands() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        typed = "\n".join(f"    {line}" for line in chain(*blocks(text)))
        for command in commands(f"{typed}\n"):
            if command.endswith("--help"):
                continue
            words = shlex.split(command)[1:]
            build(words).parse_args(words)


def test_the_verbs_are_those_of_the_program() -> None:
    page = (DOCS / "reference/commands.md").read_text("utf-8")
    rows = re.findall(r"^\| `squarm (\w+)` \| (.+?) \|", page, re.MULTILINE)
    assert rows == [(verb.name, verb.text) for verb in VERBS.values()]


def test_the_keys_are_those_of_the_program() -> None:
    page = (DOCS / "reference/keys.md").read_text("utf-8")
    assert f"-->\n{markdown().strip()}\n<!-- /keys -->" in page


def test_the_make_targets_are_there() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(
            r"(?:`|^    )make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE
        ):
            assert target in rules, page
