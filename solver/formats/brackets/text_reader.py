"""Text in brackets over one line or many: JSON, records, lists of every language."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from solver.formats.arrays import array_flaw
from solver.formats.brackets import json_reader
from solver.formats.brackets.json_rows import JsonRows, is_row
from solver.formats.brackets.nested import depth, nested, runs_in, tree_of
from solver.formats.brackets.together import Kind, Together, cells_of, is_square
from solver.formats.cells import Reading, nearly_latin
from solver.formats.grid_reader import GridReader
from solver.formats.items import Given, Lone, Problem, Read
from solver.formats.layouts import readings
from solver.formats.lines.answers import of_cells, of_model
from solver.formats.lines.markup import plain
from solver.formats.lookalikes import meant_for, told
from solver.formats.symbols import Row, row_of
from solver.formats.unread import given
from solver.parts import Parts
from solver.records import Rows
from solver.verify import not_latin

TEXT_LIMIT = 16 * 1024 * 1024
"""Characters of one JSON text; larger ones belong on lines of their own."""
LIST_LIMIT = 2 * 1024 * 1024
"""Characters of other lists; longer ones are read line by line."""
_OBJECT = re.compile(r'\s*\[?\s*\{\s*(?:"|$)')
_GOES_ON = re.compile(r"(?<=[\w;,\])])[ \t]*\.\.\.[ \t]*\n")
_NUMBER_OF_LIST = re.compile(r"\[\[[1-9]\d*\]\]")
"""How R numbers the parts of a list: a square of order 1 only where nothing else is."""
_CYCLES = re.compile(r"[\[,]\s*\(\)\s*[,\]]")
"""The identity among the elements of a group of permutations."""
_CUT = re.compile(r"\d\\$")
_BY_COLUMNS = re.compile(
    r"\bstructure\(|\bcbind\(|\bhcat\(|^data\s+\w+\s*/|(?<![.\w])array\(c\(|\bmatrix\(c\((?!.*byrow)|(?<![.\w])reshape\((?!.*order)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
"""What R, MATLAB, Julia and Fortran fill column by column."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_OURS = re.compile(r'\{"(type|id)"')
"""How a line of JSON Lines of ours begins: what was still open before it has been cut."""
_JSON = re.compile(r'[\s\[]*(?:\{\s*"|"|\d|\[|true|false|null|-)')


_Line: TypeAlias = tuple[int, str, list[str] | None]
"""Its number, what it is, and what it says of symbols; None: that is left for later."""


class TextReader:
    """Takes line after line of a text in brackets; most are whole on one line."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._records = Parts()
        self._rows = JsonRows()
        self._together = Together()
        self._size = 0
        self._depth = 0

    @property
    def busy(self) -> bool:
        """True within a text."""
        return bool(self._lines)

    @property
    def holds(self) -> bool:
        """True where lists or objects, one a line, wait for others like them."""
        return self._together.holds

    def let_go(self) -> Iterator[Read]:
        """What was held, where something else begins."""
        yield from self._together.close()

    @staticmethod
    def opens(text: str, rows: list[str]) -> bool:
        """Whether a line, and what it says of symbols, begins a text that is more than a row."""
        if _OBJECT.match(text):
            return True
        if not rows or rows[0][0] not in "[({":
            return False
        open_, most = depth("\n".join(rows))
        return open_ > 0 or most > 1

    def feed(self, number: int, text: str, rows: list[str] | None) -> Iterator[Read]:
        """One line of a text, or a new text's first."""
        if self.busy and (_OURS.match(text) or self._cut_off(text)):
            yield from self.close()
        if not self.busy:
            self._depth = self._size = 0
        self._lines.append((number, text, rows))
        self._size += len(text)
        counted = _QUOTED.sub("", text) if self._json else "\n".join(rows or ())
        self._depth += depth(counted)[0]
        if self._depth <= 0:
            yield from self._whole()
        elif self._size > TEXT_LIMIT:
            line = self._taken()[0][0]
            yield Problem(
                line,
                f"line {line}: the JSON begun here is longer than {TEXT_LIMIT // 2**20} MiB: write "
                "one square a line.",
            )
        elif self._size > LIST_LIMIT and not self._json:
            yield from _by_lines(self._taken())

    def close(self) -> Iterator[Read]:
        """The end, or the beginning of something else."""
        yield from self._rows.close()
        yield from self._together.close()
        if not self.busy:
            return
        json_, lines = self._json, self._taken()
        if not json_:
            for item in _by_lines(lines):
                if isinstance(item, Given) and len(item.squares[0]) > 1:
                    yield item
        line = lines[0][0]
        yield Problem(
            line,
            f"line {line}: what is begun here in brackets is cut off: write it again, whole.",
            altered=_OURS.match(lines[0][1]) is not None,
        )

    def _cut_off(self, text: str) -> bool:
        """Whether an object begins where what is open can have none."""
        return text.startswith('{"') and self._lines[-1][1][-1:] not in {"", ",", "[", ":", "("}

    @property
    def _json(self) -> bool:
        return _OBJECT.match(self._lines[0][1]) is not None

    def _taken(self) -> list[_Line]:
        lines, self._lines = self._lines, []
        return lines

    def _whole(self) -> Iterator[Read]:
        lines = self._taken()
        line = lines[0][0]
        text = "\n".join(line for _, line, _ in lines)
        value, wrong = _loaded(text)
        if isinstance(value, dict) and is_row(value):
            yield from self._together.close()
            yield from self._rows.add(line, value)
            return
        if not wrong and _has_objects(value):
            alone: list[Read] = [*json_reader.items_of(line, value, self._records)]
            names: Kind = tuple(value) if isinstance(value, dict) else ()
            told = all(isinstance(one, Problem) and not one.altered for one in alone)
            if not told or not json_reader.NAMES.isdisjoint(names):
                names = ()
            tree = json_reader.tree_of(value) if names else []
            yield from self._together.add(line, [*tree], names, alone)
            return
        alone = [*self._of_lists(lines, text, value, wrong)]
        single = len(lines) == 1 and not any(map(is_square, alone))
        cells, kind = cells_of(tree_of("\n".join(lines[0][2] or ())) if single else [])
        yield from self._together.add(line, cells, kind, alone)

    def _of_lists(self, lines: list[_Line], text: str, value: object, wrong: str) -> Iterator[Read]:
        """What a text says that holds no objects."""
        line, object_ = lines[0][0], _OBJECT.match(lines[0][1]) is not None
        ours = _OURS.match(text) is not None
        rows, found = ("", []) if ours or len(text) > LIST_LIMIT else _lists(text, lines)
        if wrong and _CYCLES.search(rows):
            yield Problem(
                line,
                f"line {line}: '()' makes this a list of permutations in cycles, which is no "
                "square: write the square's rows as lists.",
            )
            return
        if found:
            yield from given([Row(line, "", ())], found)
            return
        otherwise: Iterator[Read]
        if not wrong:
            otherwise = json_reader.items_of(line, value, self._records)
        elif ours or (object_ and '"' in text):
            sentence = f"line {line}: this is no JSON ({wrong}): write it again."
            otherwise = iter([Problem(line, sentence, ours)])
        else:
            otherwise = _told(line, _by_lines(lines), _WORD.search(text) is not None)
        items = list(otherwise)
        if not any(map(_is_latin, items)):
            items = [*_nearly(line, rows)] or items
        of_list = _NUMBER_OF_LIST.fullmatch(rows)
        for item in items:
            yield item if isinstance(item, Lone) or not of_list else Lone(item)


