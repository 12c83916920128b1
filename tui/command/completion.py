"""`squarm completion`: the shells' completion of verbs and options, made from the parser itself."""

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from base import paths
from tui.command.man import manual
from tui.command.messages import say
from tui.command.parser import Parser, build, subverbs

PLACES = {
    "bash": "bash-completion/completions/squarm",
    "fish": "fish/vendor_completions.d/squarm.fish",
    "zsh": "zsh/site-functions/_squarm",
}
"""Where each shell looks for the completions of this user's programs, in ~/.local/share."""
_MANUAL = "man/man1/squarm.1"
_JOBS = "timeout 2 squarm jobs --ids 2>/dev/null"
"""No longer than somebody waits who has pressed Tab, whatever a swarm's daemon does."""
_ZSH = """\
zsh looks there once ~/.zshrc says so, before compinit: fpath=({folder} $fpath)."""


def add(parser: Parser) -> None:
    """Define what can be done."""
    action = subverbs(parser, "what to do")
    for shell in PLACES:
        action(shell, f"print the completion for {shell}", partial(print_script, shell))
    action(
        "install",
        "write all of them and the manual page to where they are looked for",
        install,
    )
    parser.add_examples(
        ("squarm completion install", "into ~/.local/share (make setup does it)"),
        ("squarm completion bash", "for a place of your own"),
    )


def print_script(shell: str, _arguments: argparse.Namespace) -> int:
    """Print the completion for a shell."""
    print(script(shell), end="")
    return 0


async def install(arguments: argparse.Namespace) -> int:
    """Write completions and manual page; raises ReadOnlyError and UsageError."""
    # Imported late: a completion is printed without.
    from operations import files
    from tui.command.front_end import perform_and_say

    shared = paths.shared()
    made: dict[str, tuple[Path, Callable[[], str]]] = {"man": (shared / _MANUAL, manual)}
    for shell, place in PLACES.items():
        made[shell] = (shared / place, partial(script, shell))
    await perform_and_say(arguments, files.install("completions and manual page", made))
    if os.environ.get("SHELL", "").endswith("zsh"):
        say(_ZSH.format(folder=(paths.shared() / PLACES["zsh"]).parent))
    return 0


def _jobs(asked: dict[str, Any]) -> dict[str, Any]:
    """How shells ask for jobs; of zsh only at a job's place: shtab has it ask when it starts."""
    function = f"_squarm_jobs() {{\n  compadd -- $({_JOBS})\n}}\n"
    preamble = {**asked["preamble"], "zsh": function}
    return {**asked, "zsh": "_squarm_jobs", "preamble": preamble}


def script(shell: str) -> str:
    """The completion for a shell."""
    # Imported late, as it is needed nowhere else.
    import shtab

    parser = build(grouped=False)
    completed = {"FILE": shtab.FILE, "JOB": _jobs(shtab.cmd(_JOBS))}
    for each in parser.all():
        for action in each.actions:
            if how := completed.get(str(action.metavar)):
                action.complete = how  # type: ignore[attr-defined] # as shtab wants it
    return f"{shtab.complete(parser, shell=shell).rstrip()}\n"
