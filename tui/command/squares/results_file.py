"""`squarm results export`, `import`, `check`, `restore`: the results file as a whole.

What they need is imported late: who lists results does without.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from base.errors import UsageError
from base.text import count_text
from results.result import Result, Unreadable
from results.store import Store, default_path
from tui.command.messages import Progress, say
from tui.command.options import add_yes
from tui.command.parser import Parser, subverbs
from tui.command.squares.formats import writer
from tui.command.squares.square_files import add_file, mols, squares_in
from tui.command.squares.which_results import add_which, is_chosen, newest, read_order

_PAGE = 500
_FORMATS = {".jsonl": "json", ".json": "json", ".csv": "csv"}


def add_actions(parser: Parser) -> None:
    """Define what can be done with all results at once."""
    action = subverbs(parser, "the results file as a whole", required=False)
    exporting = action("export", "write what is kept, all or some, to a file", export)
    exporting.add_argument("file", metavar="FILE", help="its name ends in .jsonl or .csv")
    add_which(exporting, behind=True)
    add_yes(exporting)
    add_file(action("import", "keep the squares of a file, once they are verified", import_))
    action("check", "verify the file and every square in it", check)
    restoring = action("restore", "put a copy in the file's place, which is kept", restore)
    restoring.add_argument("copy", metavar="COPY", nargs="?", default="", help="a results file")
    add_yes(restoring)


@dataclass(slots=True)
class _Lines:
    """Results as a file has them: how many were `written`, how many have no place there."""

    style: str
    progress: Progress
    written: int = 0
    left_out: int = 0

    def of(self, results: Iterable[Result]) -> Iterator[str]:
        """What is written, one result after the other."""
        form = writer(self.style)
        for result in results:
            # A row of CSV has no room for what a triple claims.
            if self.style == "csv" and result.covered is not None:
                self.left_out += 1
                continue
            self.written += 1
            if self.written % _PAGE == 0:
                self.progress.show(f"{self.written:,} written")
            yield form.result(result)


async def export(arguments: argparse.Namespace) -> int:
    """Write what is kept to a file, whole or not at all: 1 where the user does not want it."""
    from operations.files import write
    from operations.kinds import Kind
    from tui.command.front_end import admit, perform

    admit(arguments, Kind.WRITE_FILE)
    path = Path(arguments.file)
    style = _FORMATS.get(path.suffix)
    if style is None:
        raise UsageError(f"{path} ends neither in .jsonl nor in .csv: name it so.")
    order = read_order(arguments)
    with Store.open(arguments.results, read_only=True) as store, Progress() as progress:
        some = is_chosen(arguments)
        lost: list[Unreadable] = []
        results = newest(store, arguments, order, _PAGE) if some else _everything(store, lost)
        first = next(results, None)
        if first is None:
            raise UsageError(f"There are no such results in {store.path}: {path} is not written.")
        lines = _Lines(style, progress)
        writing = write(path, lambda: lines.of(chain((first,), results)))
        done = await perform(arguments, writing)
        if done is None:
            return 1
        proofs, counts = (0, 0) if some else store.other_findings()
    print(done.sentence)
    print(f"{count_text(lines.written, 'set is', 'sets are')} in it.")
    if lost:
        say(f"{len(lost):,} cannot be read any more and are not: squarm results check names them.")
    if lines.left_out:
        triples = count_text(lines.left_out, "triple is", "triples are")
        say(f"{triples} not: CSV cannot tell how near they are, .jsonl can.")
    if proofs or counts:
        said = (
            f"proofs: {proofs:,}" if proofs else "",
            f"counts of mates: {counts:,}" if counts else "",
        )
        what = ", ".join(filter(None, said))
        say(f"Not in it, for they are no sets ({what}): a copy of {store.path} has them too.")
    return 0


def _everything(store: Store, lost: list[Unreadable]) -> Iterator[Result]:
    """Oldest first, so that who imports it has all in the same order; adds to what is `lost`."""
    after = 0
    while page := store.everything(_PAGE, after):
        for result in page:
            if isinstance(result, Unreadable):
                lost.append(result)
            else:
                yield result
        after = page[-1].id


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
    sound = (
        "the file is sound" if not wrong else f"{count_text(wrong, 'thing is', 'things are')} wrong"
    )
    print(f"{path}: {count_text(checked, 'result')} verified, {sound}.")
    if wrong:
        say("squarm results restore puts a copy in its place; jobs are collected again.")
    return 1 if wrong else 0


async def restore(arguments: argparse.Namespace) -> int:
    """Put a copy in the place of the results file, after asking."""
    from operations import results
    from operations.kinds import Kind
    from results.copies.backup import copies, default_folder
    from tui.command.front_end import admit, perform_and_say

    admit(arguments, Kind.RESTORE_RESULTS)
    if not arguments.copy:
        there = copies(default_folder())
        which = f"the newest is {there[0]}" if there else f"there are none in {default_folder()}"
        raise UsageError(f"Say which copy: {which}.")
    path = arguments.results or default_path()
    with Progress() as progress:
        restoring = results.restore(
            path, Path(arguments.copy), lambda count: progress.show(f"{count:,} verified")
        )
    return await perform_and_say(arguments, restoring)
