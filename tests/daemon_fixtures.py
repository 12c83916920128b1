"""The two daemons that the tests of one worker share, each as new for whoever asks for it."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from docker.errors import APIError

from tests.dockerd import (
    IMAGE,
    Dockerd,
    build_solver,
    daemon,
    leave_swarm,
    make_swarm,
    need_docker,
    restart,
)
from tests.waiting import wait_until

_KEPT = (IMAGE, "squarm-base:")
_NAMES = ("RepoTags", "RepoDigests")
_DOCKERS_OWN = {"bridge", "host", "none", "docker_gwbridge"}
_REMOVAL_SECONDS = 90
_NETWORK_SECONDS = 5
"""Docker's own removal of a swarm's networks takes a second; what is left then stays."""


@pytest.fixture(scope="session")
def shared_manager() -> Iterator[Dockerd]:
    need_docker()
    with daemon("manager") as running:
        build_solver(running)
        yield running


@pytest.fixture(scope="session")
def shared_daemon() -> Iterator[Dockerd]:
    need_docker()
    with daemon("plain") as running:
        yield running


@pytest.fixture
def swarm_manager(shared_manager: Dockerd) -> Iterator[Dockerd]:
    """The manager of a swarm of one node, made for this test, with the solver's image (`IMAGE`)."""
    make_swarm(shared_manager)
    yield shared_manager
    leave_nothing(shared_manager)


@pytest.fixture
def plain_daemon(shared_daemon: Dockerd) -> Iterator[Dockerd]:
    """A daemon that belongs to no swarm, unless this test makes it join one."""
    yield shared_daemon
    leave_nothing(shared_daemon)


def leave_nothing(on: Dockerd) -> None:
    """What a test has done to a daemon is undone; the solver's image stays, which takes long."""
    api = on.api()
    if api.info()["Swarm"]["LocalNodeState"] != "inactive":
        leave_swarm(on)
    _until_none(
        lambda: [one["Id"] for one in api.containers(all=True)],
        lambda container: api.remove_container(container, force=True),
    )
    try:
        _until_none(
            lambda: [one["Id"] for one in api.networks() if one["Name"] not in _DOCKERS_OWN],
            api.remove_network,
            _NETWORK_SECONDS,
        )
    except AssertionError:
        # A node that leaves a swarm just as a network of it goes may keep that one for good.
        restart(on, anew=True)
    _until_none(
        lambda: [name for name in _image_names(on) if not name.startswith(_KEPT)],
        lambda name: api.remove_image(name, force=True),
    )


def _image_names(on: Dockerd) -> list[str]:
    """Tags and digests of a daemon's images."""
    images = on.api().images()
    names = [name for one in images for key in _NAMES for name in one[key] or ()]
    return [name for name in names if not name.startswith("<none>")]


def _until_none(
    found: Callable[[], list[str]],
    remove: Callable[[str], object],
    seconds: float = _REMOVAL_SECONDS,
) -> None:
    """Docker itself goes on removing what belonged to the swarm, meanwhile."""

    def none() -> bool:
        for one in found():
            with suppress(APIError):
                remove(one)
        return not found()

    wait_until(none, seconds, found)
