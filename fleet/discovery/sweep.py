"""A sweep of the local network for SSH servers, on request only."""

import asyncio
import contextlib
import ipaddress
from collections.abc import Callable, Iterable

from base.errors import FleetError
from fleet.discovery.interface import Interface
from fleet.endpoint import SSH_PORT, Endpoint

LARGEST_PREFIX = 22
"""1,022 hosts: what a home or a school has, and 10 seconds of sweeping."""
_AT_A_TIME = 128
_PATIENCE = 1.0


class BadSweep(FleetError):
    """A range that will not be swept: one sentence, with the way out."""


def sweep_range(cidr: str, interface: Interface) -> tuple[str, ...]:
    """The addresses to try; raises BadSweep unless they are few and on the interface's network."""
    network = interface.network
    if isinstance(network, ipaddress.IPv6Network):
        raise BadSweep(
            f"{interface.name} has no IPv4 address, and a network of IPv6 has too many to be "
            "swept: add a machine that announces nothing by its address."
        )
    try:
        wanted = ipaddress.IPv4Network(cidr.strip(), strict=False)
    except ValueError:
        shown = cidr[:40].encode("ascii", "backslashreplace").decode()
        raise BadSweep(f"{shown!r} is no IPv4 range: give one like {network}.") from None
    if wanted.prefixlen < LARGEST_PREFIX:
        raise BadSweep(
            f"{wanted} holds {wanted.num_addresses:,} addresses: sweep a /{LARGEST_PREFIX} or "
            "smaller."
        )
    if not wanted.subnet_of(network):
        raise BadSweep(
            f"{wanted} is not on {interface.name}'s network {network}: only the local "
            "network is swept; add a machine elsewhere by its address."
        )
    hosts = wanted.hosts() if wanted.prefixlen < 31 else iter(wanted)
    return tuple(str(host) for host in hosts if interface.covers(str(host)))


async def sweep(
    addresses: Iterable[str], found: Callable[[Endpoint], None], port: int = SSH_PORT
) -> int:
    """Tell `found` of each address whose SSH port opens, and return how many did."""
    waiting = iter(addresses)
    opened = 0

    async def work() -> None:
        nonlocal opened
        for address in waiting:
            endpoint = Endpoint(address, port)
            if await answers(endpoint, _PATIENCE):
                opened += 1
                found(endpoint)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_A_TIME):
            group.create_task(work())
    return opened


async def answers(endpoint: Endpoint, patience: float) -> bool:
    """Whether the TCP port opens within `patience` seconds."""
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
