"""`squarm man`: the manual page, made from the parser and from the console's table of actions."""

import argparse
from collections.abc import Sequence

from tui.command.options import COMMON, DEBUG, READ_ONLY
from tui.command.parser import Parser, build
from tui.console.actions import by_group, key_name

_FILES = (
    ("~/.local/share/squarm", "results, jobs, keys, the inventory, the audit log"),
    ("~/.config/squarm/slack.toml", "Slack's tokens and settings"),
    ("~/.local/state/squarm/squarm.log", "what squarm did, and what went wrong inside it"),
)
_EXITS = (
    ("0", "done"),
    ("1", "nothing found, or not done"),
    ("2", "a request that makes no sense or cannot be met"),
    ("70", "a fault of squarm's own"),
    ("130", "stopped with Ctrl-C"),
)


def add(parser: Parser) -> None:
    """Define what it does."""
    parser.set_defaults(run=man)
    parser.add_examples(("squarm man | man -l -", "read it"))


def man(_arguments: argparse.Namespace) -> int:
    """Print it, as man reads it."""
    print(manual(), end="")
    return 0


def manual() -> str:
    """The manual page in roff."""
    # Imported late, as they are needed nowhere else.
    from argparse_manpage.manpage import Manpage

    from solver import VERSION

    parser = build(grouped=False)
    examples = "\n\n".join(map(_examples, (parser, *parser.below.values()))).rstrip()
    for each in parser.all():
        each.epilog = None
        if each is not parser:
            _shorten(each)
    page = Manpage(parser, format="single-commands-section")
    page.description = "search for orthogonal Latin squares, here or on a swarm of Raspberry Pis"
    page.manual = "squarm"
    page.source = f"squarm {VERSION}"
    page.add_section("keys of the console", "=", _keys())
    page.add_section("examples", "=", f".nf\n{_roff(examples)}\n.fi")
    page.add_section("files", "=", _listed(_FILES))
    page.add_section("exit status", "=", _listed(_EXITS))
    return str(page)


def _examples(parser: Parser) -> str:
    """Those of a help, without what follows them."""
    return (parser.epilog or "").removeprefix("examples:\n").partition("\n\n")[0]


def _shorten(parser: Parser) -> None:
    """Leave out of a verb's part what stands in another part of the page already."""
    named = [str(action.metavar) for action in parser.actions if not action.option_strings]
    parser.usage = " ".join([parser.prog, "[OPTION ...]", *named])
    parser.description = ""
    for action in parser.actions:
        if action.dest in (*COMMON, READ_ONLY, DEBUG):
            action.help = argparse.SUPPRESS


def _keys() -> str:
    """A list a group: keys and command, and what they do."""
    parts = []
    for group, actions in by_group():
        rows = []
        for action in actions:
            keys = " ".join(map(key_name, action.keys))
            command = f":{action.command}" if action.command else ""
            rows.append((", ".join(filter(None, (keys, command))), action.help))
        parts.append(f".SS {_roff(group)}\n{_listed(rows)}")
    return "\n".join(parts)


def _listed(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f".TP\n.B {_roff(name)}\n{_roff(text)}" for name, text in rows)


def _roff(text: str) -> str:
    """Text in which roff sees neither a command nor an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in text.splitlines())
