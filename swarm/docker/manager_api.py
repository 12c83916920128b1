"""What a swarm's manager is told, by the docker SDK, which knows the registries' passwords.

Every call blocks its thread. What is only looked at comes through `listing`.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import docker
from docker.errors import APIError, DockerException, NotFound
from requests import JSONDecodeError

from base.errors import MALFORMED, EngineError
from base.text import clean_text, shorten
from swarm.docker import networks, services
from swarm.docker.address import Address
from swarm.docker.images import (
    DEFAULT_IMAGE,
    Image,
    from_nodes,
    from_pull,
    from_registry,
    last_known,
    placements,
    pulled_digest,
)
from swarm.docker.membership import Manager
from swarm.docker.objects import SERVICE, SPEC, Json
from swarm.docker.refusals import CALL_SECONDS, NO_DOCKER, plain, refused, unanswered
from swarm.docker.rollout import self_tests, state
from swarm.docker.rollout.plan import Outcome, SelfTest
from swarm.docker.rollout.registry import refusal
from swarm.docker.rollout.registry_access import RegistryAccess, access_of
from swarm.docker.rollout.removal import LEFT_BEHIND
from swarm.docker.rollout.state import Release, Rollout
from swarm.docker.services import SwarmJob

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_UPDATE_ATTEMPTS = 5
_SAVE_SECONDS = 600
"""Docker packs an image into a file of its own before it begins to send that."""
_CONFLICT = 409
_GONE = 404


class ManagerApi:
    """The docker SDK's client for `manager`; what the SDK raises is made one sentence in `told`."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        with _said(manager.address):
            self._api = docker.APIClient(
                base_url=manager.address.here,
                version=manager.version,
                timeout=CALL_SECONDS,
                tls=_tls(manager.address),
            )

    def told(self, call: Callable[["ManagerApi"], T]) -> T:
        """Make some of the calls below; raises EngineError for what the SDK raises."""
        with _said(self._manager.address):
            return call(self)

    def change_node(
        self,
        node: str,
        availability: str,
        role: str,
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Set a node's availability or role, '' leaves it as it is; and give it labels."""
        for attempt in range(_UPDATE_ATTEMPTS):
            current = self._api.inspect_node(node)
            wanted = {"Availability": availability, "Role": role}
            spec: Any = {**current["Spec"], **{key: said for key, said in wanted.items() if said}}
            if labels:
                spec["Labels"] = {**(spec.get("Labels") or {}), **labels}
            if spec == current["Spec"]:
                return
            try:
                self._api.update_node(node, current["Version"]["Index"], spec)
            except APIError as error:
                if not _worth_again(error) or attempt == _UPDATE_ATTEMPTS - 1:
                    raise
            else:
                return

    def remove_node(self, node: str) -> None:
        """Take a node off the list, also one that only just left; one that is gone is fine."""
        with suppress(NotFound):
            self._api.remove_node(node, force=True)

    def image(self, reference: str = "") -> Image:
        """The image that a new job is to run from; raises EngineError where there is none.

        Without a `reference` that which the swarm's consoles have agreed on, else the usual one.
        """
        if not reference:
            rollout = state.read(self._labels())
            if rollout.image is not None:
                return rollout.image
            if rollout.key:
                raise EngineError(
                    "Jobs run only from an image that is signed with the swarm's key, and none was "
                    "rolled out yet: squarm image status."
                )
            reference = rollout.follow or DEFAULT_IMAGE
        local = self._local_image(reference)
        pulled = "" if local is None else pulled_digest(reference, local)
        # A name without a slash is Docker Hub's own: nobody else has it in a registry.
        if local is not None and ("/" not in reference or not pulled):
            return self._carried(reference, local)
        try:
            return from_registry(reference, self._api.inspect_distribution(reference))
        except (OSError, DockerException) as error:
            return self._without_registry(reference, local, error)

    def _without_registry(self, reference: str, local: Json | None, error: Exception) -> Image:
        """The image as it is known from before: a registry that fails is no reason to wait."""
        known = last_known(reference, self._api.services(filters={"label": SPEC}))
        if known is None and local is not None:
            known = from_pull(reference, local)
        if known is None:
            name = clean_text(reference, 120)
            raise EngineError(
                f"There is no image {name} on this manager, and no registry gives it "
                f"({shorten(plain(_words(error)), 160)}): build it with docker build -f "
                f"Dockerfile.solver -t {name} ."
            ) from None
        _LOG.warning("No registry tells of %s now (%s)", reference, plain(_words(error)))
        return known

    def _carried(self, reference: str, local: Json) -> Image:
        return from_nodes(reference, local, self._manager.node, self.node_labels().values())

    def node_labels(self) -> dict[str, Mapping[str, str]]:
        """The labels of each node, by its id."""
        return {node["ID"]: node["Spec"].get("Labels") or {} for node in self._api.nodes()}

    def make_network(self, job: str, replicas: int) -> str:
        """A network of the job's own that leads nowhere; its id."""
        return networks.make(self._api, job, replicas)

    def remove_networks(self, job: str) -> None:
        """Remove the network of a job that was removed, and those that others have left."""
        networks.remove(self._api, job)

    def release(self, reference: str) -> Release:
        """What the image's registry has under that name now; raises RegistryError.

        Docker itself asks, with its own certificates, mirrors and insecure registries.
        """
        try:
            found = self._api.inspect_distribution(reference)
        except (OSError, DockerException) as error:
            raise refusal(reference, _words(error)) from None
        platforms = placements(found.get("Platforms") or ())
        named = tuple((placed["OS"], placed["Architecture"]) for placed in platforms)
        return Release(str(found["Descriptor"]["digest"]), named)

    def registry_access(self, reference: str) -> RegistryAccess | None:
        """How squarm itself asks the image's registry; None where the logins here make no sense."""
        try:
            return access_of(reference, self._api.info())
        except (*MALFORMED, OSError, DockerException):
            return None

    def change_rollout(self, change: Callable[[Rollout], Rollout]) -> tuple[Rollout, Rollout]:
        """Change what the swarm knows of its image; gives it as it was, and as it is now."""
        attempt = 0
        while True:
            current = self._api.inspect_swarm()
            labels = current["Spec"].get("Labels") or {}
            before = state.read(labels)
            after = change(before)
            if after == before:
                return before, after
            spec = {**current["Spec"], "Labels": {**labels, **state.labels_of(after)}}
            try:
                self._api.update_swarm(current["Version"]["Index"], spec)
            except APIError as error:
                attempt += 1
                if not _worth_again(error) or attempt == _UPDATE_ATTEMPTS:
                    raise
            else:
                return before, after

    def self_tests(self) -> list[SelfTest]:
        """The self-tests that the swarm knows of; those that failed with their last words."""
        found = self._api.services(filters={"label": self_tests.TESTED})
        ids = [one["ID"] for one in found]
        tasks = self._api.tasks(filters={"service": ids}) if ids else []
        return [
            self_tests.with_words(test, self._log_of(test.service))
            if test.outcome is Outcome.FAILED
            else test
            for test in self_tests.read(found, tasks, time.time())
        ]

    def image_size(self) -> int:
        """The bytes of the image that new jobs run from, unpacked; 0 where it is not here."""
        image = state.read(self._labels()).image
        local = None if image is None else self._local_image(image.reference)
        return 0 if local is None else int(local.get("Size") or 0)

    def service_ids(self) -> frozenset[str]:
        """Every service of the swarm, squarm's or not."""
        return frozenset(one["ID"] for one in self._api.services())

    def service_images(self) -> list[str]:
        """What every service of the swarm, squarm's or not, names as its image."""
        templates = [one["Spec"]["TaskTemplate"] for one in self._api.services()]
        return [one["ContainerSpec"]["Image"] for one in templates if "ContainerSpec" in one]

    def pulled_images(self) -> list[str]:
        """The images that this manager has from registries, by NAME@sha256:… as pulled."""
        return [known for one in self._api.images() for known in one.get("RepoDigests") or ()]

    def save_image(self, reference: str, file: Path) -> None:
        """Write an image of this manager's to a file."""
        usual, self._api.timeout = self._api.timeout, _SAVE_SECONDS
        try:
            with file.open("wb") as target:
                for chunk in self._api.get_image(reference):
                    target.write(chunk)
        finally:
            self._api.timeout = usual

    def remove_image(self, reference: str) -> None:
        """Remove an image from this manager, and ended tasks' containers; not what is in use."""
        filters = {"ancestor": reference, "label": LEFT_BEHIND}
        with _unless(_CONFLICT, _GONE):
            for container in self._api.containers(all=True, filters=filters):
                with _unless(_CONFLICT, _GONE):
                    self._api.remove_container(container["Id"])
            self._api.remove_image(reference)

    def begin_self_test(self, image: Image, node: str, digest: str) -> None:
        """Have a node pull the image and test it; one that another console has begun will do."""
        name = self_tests.name_of(node, digest)
        with suppress(APIError):
            self.make_network(name, 1)
        self.ensure(self_tests.service(image, node, digest, name))

    def drop_self_test(self, service: str) -> None:
        """Remove a self-test and its network."""
        with suppress(NotFound):
            name = self._api.inspect_service(service)["Spec"]["Name"]
            self.remove(service)
            self.remove_networks(name)

    def _log_of(self, service: str) -> bytes:
        # What failed may have left no log, and its node may be gone.
        with suppress(OSError, DockerException):
            return b"".join(
                self._api.service_logs(service, stdout=True, stderr=True, tail="5", is_tty=False)
            )
        return b""

    def _labels(self) -> dict[str, str]:
        return self._api.inspect_swarm()["Spec"].get("Labels") or {}

    def create(self, body: Json) -> None:
        """Make a service."""
        self._api.create_service(
            body["TaskTemplate"],
            name=body["Name"],
            labels=body["Labels"],
            mode=body["Mode"],
            endpoint_spec=body["EndpointSpec"],
        )

    def ensure(self, body: Json) -> None:
        """Make a service; one of that name that another console has just made will do."""
        with _unless(_CONFLICT):
            self.create(body)

    def run_again(
        self, job: SwarmJob, unit: int, checkpoint: str = "", avoided: Iterable[str] = ()
    ) -> None:
        """Make the service that runs a unit again; none where the job is gone meanwhile."""
        with suppress(NotFound):
            main = self._api.inspect_service(job.main.id)
            self.ensure(services.again_service(job, main, unit, checkpoint, avoided))

    def stop(self, service: str, why: str) -> None:
        """Stop a service's tasks and note `why` on it."""
        self._update(service, lambda current: services.stopped_service(current, why))

    def hold(self, service: str) -> None:
        """Have Swarm make no more tasks for a service."""
        self._update(service, services.held_service)

    def _update(self, service: str, changed: Callable[[Json], Json]) -> None:
        """Change a service; one that is gone already is fine."""
        for attempt in range(_UPDATE_ATTEMPTS):
            current = self._api.inspect_service(service)
            body = changed(current)
            try:
                self._api.update_service(
                    service,
                    current["Version"]["Index"],
                    task_template=body["TaskTemplate"],
                    name=body["Name"],
                    labels=body["Labels"],
                    mode=body["Mode"],
                    endpoint_spec=body.get("EndpointSpec"),
                )
            except NotFound:
                return
            except APIError as error:
                if not _worth_again(error) or attempt == _UPDATE_ATTEMPTS - 1:
                    raise
            else:
                return

    def remove(self, service: str) -> None:
        """Delete a service; one that is gone already is fine."""
        try:
            self._api.remove_service(service)
        except NotFound:
            return

    def remove_left(self, service: str) -> None:
        """Remove what Docker before 24 keeps of a removed service here: containers, with logs.

        By force, for one that is just being stopped would stay.
        """
        filters = {"label": f"{SERVICE}={service}"}
        for container in self._api.containers(all=True, filters=filters):
            with _unless(_CONFLICT, _GONE):
                self._api.remove_container(container["Id"], force=True)

    def close(self) -> None:
        """Let go of the connections."""
        self._api.close()

    def _local_image(self, reference: str) -> Json | None:
        try:
            found: Json = self._api.inspect_image(reference)
        except NotFound:
            return None
        return found


@contextmanager
def _said(address: Address) -> Iterator[None]:
    """What the SDK raises becomes an EngineError."""
    try:
        yield
    except APIError as error:
        raise refused(_words(error)) from None
    except (OSError, DockerException) as error:
        raise unanswered(address, _words(error)) from None


@contextmanager
def _unless(*statuses: int) -> Iterator[None]:
    """What Docker refuses with one of these is left as it is."""
    try:
        yield
    except APIError as error:
        if error.status_code not in statuses:
            raise


def _worth_again(error: APIError) -> bool:
    """Whether a change may be made in another attempt.

    The record was written by another meanwhile, as the manager itself does; or the managers did not
    agree in time, as busy Pis may not, though they may have done it.
    """
    return any(words in str(error) for words in ("out of sequence", "context deadline exceeded"))


def _words(error: Exception) -> str:
    if isinstance(error, JSONDecodeError):
        return NO_DOCKER
    return (error.explanation if isinstance(error, APIError) else None) or str(error)


def _tls(address: Address) -> docker.tls.TLSConfig | bool:
    if address.tls is None:
        return False
    folder = address.tls.folder
    return docker.tls.TLSConfig(
        client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
        ca_cert=str(folder / "ca.pem"),
        verify=address.tls.verify,
    )
