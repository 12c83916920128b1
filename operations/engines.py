"""Where jobs run: the engine that a person asks for, or the one that is found."""

from swarm.choose import choose_engine
from swarm.docker.address import Address
from swarm.engine import Engine


async def open_engine(kind: str | None = None, *, image: str | None = None) -> Engine:
    """The engine of `kind`, as `choose_engine` has it, behind SSH too; raises EngineError."""
    return await choose_engine(kind, image=image, reach=reach_docker)


async def reach_docker(address: Address) -> Address:
    """A socket on this machine that leads to a Docker daemon behind SSH; raises FleetError."""
    # Imported late: few have their swarm behind SSH.
    from fleet.docker_socket import reach

    return await reach(address)
