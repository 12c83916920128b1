"""Which images may go: never one that something needs, never one that is not the solver's."""

from hypothesis import given
from hypothesis import strategies as st

from swarm.docker.rollout.removal import removable
from swarm.docker.rollout.state import LOADED, Release, Rollout

NAME = "registry.example:5000/me/squarm-solver"
DIGESTS = [f"sha256:{number:064x}" for number in range(8)]
digests = st.sampled_from(DIGESTS)
releases = digests.map(Release)
names = st.sampled_from([NAME, "registry.example:5000/me/other", "postgres", "squarm-solver"])
held_images = st.sets(st.builds("{}@{}".format, names, digests))
needed_images = st.sets(st.builds("{}{}@{}".format, names, st.sampled_from(["", ":v1"]), digests))
rollouts = st.builds(
    Rollout,
    st.just(f"{NAME}:latest"),
    st.none() | releases,
    st.none() | releases,
    st.none() | releases,
)


def held(*digests: str) -> list[str]:
    return [f"{NAME}@{digest}" for digest in digests]


@given(rollouts, held_images, needed_images)
def test_what_goes_is_the_solvers_and_needed_by_nothing(
    rollout: Rollout, images: set[str], needed: set[str]
) -> None:
    gone = removable(rollout, images, needed)
    assert gone <= images
    assert all(image.startswith(f"{NAME}@") for image in gone)
    lost = {image.partition("@")[2] for image in gone}
    assert lost.isdisjoint(image.partition("@")[2] for image in needed)
    known = (rollout.current, rollout.previous, rollout.target)
    assert lost.isdisjoint(release.digest for release in known if release is not None)


@given(releases, releases, held_images, needed_images)
def test_whatever_else_the_solvers_repository_left_goes(
    current: Release, previous: Release, images: set[str], needed: set[str]
) -> None:
    rollout = Rollout(f"{NAME}:latest", current, previous)
    spared = {current.digest, previous.digest} | {image.partition("@")[2] for image in needed}
    old = {image for image in held(*DIGESTS) if image in images}
    expected = {image for image in old if image.partition("@")[2] not in spared}
    assert removable(rollout, images, needed) == expected


@given(held_images, needed_images)
def test_nothing_goes_until_there_are_two_to_keep(images: set[str], needed: set[str]) -> None:
    assert not removable(Rollout(f"{NAME}:latest", Release(DIGESTS[0])), images, needed)
    assert not removable(Rollout(), images, needed)


def test_a_checkpointed_jobs_image_stays_until_the_job_is_done() -> None:
    old, before, now = DIGESTS[:3]
    rollout = Rollout(f"{NAME}:latest", Release(now), Release(before))
    images = held(old, before, now)
    assert not removable(rollout, images, [f"{NAME}:latest@{old}"])
    assert removable(rollout, images, []) == set(held(old))


def test_nothing_goes_while_a_job_names_a_tag_alone() -> None:
    rollout = Rollout(f"{NAME}:latest", Release(DIGESTS[2]), Release(DIGESTS[1]))
    assert not removable(rollout, held(DIGESTS[0]), [f"{NAME}:latest"])
    assert removable(rollout, held(DIGESTS[0]), ["postgres:17"]) == set(held(DIGESTS[0]))


def test_what_is_being_tested_on_nodes_stays() -> None:
    current, before, target = (Release(digest) for digest in DIGESTS[:3])
    rollout = Rollout(f"{NAME}:latest", current, before, target)
    assert removable(rollout, held(*DIGESTS[:4]), []) == set(held(DIGESTS[3]))


def test_an_older_image_that_was_loaded_goes_as_any_other() -> None:
    current, previous = (Release(digest, loaded=True) for digest in DIGESTS[:2])
    everything = {f"{LOADED}@{digest}" for digest in DIGESTS[:3]}
    gone = removable(Rollout("", current, previous), everything, [])
    assert gone == {f"{LOADED}@{DIGESTS[2]}"}
