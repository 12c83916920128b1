"""`squarm results export`, `import`, `check`, `restore`: the results file as a whole.

What they need is imported late: who lists results does without.
"""

import argparse
from pathlib import Path

from base.errors import UsageError
from base.safe_file import replacing
from results.store import Store, default_path
from tui.command.messages import Progress, say
from tui.command.options import add_yes
from tui.command.parser import Parser, subverbs
from tui.command.squares.formats import writer
from tui.command.squares.square_files import add_file, mols, squares_in

_PAGE = 500
_FORMATS = {".jsonl": "json", ".json": "json", ".csv": "csv"}


def add_actions(parser: Parser) -> None:
    """Define what can be done with all results at once."""
    action = subverbs(parser, "the results file as a whole", required=False)
    exporting = action("export", "write all that is kept to a file", export)
    exporting.add_argument("file", metavar="FILE", help="its name ends in .jsonl or .csv")
    add_file(action("import", "keep the squares of a file, once they are verified", import_))
    action("check", "verify the file and every square in it", check)
    restoring = action("restore", "put a copy in the file's place, which is kept", restore)
    restoring.add_argument("copy", metavar="COPY", nargs="?", default="", help="a results file")
    add_yes(restoring)


def export(arguments: argparse.Namespace) -> int:
    """Write everything to a file, whole or not at all; raises UsageError, StoreError."""
    path = Path(arguments.file)
    style = _FORMATS.get(path.suffix)
    if style is None:
        raise UsageError(f"{path} ends neither in .jsonl nor in .csv: name it so.")
    form, after, written, left_out = writer(style), 0, 0, 0
    with (
        Store.open(arguments.results, read_only=True) as store,
        Progress() as progress,
        replacing(path) as file,
    ):
        while page := store.everything(_PAGE, after):
            for result in page:
                # A row of CSV has no room for what a triple claims.
                if style == "csv" and result.covered is not None:
                    left_out += 1
                    continue
                file.write(form.result(result))
                written += 1
            after = page[-1].id
            progress.show(f"{written:,} written")
    print(f"{written:,} sets are in {path}.")
    if left_out:
        say(f"{left_out:,} triples are not: CSV cannot tell how near they are, .jsonl can.")
    return 0


async def import_(arguments: argparse.Namespace) -> int:
    """Keep what is sound in a file: 1 where something is not."""
    from operations.kinds import Kind
    from operations.results import bring_in
    from tui.command.front_end import admit, perform

    admit(arguments, Kind.IMPORT_RESULTS)
    name = arguments.file
    with (
        Store.open(arguments.results) as store,
        squares_in(name, mols(arguments.mols), Progress()) as items,
    ):
        done = await perform(arguments, bring_in(store, name, items, say))
    if done is None:
        return 1
    print(done.sentence)
    return 1 if done.value else 0


def check(arguments: argparse.Namespace) -> int:
    """Verify everything: 1 where something is wrong."""
    from results.store.check import flaws

    wrong = checked = 0
    with Store.open(arguments.results, read_only=True) as store, Progress() as progress:
        for told in flaws(store):
            if isinstance(told, int):
                checked = told
                progress.show(f"{checked:,} verified")
            else:
                wrong += 1
                progress.clear()
                say(told)
        path = store.path
    sound = "the file is sound" if not wrong else f"{wrong:,} things are wrong"
    print(f"{path}: {checked:,} results verified, {sound}.")
    if wrong:
        say("squarm results restore puts a copy in its place; jobs are collected again.")
    return 1 if wrong else 0


async def restore(arguments: argparse.Namespace) -> int:
    """Put a copy in the place of the results file, after asking."""
    from operations import results
    from operations.kinds import Kind
    from results.backup import copies, default_folder
    from tui.command.front_end import admit, perform_and_say

    admit(arguments, Kind.RESTORE_RESULTS)
    if not arguments.copy:
        there = copies(default_folder())
        which = f"the newest is {there[0]}" if there else f"there are none in {default_folder()}"
        raise UsageError(f"Say which copy: {which}.")
    path = arguments.results or default_path()
    return await perform_and_say(arguments, results.restore(path, Path(arguments.copy)))
