"""Which engine runs the jobs: the one asked for, else the one that is found."""

import logging

from base.errors import EngineError
from swarm.docker.address import Address, BadDockerHost, Reach
from swarm.engine import Engine

_LOG = logging.getLogger(__name__)
KINDS = ("local", "swarm")


async def choose_engine(
    kind: str | None = None, *, image: str | None = None, reach: Reach | None = None
) -> Engine:
    """The engine of `kind`; without one, the swarm's if a manager is at hand, else this machine's.

    `image` is what a swarm runs the solver from. A daemon that DOCKER_HOST or Docker's context
    names is used or refused, never passed over; nor is one that ought to answer and does not.
    Raises EngineError, in one sentence with the way out.
    """
    if kind not in (None, *KINDS):
        raise EngineError(f"There is no engine {kind!r}: choose local or swarm.")
    if kind != "local" and (kind == "swarm" or _may_be_there()):
        # Imported late, here and below: nobody waits for what may not be needed.
        from swarm.docker.membership import NoManager, find_manager

        try:
            manager = await find_manager(reach=reach)
        except NoManager as error:
            if kind or error.named:
                raise
            _LOG.info("There is no swarm to run jobs on: %s", error)
        else:
            from swarm.docker.engine import SwarmEngine

            return _chosen(SwarmEngine(manager, image or ""))
    from swarm.local.engine import LocalEngine

    return _chosen(LocalEngine())


def _chosen(engine: Engine) -> Engine:
    _LOG.info("Jobs run on %s (%s)", engine.name, engine.place)
    return engine


def _may_be_there() -> bool:
    """Whether to look for Docker: most machines have not so much as a socket."""
    try:
        address = Address.find()
    except BadDockerHost as error:
        raise EngineError(str(error)) from None
    return bool(address.named) or not address.missing
