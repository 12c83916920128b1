"""What a swarm's manager is asked and told, by the docker SDK; every call blocks its thread."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple, Unpack

import docker
from docker.errors import APIError, DockerException, NotFound

from swarm import services
from swarm.docker_http import Address
from swarm.engine import EngineError, JobView, NodeView, clean_text
from swarm.images import Image, from_node, from_registry
from swarm.membership import Manager
from swarm.services import Json, SwarmJob
from swarm.swarm_nodes import load_of_this_host, node_view, told_apart

NETWORK = "squarm-closed"
"""Made once in a swarm: a bridge on each node that leads nowhere. Services take no `none`."""

_UPDATE_ATTEMPTS = 5
_CONFLICT = 409

CALL_SECONDS = 30
"""A Pi that has sixty tasks to start has little time for anyone who asks."""

_ACTIVE = ("assigned", "accepted", "preparing", "ready", "starting", "running")
"""States of a task that its node still has to do with."""

_T = TypeVar("_T")
_Given = TypeVarTuple("_Given")


@dataclass(frozen=True, slots=True)
class Listing:
    """The swarm's jobs, their tasks by service, and its nodes, at one moment."""

    jobs: Mapping[str, SwarmJob]
    tasks: Mapping[str, Sequence[Json]]
    nodes: Mapping[str, NodeView]

    def view(self, job: SwarmJob) -> JobView:
        """One of the jobs as squarm shows it."""
        return services.job_view(job, self.tasks, self.nodes)


class ManagerApi:
    """The docker SDK's client for `manager`; raises what the SDK raises, see `sentence`."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._api = docker.APIClient(
            base_url=manager.address.url,
            version=manager.version,
            timeout=CALL_SECONDS,
            tls=_tls(manager.address),
        )
        self._settled: dict[tuple[str, int], Sequence[Json]] = {}

    def listing(self) -> Listing:
        """Everything of squarm's in the swarm."""
        jobs = services.find_jobs(self._api.services(filters={"label": services.JOB}))
        nodes = self.nodes()
        listed = [service for job in jobs for service in job.services]
        return Listing(
            jobs={job.id: job for job in jobs},
            tasks=self._tasks(listed),
            nodes={node.id: node for node in nodes},
        )

    def nodes(self) -> tuple[NodeView, ...]:
        """The swarm's nodes; the one squarm runs on with its load."""
        here = load_of_this_host(self._manager)
        return told_apart([node_view(node, here) for node in self._api.nodes()])

    def tasks_on(self, node: str) -> int:
        """How many tasks a node has not done with yet."""
        tasks = self._api.tasks(filters={"node": node})
        return sum(task.get("Status", {}).get("State") in _ACTIVE for task in tasks)

    def change_node(self, node: str, availability: str, role: str) -> None:
        """Set a node's availability or role; '' leaves it as it is."""
        for attempt in range(_UPDATE_ATTEMPTS):
            current = self._api.inspect_node(node)
            wanted = {"Availability": availability, "Role": role}
            spec: Any = {**current["Spec"], **{key: said for key, said in wanted.items() if said}}
            try:
                self._api.update_node(node, current["Version"]["Index"], spec)
            except APIError as error:
                if not _overtaken(error) or attempt == _UPDATE_ATTEMPTS - 1:
                    raise
            else:
                return

    def remove_node(self, node: str) -> None:
        """Take a node off the list, also one that only just left; one that is gone is fine."""
        try:
            self._api.remove_node(node, force=True)
        except NotFound:
            return

    def _tasks(self, listed: Sequence[Json]) -> dict[str, Sequence[Json]]:
        """The tasks of services; those of a service that is over are not asked for again."""
        tasks: dict[str, Sequence[Json]] = {}
        asked: dict[str, list[Json]] = {}
        for service in listed:
            if (key := _key(service)) in self._settled:
                tasks[service["ID"]] = self._settled[key]
            else:
                asked[service["ID"]] = []
        if asked:
            for task in self._api.tasks(filters={"service": [*asked]}):
                asked[task["ServiceID"]].append(task)
            tasks.update(asked)
        self._settled = {
            _key(service): tasks[service["ID"]]
            for service in listed
            if services.settled(service, tasks[service["ID"]])
        }
        return tasks

    def image(self, reference: str) -> Image:
        """The image that a new job is to run from; raises EngineError where there is none."""
        local = self._local_image(reference)
        if local is not None and not local.get("RepoDigests"):
            return from_node(reference, local, self._manager.node)
        try:
            return from_registry(reference, self._api.inspect_distribution(reference))
        except (OSError, DockerException) as error:
            if local is not None:
                return from_node(reference, local, self._manager.node)
            name = clean_text(reference, 120)
            raise EngineError(
                f"There is no image {name} on this manager, and no registry gives it "
                f"({sentence(error)[:120]}): build it with docker build -f Dockerfile.solver "
                f"-t {name} ."
            ) from None

    def network(self) -> str:
        """The id of the network that leads nowhere, made where it is missing."""
        for _ in range(2):
            for network in self._api.networks(names=[NETWORK]):
                if network["Name"] == NETWORK and network["Scope"] == "swarm":
                    return str(network["Id"])
            try:
                self._api.create_network(NETWORK, driver="bridge", scope="swarm", internal=True)
            except APIError as error:
                # Another console may just have made it.
                if error.status_code != _CONFLICT:
                    raise
        raise EngineError(f"The network {NETWORK} cannot be made: remove what bears that name.")

    def create(self, body: Json) -> None:
        """Make a service."""
        self._api.create_service(
            body["TaskTemplate"], name=body["Name"], labels=body["Labels"], mode=body["Mode"]
        )

    def ensure(self, body: Json) -> None:
        """Make a service; one of that name that another console has just made will do."""
        try:
            self.create(body)
        except APIError as error:
            if error.status_code != _CONFLICT:
                raise

    def stop(self, service: str, why: str) -> None:
        """Stop a service's tasks and note `why` on it."""
        for attempt in range(_UPDATE_ATTEMPTS):
            current = self._api.inspect_service(service)
            body = services.stopped_service(current, why)
            try:
                self._api.update_service(
                    service,
                    current["Version"]["Index"],
                    task_template=body["TaskTemplate"],
                    name=body["Name"],
                    labels=body["Labels"],
                    mode=body["Mode"],
                )
            except APIError as error:
                if not _overtaken(error) or attempt == _UPDATE_ATTEMPTS - 1:
                    raise
            else:
                return

    def remove(self, service: str) -> None:
        """Delete a service; one that is gone already is fine."""
        try:
            self._api.remove_service(service)
        except NotFound:
            return

    def close(self) -> None:
        """Let go of the connections."""
        self._api.close()

    def _local_image(self, reference: str) -> Json | None:
        try:
            found: Json = self._api.inspect_image(reference)
        except NotFound:
            return None
        return found


