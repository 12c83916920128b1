"""Which engine runs the jobs: the one asked for, else the one that is found."""

import logging

from base.errors import EngineError
from swarm.engine import Engine

_LOG = logging.getLogger(__name__)
KINDS = ("local", "swarm")
_PROBE_SECONDS = 1.0


async def choose_engine(kind: str | None = None, *, image: str | None = None) -> Engine:
    """The engine of `kind`; without one, the swarm's if a manager is at hand, else this machine's.

    `image` is what a swarm runs the solver from. Raises EngineError, in one sentence with the way
    out, only where a kind was asked for.
    """
    if kind not in (None, *KINDS):
        raise EngineError(f"There is no engine {kind!r}: choose local or swarm.")
    # Imported late: nobody waits for what may not be needed.
    if kind == "swarm" or (kind is None and _may_be_there()):
        from swarm.docker.membership import ANSWER_SECONDS, find_manager

        try:
            manager = await find_manager(patience=ANSWER_SECONDS if kind else _PROBE_SECONDS)
        except EngineError as error:
            if kind:
                raise
            _LOG.info("There is no swarm to run jobs on: %s", error)
        else:
            from swarm.docker.engine import SwarmEngine
            from swarm.docker.images import DEFAULT_IMAGE

            return _chosen(SwarmEngine(manager, image or DEFAULT_IMAGE))
    from swarm.local.engine import LocalEngine

    return _chosen(LocalEngine())


def _chosen(engine: Engine) -> Engine:
    _LOG.info("Jobs run on %s (%s)", engine.name, engine.place)
    return engine


def _may_be_there() -> bool:
    """Whether a look for Docker is worth the while: most machines have not so much as a socket."""
    from swarm.docker.address import Address, BadDockerHost

    try:
        return not Address.find().missing
    except (BadDockerHost, OSError):
        return False
