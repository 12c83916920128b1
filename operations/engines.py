"""Where jobs run: the engine that a person asks for, or the one that is found."""

from typing import TYPE_CHECKING

from base.text import clean_text
from swarm.choose import choose_engine
from swarm.docker.address import Address, BadDockerHost
from swarm.engine import Engine

if TYPE_CHECKING:
    # A verb that asks for jobs alone starts without what provisions.
    from provision.inventory import Host

_SSH = 22


async def open_engine(kind: str | None = None, *, image: str | None = None) -> Engine:
    """The engine of `kind`, as `choose_engine` has it, behind SSH too; raises EngineError."""
    return await choose_engine(kind, image=image, reach=reach_docker)


async def reach_docker(address: Address) -> Address:
    """A socket on this machine that leads to a Docker daemon behind SSH; another as it is.

    Raises FleetError.
    """
    if not address.ssh:
        return address
    # Imported late: few have their swarm behind SSH, and asyncssh takes long to load.
    from fleet.docker_socket import reach

    return await reach(address)


def way_to_swarm(master: "Host") -> str:
    """By which way squarm here talks to the swarm of this master, in one sentence."""
    try:
        address = Address.find()
    except BadDockerHost as error:
        return f"squarm here does not see the swarm: {error}"
    if address.named and address.host == master.address:
        by = "SSH" if address.ssh else "TCP"
        return f"squarm here talks to the swarm by {by} through {master.name} ({address.named})."
    if address.named:
        return f"squarm here talks to Docker at {clean_text(address.url, 120)} ({address.named})."
    if master.local:
        return "squarm here talks to the swarm by Docker's socket on this machine."
    host = f"[{master.address}]" if master.endpoint.is_ipv6 else master.address
    port = "" if master.port == _SSH else f":{master.port}"
    leads = f"DOCKER_HOST=ssh://{master.user}@{host}{port}"
    return f"squarm here does not see the swarm yet: q, then {leads} squarm."