def _lists(text: str, lines: list[_Line]) -> tuple[str, list[Reading]]:
    """What the lines say of symbols, and every way to read that as Latin squares."""
    if "] =" in text and (cells := of_cells(text)):
        return "\n".join(cells), readings([row_of(lines[0][0], row) for row in cells])
    rows = of_model(text) if "(define-fun" in text else _in_brackets(lines)
    found = nested(rows) or nested(_in_brackets(_joined(lines)))
    if "(" in text and _BY_COLUMNS.search(text):
        found = [[tuple(map(_transposed, squares)) for squares in one] for one in found]
    return rows, found


def _joined(lines: list[_Line]) -> list[_Line]:
    """The lines, a number that GAP has cut at the end of one whole."""
    whole: list[_Line] = []
    for number, text, rows in lines:
        if whole and text[:1].isdecimal() and _CUT.search(whole[-1][1]):
            line, before, _ = whole.pop()
            whole.append((line, before[:-1] + text, None))
        else:
            whole.append((number, text, rows))
    return whole


def _transposed(square: Rows) -> Rows:
    return tuple(zip(*square, strict=True))


def _nearly(line: int, rows: str) -> Iterator[Read]:
    """Lists that hardly a cell keeps from being squares, or a sentence on what is wrong in them."""
    meant = meant_for(_WORD.sub("", rows))
    if meant and nested(rows.translate({ord(char): other for char, other in meant.items()})):
        at = next(at for at, char in enumerate(rows) if char in meant)
        where = line + rows.count("\n", 0, at)
        yield Problem(where, f"line {where}: {told(rows[at], meant[rows[at]])}.")
    elif found := nested(rows, nearly_latin)[:1]:
        yield from given([Row(line, "", ())], found)
    elif runs := runs_in(rows):
        array = array_flaw([Row(line, "", tuple(chain(*runs)), len(runs[0]))])
        yield from [array] if array else []


def _in_brackets(lines: list[_Line]) -> str:
    """What the lines say of symbols, those that go on in the next joined to that."""
    rows = "\n".join("\n".join(_said(line)) for line in lines)
    return _GOES_ON.sub(" ", rows).replace("(/", "(").replace("/)", ")")


def _said(line: _Line) -> list[str]:
    _, text, rows = line
    return plain(text) if rows is None else rows


def _is_latin(item: Read) -> bool:
    return isinstance(item, Given) and not any(map(not_latin, item.squares))


def _told(line: int, items: Iterator[Read], words: bool) -> Iterator[Read]:
    """The items; where there are none, the sentence that says so."""
    found = False
    for item in items:
        found = True
        yield item
    if not found:
        said = Problem(
            line,
            f"line {line}: what stands here in brackets holds no square: write the rows of one in "
            "brackets, or a row a line.",
        )
        # Programs and sentences are full of brackets.
        yield Lone(said) if words else said


def _loaded(text: str) -> tuple[object, str]:
    """What a text of JSON says, and what keeps it from being one."""
    if not _JSON.match(text):
        return None, "it begins otherwise"
    try:
        return json.loads(text), ""
    except RecursionError:
        return None, "its lists and objects lie too deep in one another"
    except ValueError as error:
        return None, str(error).replace("\n", " ")[:60]


def _has_objects(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def _by_lines(lines: list[_Line]) -> Iterator[Read]:
    """What stands in brackets that do not say more than its lines do."""
    grid = GridReader()
    for line in lines:
        rows = _said(line)
        if not rows:
            yield from grid.close()
        for row in rows:
            yield from grid.feed(row_of(line[0], row))
    yield from grid.end()
