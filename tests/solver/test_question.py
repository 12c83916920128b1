"""What may be asked: every impossible combination is refused in one sentence."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.question import SOURCES, Question, QuestionError, packed, unpacked
from swarm.job import JobSpec, SpecError, spec_errors


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"order": 0}, "order", "1 or more"),
        ({"order": 129}, "order", "1 to 128"),
        ({"order": 10, "mols": 3}, "mols", "open problem"),
        ({"order": 7, "mols": 7}, "mols", "cannot be more than 6"),
        ({"order": 10, "mols": 1}, "mols", "2 or more"),
        ({"order": 6, "mols": 3}, "mols", "no two squares are orthogonal"),
        ({"order": 6, "source": "random"}, "source", "has no pair"),
        ({"order": 13, "source": "random"}, "source", "orders 1 to 12"),
        ({"order": 9, "source": "exhaust"}, "source", "orders 1 to 8"),
        ({"order": 7, "source": "exhaust", "diagonal": True}, "source", "reduced"),
        ({"order": 10, "source": "magic"}, "source", "one of auto"),
        ({"order": 10, "source": "file"}, "source", "from a file"),
        ({"order": 6, "odls": True}, "odls", "No two diagonal Latin squares of order 6"),
        ({"order": 7, "source": "exhaust", "odls": True}, "source", "reduced"),
        ({"order": 2, "diagonal": True}, "diagonal", "No Latin square of order 2"),
        ({"order": 3, "self_orthogonal": True}, "self_orthogonal", "order 3"),
        ({"order": 9, "self_orthogonal": True, "mols": 3}, "mols", "leave out mols"),
        ({"order": 9, "dsodls": True}, "dsodls", "ask for both"),
        (
            {"order": 10, "dsodls": True, "diagonal": True, "self_orthogonal": True},
            "dsodls",
            "No diagonal square of order 10",
        ),
        ({"order": 9, "esodls": True}, "esodls", "ask for odls"),
        ({"order": 6, "esodls": True, "odls": True}, "odls", "No two diagonal Latin squares"),
        ({"order": 9, "esodls": True, "odls": True, "mols": 3}, "mols", "leave out mols"),
        (
            {"order": 9, "esodls": True, "odls": True, "self_orthogonal": True},
            "esodls",
            "leave out one",
        ),
        ({"order": 9, "esodls": True, "odls": True, "source": "turn"}, "source", "symmetric"),
        ({"order": 9, "self_orthogonal": True, "source": "symmetric"}, "source", "--esodls"),
        ({"order": 10, "subsquare": 6}, "subsquare", "order 2 to 5"),
        ({"order": 10, "transversals": 5505}, "transversals", "5,504"),
        ({"order": 20, "diagonal": True}, "source", "orders 1 to 12"),
        ({"order": 10, "source": "construct", "diagonal": True}, "source", "as they are"),
        ({"order": 9, "triple": True}, "triple", "--mols 3"),
        ({"order": 10, "triple": True, "diagonal": True}, "triple", "no filter"),
        ({"order": 10, "triple": True, "source": "exhaust"}, "source", "turn, random or file"),
        ({"order": 10, "source": "symmetric"}, "source", "the hunt for a triple"),
        ({"order": 7, "source": "symmetric"}, "source", "the hunt for a triple"),
        ({"order": 10, "mates": -1}, "mates", "between 0"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_sentence(
    asked: dict[str, int | str | bool], field: str, words: str
) -> None:
    with pytest.raises(QuestionError) as refused:
        Question(**asked)  # type: ignore[arg-type]
    sentence = str(refused.value)
    assert refused.value.field == field
    assert words in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    with pytest.raises(SpecError) as said, spec_errors():
        Question(**asked)  # type: ignore[arg-type]
    assert (said.value.field, str(said.value)) == (field, sentence)


@given(
    order=st.integers(-1, 60),
    mols=st.integers(0, 20),
    source=st.sampled_from(SOURCES),
    diagonal=st.booleans(),
    self_orthogonal=st.booleans(),
    subsquare=st.integers(0, 8),
    transversals=st.integers(-5, 6_000),
    triple=st.booleans(),
)
def test_any_question_is_answerable_or_refused(
    order: int,
    mols: int,
    source: str,
    diagonal: bool,
    self_orthogonal: bool,
    subsquare: int,
    transversals: int,
    triple: bool,
) -> None:
    try:
        question = Question(
            order, mols, source, 0, diagonal, self_orthogonal, subsquare, transversals, triple
        )
    except QuestionError as error:
        refused = error.field
    else:
        refused = ""
        assert question.way in SOURCES
    assert not refused or refused in Question.__dataclass_fields__


OLD = '"count":20,"seconds":0,"replicas":2,"cpus":1.0,"memory":134217728,"seed":5'


@pytest.mark.parametrize(
    ("written", "question"),
    [
        (f'{{"order":10,{OLD}}}', Question()),
        (
            f'{{"order":7,{OLD},"source":"exhaust","diagonal":false,"subsquare":3,"squares":""}}',
            Question(7, source="exhaust", mates=1, subsquare=3),
        ),
        (
            f'{{"order":3,{OLD},"source":"file","squares":"012120201","mates":0}}',
            Question(3, source="file", mates=1, squares="012120201"),
        ),
        (f'{{"order":10,"triple":true,"colour":"of a later squarm",{OLD}}}', Question(triple=True)),
    ],
)
def test_a_job_of_another_squarm_is_read_as_the_same_job(written: str, question: Question) -> None:
    assert JobSpec.from_json(written) == JobSpec(question, seed=5)


@given(
    st.sampled_from(
        [
            {"triple": True},
            {"mols": 2, "source": "turn"},
            {"subsquare": 3},
            {"order": 7, "source": "exhaust"},
        ]
    )
)
def test_a_job_is_written_as_an_older_squarm_reads_it(asked: dict[str, int | str | bool]) -> None:
    spec = JobSpec(Question(**asked), seconds=7)  # type: ignore[arg-type]
    assert JobSpec.from_json(spec.to_json()) == spec
    written = json.loads(spec.to_json())
    assert asdict(spec.question).items() <= written.items()
    assert (written["seconds"], written["order"]) == (7, spec.order)
    assert "question" not in written


def test_a_job_that_asks_what_cannot_be_answered_is_refused() -> None:
    with pytest.raises(SpecError, match="Order 129 is too large") as refused:
        JobSpec.from_json('{"order":129}')
    assert refused.value.field == "order"


@pytest.mark.parametrize(
    "text",
    [
        *(f'{{"order":10,"diagonal":{value}}}' for value in ('"yes"', "1", "null", "[true]")),
        *(
            '{"count":1.5}',
            '{"cpus":true}',
            f'{{"cpus":{10**400}}}',
            "[]",
            '"order"',
            "10",
            "",
            "{" * 100_000,
        ),
    ],
)
def test_what_is_no_job_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="not a squarm job"):
        JobSpec.from_json(text)


def test_the_user_s_squares_travel_as_text() -> None:
    square = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
    assert unpacked(packed([square, square]), 3) == [square, square]
    for text in ("012120", "012120201,", "012012201", "0121202x1"):
        with pytest.raises(QuestionError, match="no Latin square of order 3"):
            unpacked(text, 3)
