"""Docker on this machine (or where DOCKER_HOST says), and the swarm it may be part of."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from base.errors import EngineError, FleetError
from base.text import clean_text
from operations.engines import reach_docker
from swarm.docker.address import Address, BadDockerHost
from swarm.docker.client import DaemonGone, DaemonRefusal, get_json, get_list
from swarm.docker.membership import no_manager, unreachable
from swarm.docker.refusals import refused, unanswered
from tui.command.doctor.examination import Judged, broken, ok, warning

_PATIENCE = 5.0
_USELESS_YET = ("inactive", "")
"""States of a daemon that works and is in no swarm."""

T = TypeVar("T")


def docker() -> Judged:
    """Docker's version and that of its API."""
    try:
        told = _ask(lambda address: get_json(address, "/version"))
    except FileNotFoundError as error:
        # Without a swarm squarm works as well: jobs are processes.
        judge = broken if Address.find().named else warning
        return judge(unreachable(error, _where()))
    except OSError as error:
        return broken(unreachable(error, _where()))
    text = {key: clean_text(str(told.get(key, "?")), 40) for key in ("Version", "ApiVersion")}
    return ok(f"Docker {text['Version']}, API {text['ApiVersion']}, at {_where()}.")


def swarm() -> Judged:
    """What part this machine has in a swarm, and how its nodes are."""

    async def ask(address: Address) -> Judged:
        version = str((await get_json(address, "/version")).get("ApiVersion", ""))
        info = await get_json(address, "/info")
        if sentence := no_manager(info, version, _where()):
            return judge_bystander(info, sentence)
        return judge_nodes([*await get_list(address, "/nodes", {})])

    try:
        return _ask(ask)
    except OSError:
        return warning("Docker does not answer, so jobs run on this machine.")


def judge_bystander(info: Mapping[str, Any], sentence: str) -> Judged:
    """How bad it is that a daemon manages no swarm, for the reason that the sentence gives."""
    part = info.get("Swarm") or {}
    alone = part.get("LocalNodeState", "") in _USELESS_YET
    worker = part.get("LocalNodeState") == "active" and not part.get("ControlAvailable")
    return warning(sentence) if alone or worker else broken(sentence)


def judge_nodes(nodes: Sequence[Mapping[str, Any]]) -> Judged:
    """How the nodes of a swarm are that this machine manages."""
    names = {
        clean_text(str((node.get("Description") or {}).get("Hostname", "?")), 40): node
        for node in nodes
    }
    states = {name: str((node.get("Status") or {}).get("State")) for name, node in names.items()}
    down = sorted(name for name, state in states.items() if state != "ready")
    managers = sum("ManagerStatus" in node for node in nodes)
    words = f"{_count(len(nodes), 'node')}, {_count(managers, 'manager')}"
    if down:
        shown = ", ".join(down[:4]) + (f" and {len(down) - 4} more" if len(down) > 4 else "")
        return warning(f"A manager; {words}, not ready: {shown}. squarm nodes says more.")
    return ok(f"A manager; {words}, all ready.")


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _ask(ask: Callable[[Address], Awaitable[T]]) -> T:
    """What the daemon says; raises OSError where there is no connection, else EngineError."""

    async def patiently() -> T:
        async with asyncio.timeout(_PATIENCE):
            return await ask(await reach_docker(address))

    try:
        address = Address.find()
    except BadDockerHost as error:
        raise EngineError(str(error)) from None
    try:
        return asyncio.run(patiently())
    except TimeoutError:
        raise EngineError(
            f"Docker at {_where()} does not answer within {_PATIENCE:g} seconds: restart it "
            "(sudo systemctl restart docker)."
        ) from None
    except FleetError as error:
        raise EngineError(f"{_where()}: {error}") from None
    except DaemonRefusal as error:
        raise refused(str(error)) from None
    except DaemonGone as error:
        raise unanswered(address, str(error)) from None


def _where() -> str:
    return clean_text(Address.find().url, 120)
