"""Which engine is chosen, and what is said where the swarm that was asked for is not there."""

import asyncio
import hashlib
import multiprocessing
import os
import socket
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from base.errors import EngineError
from swarm.choose import choose_engine
from swarm.docker import address
from swarm.docker.address import Address
from swarm.docker.membership import find_manager, no_manager
from tests.dockerd import CABLE, Dockerd, joined
from tests.swarm.relay import relay_to

ACTIVE = {"LocalNodeState": "active", "ControlAvailable": True}


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def listening() -> Iterator[Path]:
    """A socket that takes connections and never says a word."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as silent:
        path = Path(folder) / "silent.sock"
        silent.bind(str(path))
        silent.listen()
        yield path


async def refusal(kind: str | None = "swarm") -> str:
    with pytest.raises(EngineError) as caught:
        await choose_engine(kind)
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


async def test_local_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    engine = await choose_engine("local")
    assert engine.name == "local"
    await engine.close()


@pytest.mark.parametrize("kind", [None, "swarm"])
@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("unix:///nowhere/docker.sock", "There is no Docker daemon at unix:///nowhere/docker.sock"),
        ("nonsense", "'nonsense' is no address of a Docker daemon that squarm can use"),
        ("tcp://127.0.0.1:1", "Nothing answers at tcp://127.0.0.1:1: start Docker there"),
        ("ssh://pi:secret@127.0.0.1", "is no address of a Docker daemon"),
        ("tcp://\udcff:2375", "is no address of a Docker daemon"),
        (f"tcp://{'a' * 300}.local:2375", "is no address of a Docker daemon"),
        ("ssh://pi@a..b", "is no address of a Docker daemon"),
    ],
)
async def test_what_docker_host_names_is_never_passed_over(
    kind: str | None, host: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert words in await refusal(kind)


async def test_a_context_is_never_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    # No name that a file could have: half a character.
    (tmp_path / "config.json").write_text(r'{"currentContext": "\ud800"}')
    assert r"Docker's context '\ud800' cannot be read" in await refusal(None)
    (tmp_path / "config.json").write_text('{"currentContext": "desk"}')
    assert "Docker's context 'desk' cannot be read" in await refusal(None)
    folder = tmp_path / "contexts" / "meta" / hashlib.sha256(b"desk").hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(
        '{"Name": "desk", "Endpoints": {"docker": {"Host": "tcp://127.0.0.1:1"}}}'
    )
    assert "Nothing answers at tcp://127.0.0.1:1" in await refusal(None)
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert not Address.find().named


@pytest.mark.parametrize("text", ["", "{", "[]", '{"currentContext": {}}', "[" * 20_000])
async def test_settings_that_may_name_a_context_are_never_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    config = tmp_path / "config.json"
    config.write_text(text)
    assert f"{config} cannot be read, in which Docker's context may be named" in await refusal(None)
    config.unlink()
    # Nobody writes to it: who opens it waits.
    os.mkfifo(config)
    assert f"{config} cannot be read" in await refusal(None)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert "Nothing answers" in await refusal(None)


@pytest.mark.slow
async def test_a_daemon_that_is_slow_is_waited_for_and_then_said_so(
    listening: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{listening}")
    assert "does not answer within 10 seconds: restart it" in await refusal(None)


async def test_another_name_is_no_engine() -> None:
    assert "choose local or swarm" in await refusal("cloud")


async def test_a_missing_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    said = await refusal()
    assert said.startswith("There is no Docker daemon at unix:///nowhere/docker.sock: install or")


async def test_a_socket_nobody_listens_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    assert (await refusal()).startswith(f"Nothing answers at unix://{path}: start Docker")


async def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "http://10.0.0.5")
    assert "no address of a Docker daemon" in await refusal()


async def test_a_daemon_that_does_not_answer(listening: Path) -> None:
    with pytest.raises(EngineError, match=r"does not answer within 0\.2 seconds: restart it"):
        await find_manager(f"unix://{listening}", patience=0.2)


def test_permission_refused(listening: Path) -> None:
    """Root is permitted everything, so a child asks that has become nobody."""
    listening.chmod(0o600)
    listening.parent.chmod(0o755)
    if os.geteuid() != 0:
        listening.chmod(0)
    ours, childs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=ask_as_nobody, args=(listening, childs)
    )
    child.start()
    said = ours.recv() if ours.poll(20) else "nothing"
    child.join()
    assert said.startswith(f"Docker at unix://{listening} refuses you permission: join the group")


def ask_as_nobody(path: Path, answer: Connection) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    try:
        asyncio.run(find_manager(f"unix://{path}"))
    except EngineError as error:
        answer.send(str(error))


@pytest.mark.parametrize(
    ("swarm", "version", "words"),
    [
        ({"LocalNodeState": "inactive"}, "1.41", "is not part of a swarm: make one with docker"),
        ({}, "1.41", "is not part of a swarm"),
        ({"LocalNodeState": "locked"}, "1.41", "is locked: unlock it with docker swarm unlock"),
        ({"LocalNodeState": "pending"}, "1.41", "is still joining its swarm: wait a moment"),
        ({"LocalNodeState": "error", "Error": "x \x1b[31my"}, "1.41", "has lost its swarm (x y)"),
        ({"LocalNodeState": "active"}, "1.41", "is a worker of its swarm: run squarm on a manager"),
        (ACTIVE, "1.40", "is too old to run jobs: squarm needs Docker 20.10 or later"),
        (ACTIVE, "", "is too old to run jobs"),
    ],
)
def test_what_a_daemon_says_of_its_swarm(swarm: dict[str, str], version: str, words: str) -> None:
    assert words in no_manager({"Swarm": swarm}, version, "unix:///x")


@pytest.mark.parametrize("version", ["1.41", "1.52"])
def test_a_manager_will_do(version: str) -> None:
    assert not no_manager({"Swarm": ACTIVE}, version, "unix:///x")


@pytest.mark.docker
@pytest.mark.timeout(600)
async def test_a_manager_is_found(swarm_manager: Dockerd, monkeypatch: pytest.MonkeyPatch) -> None:
    async with relay_to(swarm_manager.socket) as (_, host):
        for url in (swarm_manager.host, host):
            monkeypatch.setenv("DOCKER_HOST", url)
            for kind in (None, "swarm"):
                engine = await choose_engine(kind)
                assert engine.name == "swarm"
                (node,) = await engine.nodes()
                assert (node.role, node.availability, node.state) == ("leader", "active", "ready")
                assert node.here
                assert node.cpu_used is not None
                assert 0 < (node.memory_used or 0) < node.memory
                await engine.close()


@pytest.mark.docker
@pytest.mark.timeout(600)
async def test_a_daemon_without_a_swarm_and_a_worker(
    swarm_manager: Dockerd, plain_daemon: Dockerd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", plain_daemon.host)
    for kind in ("swarm", None):
        assert "is not part of a swarm: make one with docker swarm init" in await refusal(kind)
    # One that nobody names is looked at, and no swarm is needed.
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setattr(address, "DEFAULT_HOST", plain_daemon.host)
    engine = await choose_engine()
    assert engine.name == "local"
    await engine.close()
    with joined(plain_daemon, swarm_manager):
        assert "is a worker of its swarm: run squarm on a manager" in await refusal()
        monkeypatch.setenv("DOCKER_HOST", swarm_manager.host)
        engine = await choose_engine("swarm")
        worker = next(node for node in await engine.nodes() if node.role == "worker")
        assert worker.address == CABLE[1]
        assert not worker.here
        await engine.close()
