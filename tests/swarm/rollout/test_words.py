"""What registries and tasks say, and what is made of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from swarm.docker.images import Image, last_known, pulled_digest, repository
from swarm.docker.objects import Json
from swarm.docker.rollout import self_tests, state
from swarm.docker.rollout.history import RolloutHistory, events
from swarm.docker.rollout.plan import Outcome, SelfTest
from swarm.docker.rollout.registry import EVERY, refusal
from swarm.docker.rollout.state import Release

NAME = "ghcr.io/me/squarm-solver:latest"
DIGEST = f"sha256:{'a' * 64}"
NODE = "2u7mnlaaj1ittdimb2jn4tg2o"


@pytest.mark.parametrize(
    ("text", "said", "wait"),
    [
        ("toomanyrequests: You have reached your pull rate limit.", "too often", 3600),
        ("received unexpected HTTP status: 429 Too Many Requests", "too often", 3600),
        (
            "errors:\ndenied: requested access to the resource is denied\nunauthorized:",
            "login",
            3600,
        ),
        (
            (
                "x509: certificate has expired or is not yet valid: current time "
                "2024-01-01T00:00:00Z is before 2026-01-01T00:00:00Z"
            ),
            "timedatectl",
            60,
        ),
        (
            (
                "x509: certificate has expired or is not yet valid: current time "
                "2027-01-01T00:00:00Z is after 2026-01-01T00:00:00Z"
            ),
            "has expired",
            EVERY,
        ),
        ("manifest unknown: manifest unknown", "no image of that name", EVERY),
        ("dial tcp 10.0.0.1:5000: connect: connection refused", "does not answer", EVERY),
        ("Read timed out. (read timeout=30)", "does not answer", EVERY),
        ("http: server gave HTTP response to HTTPS client", "insecure-registries", EVERY),
        ("a \x1b[31mstranger\x1b[0m thing", "fails (a", EVERY),
    ],
)
def test_what_a_registry_says_no_with(text: str, said: str, wait: float) -> None:
    error = refusal(NAME, text)
    assert said in str(error)
    assert NAME in str(error)
    assert "\x1b" not in str(error)
    assert error.wait == wait


def service(**changes: object) -> Json:
    made = self_tests.service(Image(f"{NAME}@{DIGEST}"), NODE, DIGEST, "net")
    return {"ID": "s1", "CreatedAt": "2026-11-28T12:00:00Z", "Spec": made} | changes


def read_test(*statuses: tuple[str, str]) -> SelfTest:
    tasks = [
        {"ServiceID": "s1", "Status": {"State": said, "Err": error}} for said, error in statuses
    ]
    (test,) = self_tests.read([service()], tasks, 1_795_867_260.0)
    assert (test.node, test.digest) == (NODE, DIGEST)
    return test


def outcome(*statuses: tuple[str, str]) -> tuple[Outcome, str]:
    test = read_test(*statuses)
    return test.outcome, test.why


def test_how_a_self_test_is() -> None:
    no_image = ("rejected", f"No such image: {NAME}")
    assert outcome() == (Outcome.UNDER_WAY, "not begun")
    assert outcome(("preparing", "")) == (Outcome.UNDER_WAY, "preparing")
    assert outcome(no_image, ("complete", "")) == (Outcome.PASSED, "")
    # A registry may be busy: a few rejections are no failure yet, and say what holds it up.
    assert outcome(no_image, ("preparing", ""))[0] is Outcome.UNDER_WAY
    assert "No such image" in outcome(no_image)[1]
    assert outcome(no_image, no_image, no_image)[0] is Outcome.FAILED
    for error, hint in (
        ("task: non-zero exit (1)", "self-test fails (non-zero exit (1))"),
        ("task: non-zero exit (159)", "a program of 64 bits on a system of 32"),
        ("exec /usr/bin/python3: exec format error", "another platform"),
        ("write /var/lib: no space left on device", "its card is full"),
    ):
        came, why = outcome(("failed", error))
        assert came is Outcome.FAILED
        assert hint in why


def test_a_node_that_pulls_is_told_from_one_that_tests() -> None:
    rejected = ("rejected", f"No such image: {NAME}")
    assert not read_test(rejected, ("preparing", "")).pulled
    assert read_test(rejected, ("running", "")).pulled


def test_what_it_wrote_itself_is_said() -> None:
    (test,) = self_tests.read([service()], [], 0.0)
    test = replace(test, why="its self-test fails")
    said = self_tests.with_words(test, b"first\nsolver: FAILED, \x1b[31morder 6\xff\n\n")
    assert said.why.startswith("its self-test fails: solver: FAILED, ")
    assert "\x1b" not in said.why
    assert self_tests.with_words(test, b"\n") == test


def test_a_self_test_is_no_job_and_no_job_runs_from_what_is_only_tested() -> None:
    spec = service()["Spec"]
    assert spec["Mode"]["ReplicatedJob"]["TotalCompletions"] == 1
    assert spec["TaskTemplate"]["ContainerSpec"]["Args"] == ["--self-test"]
    assert spec["TaskTemplate"]["ContainerSpec"]["CapabilityDrop"] == ["ALL"]
    assert f"node.id=={NODE}" in spec["TaskTemplate"]["Placement"]["Constraints"]
    assert len(spec["Name"]) <= 63
    assert not self_tests.read([{"ID": "s2", "Spec": {"Labels": {}}}], [], 0.0)


def test_images_are_told_by_the_name_that_they_were_pulled_by() -> None:
    assert repository("10.0.0.1:5000/squarm-solver:1") == "10.0.0.1:5000/squarm-solver"
    assert repository(f"{NAME}@{DIGEST}") == "ghcr.io/me/squarm-solver"
    # As Docker lists what came from its Hub.
    assert repository("docker.io/me/squarm-solver:1") == "me/squarm-solver"
    assert repository("index.docker.io/library/squarm-solver") == "squarm-solver"
    inspected = {"RepoDigests": [f"10.0.0.1:5000/squarm-solver@{DIGEST}"]}
    assert pulled_digest("10.0.0.1:5000/squarm-solver:1", inspected) == DIGEST
    assert pulled_digest("squarm-solver:1", inspected) == ""
    assert pulled_digest("squarm-solver:1", {}) == ""


def test_the_newest_job_tells_what_a_name_was_last() -> None:
    def job(created: str, image: str) -> Json:
        template = {
            "ContainerSpec": {"Image": image},
            "Placement": {"Platforms": [{"OS": "linux", "Architecture": created}]},
        }
        return {"CreatedAt": created, "Spec": {"TaskTemplate": template}}

    jobs = [
        job("2026-11-27", f"{NAME}@{DIGEST}"),
        job("2026-11-28", f"{NAME}@sha256:{'b' * 64}"),
        job("2026-11-29", NAME),
        job("2026-11-30", f"other:1@{DIGEST}"),
    ]
    found = last_known(NAME, jobs)
    assert found is not None
    assert found.reference.endswith("b" * 64)
    assert found.platforms == ({"OS": "linux", "Architecture": "2026-11-28"},)
    assert last_known("ghcr.io/me/none:1", jobs) is None


def test_history_tells_what_happened_newest_first(tmp_path: Path) -> None:
    history = RolloutHistory(tmp_path / "images.sqlite3", lambda: 5.0)
    assert history.newest(5) == []
    nothing = state.Rollout()
    begun = state.seen(state.followed(NAME), Release(DIGEST))
    history.note(nothing, begun)
    history.note(begun, begun)
    done = replace(begun, target=None, current=begun.target)
    history.note(begun, done)
    told = [(event.event, event.image) for event in history.newest(2)]
    assert told == [("rolled out", f"{NAME}@{DIGEST}"), ("begun", f"{NAME}@{DIGEST}")]
    assert [event.event for event in history.newest(9)][-1] == "followed"
    history.note(done, nothing)
    (last,) = history.newest(1)
    assert (last.event, last.image) == ("unfollowed", NAME)


def test_history_names_what_was_loaded_as_jobs_do() -> None:
    begun = state.loaded(state.Rollout(), Release(DIGEST, loaded=True), {})
    assert events(state.Rollout(), begun) == [("begun", f"{state.LOADED}@{DIGEST}", "")]
    assert events(begun, state.Rollout()) == [("unfollowed", state.LOADED, "")]
