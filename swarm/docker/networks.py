"""The networks of jobs: one each, that leads nowhere. Every call blocks its thread."""

import random
import time
from contextlib import suppress

import docker
from docker.errors import APIError

from swarm.docker.objects import JOB, seconds

_FORMER = "squarm-closed"
"""Jobs were on it once, a bridge: Docker runs no task on one that is older than the daemon."""
_OWN_SUBNET = 200
"""Replicas of a job above which Docker's usual 254 addresses may be too few for its network."""
_SUBNETS = [f"10.{second}.0.0/16" for second in range(96, 224)]
_YOUNG_SECONDS = 600.0


def make(api: docker.APIClient, job: str, replicas: int) -> str:
    """A network of the job's own that leads nowhere; its id.

    Services take no `none`. An overlay, for a bridge of the swarm's is gone for Docker once a
    node's daemon was restarted (moby#37087); one a job, so that jobs do not see one another.
    """
    if replicas <= _OWN_SUBNET:
        return _closed(api, job, None)
    *first, last = random.sample(_SUBNETS, 8)
    for subnet in first:
        # It may be taken.
        with suppress(APIError):
            return _closed(api, job, subnet)
    return _closed(api, job, last)


def remove(api: docker.APIClient, job: str) -> None:
    """Remove the network of a job that was removed, and those that others have left.

    One still in use goes another time. A young one may be of a job that is just being made.
    """
    ours = api.networks(filters={"label": JOB, "scope": "swarm"})
    former = api.networks(names=[_FORMER])
    jobs = {
        service["Spec"].get("Labels", {}).get(JOB)
        for service in api.services(filters={"label": JOB})
    }
    for network in ours:
        whose = network.get("Labels", {}).get(JOB)
        old = time.time() - seconds(network.get("Created", "")) > _YOUNG_SECONDS
        if whose not in jobs and (whose == job or old):
            with suppress(APIError):
                api.remove_network(network["Id"])
    for network in former:
        if network["Name"] == _FORMER and network["Scope"] == "swarm":
            with suppress(APIError):
                api.remove_network(network["Id"])


def _closed(api: docker.APIClient, job: str, subnet: str | None) -> str:
    pool = [docker.types.IPAMPool(subnet=subnet)] if subnet else None
    made = api.create_network(
        job,
        driver="overlay",
        scope="swarm",
        internal=True,
        labels={JOB: job},
        ipam=docker.types.IPAMConfig(pool_configs=pool) if pool else None,
    )
    return str(made["Id"])