async def ask_manager(
    manager: Manager, function: Callable[[Unpack[_Given]], _T], *given: *_Given
) -> _T:
    """Run one of ManagerApi's calls in a thread; raises EngineError for what the SDK raises."""
    try:
        return await asyncio.to_thread(function, *given)
    except APIError as error:
        raise EngineError(f"Docker refuses: {sentence(error)}.") from None
    except (OSError, DockerException) as error:
        where = clean_text(manager.address.url, 120)
        raise EngineError(
            f"Docker at {where} does not answer ({sentence(error)}): see whether it still runs "
            "(systemctl status docker)."
        ) from None


def sentence(error: Exception) -> str:
    """What went wrong, for a person: without the layers that an error came through."""
    text = (error.explanation if isinstance(error, APIError) else None) or str(error)
    if "timed out" in text:
        return f"nothing came within {CALL_SECONDS} seconds"
    if innermost := re.search(r"\w+Error\(\d+, '([^']+)'\)", text):
        text = innermost[1]
    return re.sub(r"rpc error: code = \w+ desc = ", "", clean_text(text, 300)).strip(" .")


def _overtaken(error: APIError) -> bool:
    """Whether a record was written by another meanwhile; the manager writes into them too."""
    return "out of sequence" in str(error)


def _key(service: Json) -> tuple[str, int]:
    return service["ID"], service["Version"]["Index"]


def _tls(address: Address) -> docker.tls.TLSConfig | bool:
    if address.tls is None:
        return False
    folder = address.tls.folder
    return docker.tls.TLSConfig(
        client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
        ca_cert=str(folder / "ca.pem"),
        verify=address.tls.verify,
    )
