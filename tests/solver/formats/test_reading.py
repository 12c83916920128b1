"""Squares in every way people write them, and one sentence for what is none."""

import io
import json
import subprocess
import sys
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.formats.csv_reader import HEAD
from solver.formats.notation import grid
from solver.formats.reading import Ended, Given, Item, Problem, lines_of, read
from solver.question import Question
from solver.records import Rows, SquareRecord, encode
from solver.search.units import Unit, search
from tests.examples import examples
from tests.solver.renaming import cyclic, field_set, renamed

THREE: Rows = ((0, 1, 2), (1, 2, 0), (2, 0, 1))


def items(text: str) -> list[Item]:
    return list(read(lines_of(io.BytesIO(text.encode()))))


def squares(found: Iterable[Item]) -> list[tuple[Rows, ...]]:
    return [item.squares for item in found if isinstance(item, Given)]


def sentence(text: str) -> str:
    (problem,) = (item for item in items(text) if isinstance(item, Problem))
    assert problem.sentence.startswith(f"line {problem.line}")
    assert problem.sentence.endswith(".")
    assert "\n" not in problem.sentence
    return problem.sentence


@pytest.mark.parametrize(
    "text",
    [
        "012\n120\n201\n",
        "012\r\n120\r\n201",
        "\ufeff0 1 2\n1 2 0\n2 0 1",
        "1,2,3\n2,3,1\n3,1,2\n",
        '"a";"b";"c"\n"b";"c";"a"\n"c";"a";"b"\n',
        "# mine\nABC\nBCA\nCAB\n",
        "012120201\n",
        "10 11 12 11 12 10 12 10 11\n",
        "[[0,1,2],[1,2,0],[2,0,1]]",
        "[[0, 1, 2],\n [1, 2, 0],\n [2, 0, 1]]\n",
        '["012","120","201"]',
        "[0,1,2,1,2,0,2,0,1]",
        '"012120201"',
        '{"square":["abc","bca","cab"]}',
        '{"rows":[[0,1,2],[1,2,0],[2,0,1]]}',
        f"{HEAD}\n5,3,0,0,0 1 2\n5,3,0,1,1 2 0\n5,3,0,2,2 0 1\n",
    ],
)
def test_one_square_in_many_ways(text: str) -> None:
    assert squares(items(text)) == [(THREE,)]
    assert not [item for item in items(text) if isinstance(item, Problem)]


@given(order=st.sampled_from([1, 3, 5, 7, 11, 13, 31]), seed=st.integers(0, 2**32))
@examples(40)
def test_what_squarm_prints_is_read_back(order: int, seed: int) -> None:
    pair = renamed(field_set(order, 2), seed)
    assert squares(items(grid(pair))) == [pair]
    assert squares(items(json.dumps({"id": 7, "order": order, "squares": pair}))) == [pair]
    lines = [
        f"7,{order},{which},{r},{' '.join(map(str, row))}"
        for which, square in enumerate(pair)
        for r, row in enumerate(square)
    ]
    assert squares(items("\n".join([HEAD, *lines]))) == [pair]


def test_records_come_with_their_ends_and_an_altered_one_is_said() -> None:
    records = list(search(Unit(Question(5), 2, 1), lambda: 0.0, lambda: False))
    found = items("".join(encode(record) + "\n" for record in records))
    given = [item.record for item in found if isinstance(item, Given)]
    assert given == [record for record in records if isinstance(record, SquareRecord)]
    assert isinstance(found[-1], Ended)
    altered = encode(records[0]).replace('"tried":', '"tried" :').replace("[0,1,2", "[1,0,2", 1)
    (problem,) = items(altered)
    assert isinstance(problem, Problem)
    assert problem.altered
    cut = encode(records[0])[:100] + "\n" + encode(records[1])
    first, second = items(cut)
    assert isinstance(first, Problem)
    assert isinstance(second, Given)


LIES = ("[]", "{}", "[[1]]", "null", "NaN", "-1", "9" * 400, r'"\ud800"', "true", '{"a":[]}')
"""What may stand in the place of any field."""


def test_no_field_of_an_object_can_hold_what_ends_the_reading() -> None:
    record = SquareRecord(0, 0, 3, (THREE, THREE[::-1]), "file", 1, 1)
    body = json.loads(encode(record))
    for field in body:
        for lie in LIES:
            others = {name: value for name, value in body.items() if name != field}
            line = f'{json.dumps(others)[:-1]},"{field}":{lie}}}'
            assert squares(items(f"{line}\n\n012\n120\n201\n"))[-1] == (THREE,)


def test_an_object_that_is_too_deep_is_told_in_plain_words() -> None:
    deep = '{"a":' * 20_000 + "1" + "}" * 20_000
    assert "lie too deep in one another" in sentence(deep)


