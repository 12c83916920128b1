"""`squarm config`: the user's own settings."""

import argparse
import os
import shlex

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


async def edit(arguments: argparse.Namespace) -> int:
    """Have the file edited; a new one begins with all settings as comments."""
    # Imported late: settings are shown without.
    from operations import files
    from operations.kinds import Kind
    from tui.command.front_end import admit, perform

    admit(arguments, Kind.WRITE_FILE)
    file = settings.path()
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not editor:
        raise UsageError(f"EDITOR is not set: set it, or edit {file} as you like.")
    editing = files.edit(file, _all_as_comments, editor, settings.read)
    if done := await perform(arguments, editing):
        say(f"{done.sentence} The console takes it at its next start.")
    return 0


def _all_as_comments() -> str:
    return settings.shown(settings.UserSettings(settings.defaults()))
