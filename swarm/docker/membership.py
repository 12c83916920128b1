"""Whether the daemon at an address is a swarm's manager; if not, one sentence says what it is."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from base.errors import EngineError, FleetError
from base.text import clean_text
from swarm.docker.address import Address, BadDockerHost, Reach
from swarm.docker.client import DaemonGone, DaemonRefusal, get_json, request

ANSWER_SECONDS = 10.0
_JOBS_VERSION = (1, 41)
"""The API of Docker 20.10, the first that knows jobs."""
_LOCALLY = "run jobs on this machine with --engine local"


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager that answered: its API `version` (such as 1.41) and what it says of itself."""

    address: Address
    version: str
    node: str
    name: str
    node_address: str
    memory: int


class NoManager(EngineError):
    """A daemon that is no manager, or none that this user may ask; `named`: who names it, or ''."""

    def __init__(self, sentence: str, named: str) -> None:
        super().__init__(sentence)
        self.named = named


async def find_manager(
    url: str | None = None, patience: float = ANSWER_SECONDS, reach: Reach | None = None
) -> Manager:
    """The manager at `url` (default: DOCKER_HOST, Docker's context, or its usual socket).

    `reach`: how one is reached that is behind SSH. Raises EngineError, in one sentence with the
    way out, where there is none within `patience` seconds; NoManager where one answers that is
    none.
    """
    try:
        address = Address.find(url)
    except BadDockerHost as error:
        raise EngineError(str(error)) from None
    if address.ssh:
        if reach is None:
            raise EngineError(f"{clean_text(address.url, 120)} is not reached from here.")
        try:
            address = await reach(address)
        except FleetError as error:
            raise EngineError(f"{clean_text(address.url, 120)}: {error}") from None
    return await ask_manager(address, patience)


async def ask_manager(address: Address, patience: float = ANSWER_SECONDS) -> Manager:
    """The manager that listens there, asked anew; raises as `find_manager` does."""
    where = clean_text(address.url, 120)
    try:
        async with asyncio.timeout(patience):
            async with request(address, "/_ping") as answer:
                version = answer.version
            info = await get_json(address, "/info")
    except TimeoutError:
        raise EngineError(
            f"Docker at {where} does not answer within {patience:g} seconds: restart it (sudo "
            f"systemctl restart docker), or {_LOCALLY}."
        ) from None
    except PermissionError as error:
        raise NoManager(unreachable(error, where), address.named) from None
    except OSError as error:
        raise EngineError(unreachable(error, where)) from None
    except (DaemonGone, DaemonRefusal) as error:
        raise EngineError(
            f"Docker at {where} cannot be used ({clean_text(str(error), 200)}): check DOCKER_HOST, "
            f"or {_LOCALLY}."
        ) from None
    if refusal := no_manager(info, version, where):
        raise NoManager(refusal, address.named)
    return _manager(address, version, info)


def unreachable(error: OSError, where: str) -> str:
    """The sentence for a daemon to which there is no connection."""
    if isinstance(error, PermissionError):
        return (
            f"Docker at {where} refuses you permission: join the group docker (sudo usermod -aG "
            f"docker $USER) and log in anew, or {_LOCALLY}."
        )
    if isinstance(error, FileNotFoundError):
        return (
            f"There is no Docker daemon at {where}: install or start it (sudo systemctl start "
            f"docker), set DOCKER_HOST, or {_LOCALLY}."
        )
    if isinstance(error, ConnectionRefusedError):
        return (
            f"Nothing answers at {where}: start Docker there (sudo systemctl start docker), or "
            f"{_LOCALLY}."
        )
    why = clean_text(error.strerror or str(error), 120)
    return f"Docker at {where} cannot be reached ({why}): check DOCKER_HOST, or {_LOCALLY}."


def no_manager(info: Mapping[str, Any], version: str, where: str) -> str:
    """Why a daemon that answered with `info` cannot run jobs, in one sentence; '' if it can."""
    swarm = info.get("Swarm") or {}
    state = swarm.get("LocalNodeState", "")
    if state == "locked":
        return f"The swarm at {where} is locked: unlock it with docker swarm unlock."
    if state == "pending":
        return f"Docker at {where} is still joining its swarm: wait a moment and try again."
    if state == "error":
        said = clean_text(swarm.get("Error", "no reason given"), 200)
        return f"Docker at {where} has lost its swarm ({said}): repair it, or {_LOCALLY}."
    if state != "active":
        return (
            f"Docker at {where} is not part of a swarm: make one with docker swarm init, or "
            f"{_LOCALLY}."
        )
    if not swarm.get("ControlAvailable"):
        return (
            f"Docker at {where} is a worker of its swarm: run squarm on a manager, or point "
            "DOCKER_HOST at one."
        )
    if _numbers(version) < _JOBS_VERSION:
        return f"Docker at {where} is too old to run jobs: squarm needs Docker 20.10 or later."
    return ""


def _manager(address: Address, version: str, info: Mapping[str, Any]) -> Manager:
    swarm = info["Swarm"]
    return Manager(
        address=address,
        version=version,
        node=clean_text(swarm.get("NodeID", ""), 64),
        name=clean_text(info.get("Name", ""), 64),
        node_address=clean_text(swarm.get("NodeAddr", ""), 64),
        memory=int(info.get("MemTotal", 0)),
    )


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()