def test_squares_of_all_kinds_follow_one_another() -> None:
    text = "01\n10\n012\n120\n201\n\n0110\nA0 B1 C2\nB2 C0 A1\nC1 A2 B0\n[[0]]\n0110\n"
    assert [len(one[0]) for one in squares(items(text))] == [2, 3, 2, 3, 1, 2]
    assert [len(one) for one in squares(items(text))] == [1, 1, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("012\n12\n201\n", 2, ["2 symbols, not 3"]),
        ("01\n10\n\n0123\n1230\n", 4, ["2 of 4 rows"]),
        ("01231230230\n", 1, ["n times n"]),
        (" ".join(map(str, range(300))), 1, ["300", "256"]),
        ("[[0,1],[1]]", 1, ["row 2", "1 symbols"]),
        ("[[0,1],\n[1,0]", 1, ["cut off"]),
        ("[0 1]", 1, ["1 of 2 rows"]),
        ("[[true,1],[1,null]]", 1, ["true", "no symbol"]),
        ('{"answer":42}', 1, ["no squares"]),
        (f"{HEAD}\n0,2,0,0,0 1\n", 2, ["not whole"]),
        (f"{HEAD}\n0,2,0,0,0 1 1\n0,2,0,1,1 0\n", 2, ["3 cells"]),
        (f"{HEAD}\n0,2,0,0,0 1\n0,2,0,0,1 0\n", 3, ["twice"]),
        ("A0 B1\nB0\n", 2, ["1 symbols, not 2", "alike"]),
    ],
)
def test_what_is_no_square_is_said_once_with_its_line(
    text: str, line: int, words: list[str]
) -> None:
    said = sentence(text)
    assert said.startswith(f"line {line}")
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    "bad", ["0?2\n120\n201\n", "012\n12\n\n", "0?2120201\n", "01231230230\n", "[1\n"]
)
def test_reading_goes_on_behind_what_cannot_be_read(bad: str) -> None:
    found = items(f"012\n120\n201\n{bad}" + ('{"type":"x"}\n' if bad == "[1\n" else "") + "0110\n")
    assert squares(found) == [(THREE,), (((0, 1), (1, 0)),)]


@given(st.binary(max_size=300))
@examples(200)
def test_any_bytes_are_read_without_an_accident(text: bytes) -> None:
    for item in read(lines_of(io.BytesIO(text))):
        assert not isinstance(item, Problem) or item.sentence.startswith(f"line {item.line}")


_PIECES = st.sampled_from(
    [
        *"012ab \n,;|/#.-_=:(){}[]&$\\<>\"'%*",
        "\n\n",
        "0 1 2\n",
        "012\n",
        "1 ",
        "[0,1],",
        "a1 ",
        "}\n",
    ]
)


@given(st.lists(_PIECES, max_size=80).map("".join))
@examples(1500)
def test_any_mixture_of_notations_is_read_or_told_of_in_sentences(text: str) -> None:
    for item in items(text):
        if isinstance(item, Given):
            assert item.squares
            assert all(len(row) == len(one) for one in item.squares for row in one)
        elif isinstance(item, Problem):
            assert item.sentence.startswith(f"line {item.line}")
            assert 1 <= item.line <= text.count("\n") + 1
            assert "\n" not in item.sentence


def test_brackets_that_hold_nothing_are_told_of() -> None:
    for text in ("[" * 5 + "]" * 5, "(" * 90_000 + ")" * 90_000, "[\n[\n]\n]"):
        assert sentence(f"0 1\n1 0\n\n{text}\n\n0 1\n1 0").startswith("line 4")


ENDLESS = """
import resource, sys
from solver.formats import grid_reader
from solver.formats.brackets import text_reader
from solver.formats.reading import lines_of, read

grid_reader.BLOCK_LIMIT //= 64
text_reader.LIST_LIMIT //= 64
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + 8 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (most, most))
print(sum(1 for _ in read(lines_of(sys.stdin.buffer))) >= 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ["0 0 0 1", "[[0,1,2],", "0 1 2 3 4 5\n", "some words of no square"]
)
def test_an_endless_input_is_read_in_bounded_memory(line: str) -> None:
    """A 64th of what is kept at most, and four times as much of it; kept, it needs 20 MiB."""
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS],
        input=f"{line}\n".encode() * (500_000 // (len(line) + 1)),
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"True\n", b"")


@pytest.mark.slow
def test_a_square_of_order_200_and_a_file_of_100_000_lines() -> None:
    (large,) = squares(items("\n".join(" ".join(map(str, row)) for row in cyclic(200)[0])))
    assert large == cyclic(200)
    lines = (b"0123123023013012\n" for _ in range(100_000))
    assert sum(isinstance(item, Given) for item in read(lines)) == 100_000
