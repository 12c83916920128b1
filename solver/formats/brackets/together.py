"""Lists or objects, one a line, that are squares only together: a row each, or a cell each."""

from collections.abc import Iterator
from typing import TypeAlias

from solver.formats.brackets.nested import Tree, readings_of
from solver.formats.cells import nearly_latin
from solver.formats.items import Given, Problem, Read
from solver.formats.symbols import Row
from solver.formats.unread import given

Kind: TypeAlias = tuple[str, ...] | tuple[int, int]
"""The names in an object, or how many cells a list has, and how many symbols each of these."""

_MOST = 2**16
"""Objects: the cells of a square of the largest order."""


class Together:
    """Holds one after another as long as each is like the last."""

    def __init__(self) -> None:
        self._kind: Kind = ()
        self._held: list[tuple[int, Tree, list[Read]]] = []

    @property
    def holds(self) -> bool:
        """Whether something waits for what stands behind it."""
        return bool(self._held)

    def add(self, line: int, tree: Tree, kind: Kind, alone: list[Read]) -> Iterator[Read]:
        """One more; `kind` is () where it stands for itself, `alone` what it says then."""
        if not kind:
            yield from self.close()
            yield from alone
            return
        if kind != self._kind:
            yield from self.close()
        self._kind = kind
        self._held.append((line, tree, alone))
        most = kind[0] if isinstance(kind[0], int) else _MOST
        if len(self._held) == most:
            yield from self.close()

    def close(self) -> Iterator[Read]:
        """The end, or the beginning of something else."""
        held, self._held, self._kind = self._held, [], ()
        if not held:
            return
        line = held[0][0]
        trees: Tree = [tree for _, tree, _ in held]
        if len(held) > 1 and (found := readings_of(trees) or readings_of(trees, nearly_latin)[:1]):
            yield from given([Row(line, "", ())], found)
        elif len(held) > 1 and all(
            isinstance(item, Problem) for _, _, items in held for item in items
        ):
            yield Problem(
                line,
                f"line {line}: the {len(held):,} lists or objects begun here, one a line, hold no "
                "square, alone or together: write the rows of one in brackets, or a row a line.",
            )
        else:
            yield from (item for _, _, items in held for item in items)


def is_square(item: Read) -> bool:
    """Whether it is a square that is more than a part of another."""
    return isinstance(item, Given) and len(item.squares[0]) > 2


def cells_of(tree: Tree) -> tuple[Tree, Kind]:
    """The cells in a list of lists, and what others like it have; () where it is none of those."""
    while len(tree) == 1 and isinstance(inner := tree[0], list):
        tree = inner
    sizes = {len(part) if isinstance(part, list) else 0 for part in tree}
    size = sizes.pop() if len(sizes) == 1 else 0
    leaves = 1 < size < len(tree) and all(isinstance(x, str) for part in tree for x in part)
    return tree, ((len(tree), size) if leaves else ())
