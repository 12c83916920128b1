"""`squarm config`: the user's own settings."""

import argparse
import os
import shlex
import subprocess

from base.errors import UsageError
from tui import settings
from tui.command.messages import say
from tui.command.parser import Parser, subverbs


def add(parser: Parser) -> None:
    """Define what can be done about settings."""
    parser.set_defaults(run=show)
    action = subverbs(parser, "what to do about them", required=False)
    action("edit", "open the file in $EDITOR, then check it", edit)
    parser.add_examples(
        ("squarm config", "all settings as they are, and what they mean"),
        ("squarm config edit", "change them, and be told of mistakes"),
    )


def show(_arguments: argparse.Namespace) -> int:
    """Print all settings, as a file that could be used; raises UsageError for mistakes in it."""
    chosen = settings.read()
    print(f"# {settings.path()}\n{settings.shown(chosen)}", end="")
    return 0


def edit(arguments: argparse.Namespace) -> int:
    """Have the file edited; a new one begins with all settings as comments."""
    # Imported late: settings are shown without.
    from operations.kinds import Kind
    from tui.command.front_end import admit

    admit(arguments, Kind.WRITE_FILE)
    file = settings.path()
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not editor:
        raise UsageError(f"EDITOR is not set: set it, or edit {file} as you like.")
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(settings.shown(settings.Settings(settings.defaults())), "utf-8")
    code = subprocess.run([*editor, str(file)], check=False).returncode
    if code:
        raise UsageError(f"{editor[0]} ended with {code}: nothing was checked.")
    settings.read()
    say(f"{file} is as it should be; the console takes it at its next start.")
    return 0
