"""Which image a job runs from, and on which nodes it can."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from solver import VERSION

DEFAULT_IMAGE = f"squarm-solver:{VERSION}"
"""A name of the kind that no stranger can register on Docker Hub."""

FOLLOWED = "squarm.image.follow"
"""The swarm's label with the name, in a registry, of the image that new jobs run from."""

KEY = "squarm.image.key"
"""The swarm's label with the key, base64 of DER, that the followed image must be signed with."""

MARK = "squarm.solver"
"""The label of a node that has the image: set by the playbooks, role solver_image."""

LOADED_MARK = "squarm.image."
"""What the label of a node begins with that has an image which was loaded: no task pulls it."""

_ARM_NODES = {
    "v5": ("armv6l", "armv7l", "arm64"),
    "v6": ("armv6l", "armv7l", "arm64"),
    "v7": ("armv7l", "arm64"),
    "": ("armv7l", "arm64"),
}
"""Swarm compares an image's `arm` with what nodes call themselves, and never matches: it has to
be told the nodes' own names (swarmkit#2294)."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image as a service names it: `platforms` (OS, Architecture) and `constraints` place it."""

    reference: str
    platforms: tuple[Mapping[str, str], ...] = ()
    constraints: tuple[str, ...] = ()


def placements(platforms: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, str], ...]:
    """Placement platforms for an image's own, as the registry or the image itself gives them."""
    found: list[Mapping[str, str]] = []
    for platform in platforms:
        given = {key.lower(): str(value or "").lower() for key, value in platform.items()}
        architecture = given.get("architecture", "")
        names: tuple[str, ...] = (architecture,)
        if architecture in ("", "unknown"):
            continue
        if architecture == "arm":
            names = _ARM_NODES.get(given.get("variant", ""), _ARM_NODES[""])
        for name in names:
            placed = {"OS": given.get("os") or "linux", "Architecture": name}
            if placed not in found:
                found.append(placed)
    return tuple(found)


def sent(platforms: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Placement platforms as a service is given them.

    A 64-bit kernel that passes for a 32-bit one calls its machine armv8l, and runs what an armv7l
    does.
    """
    found = [dict(platform) for platform in platforms]
    alike = [{**one, "Architecture": "armv8l"} for one in found if one["Architecture"] == "armv7l"]
    # What was read from an earlier service has them already.
    return found + [one for one in alike if one not in found]


def from_registry(reference: str, distribution: Mapping[str, Any]) -> Image:
    """An image that every node can pull, held to the very content the registry names now."""
    digest = distribution["Descriptor"]["digest"]
    return _pinned(reference, digest, distribution.get("Platforms") or ())


def from_pull(reference: str, inspected: Mapping[str, Any]) -> Image:
    """An image that was pulled once, from a registry that does not answer now.

    The digest is that of all its platforms; the only one known now is the manager's own.
    """
    return _pinned(reference, pulled_digest(reference, inspected), [inspected])


def from_nodes(
    reference: str,
    inspected: Mapping[str, Any],
    here: str,
    labels: Iterable[Mapping[str, str]],
) -> Image:
    """An image that is in no registry: it runs on the nodes it was carried to, else only `here`.

    `labels`: each node's; whoever carries the image over gives them MARK with its `mark`.
    """
    wanted = mark(inspected)
    carried = any(given.get(MARK) == wanted for given in labels)
    constraint = f"node.labels.{MARK}=={wanted}" if carried else f"node.id=={here}"
    return Image(reference, placements([inspected]), (constraint,))


def _pinned(reference: str, digest: str, platforms: Iterable[Mapping[str, Any]]) -> Image:
    pinned = reference if "@" in reference else f"{reference}@{digest}"
    return Image(pinned, placements(platforms))


def repository(reference: str) -> str:
    """An image's name without its tag and digest, as Docker lists it: Docker Hub goes unsaid.

    Source: https://github.com/distribution/reference, "familiar" names.
    """
    name = reference.partition("@")[0]
    for hub in ("index.docker.io/", "docker.io/"):
        if name.startswith(hub):
            name = name.removeprefix(hub).removeprefix("library/")
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def pulled_digest(reference: str, inspected: Mapping[str, Any]) -> str:
    """The digest under which a registry gave an image by this name; '' where none did.

    An image that was given another name still has the digests of the names that it was pulled by.
    """
    for known in inspected.get("RepoDigests") or ():
        name, _, digest = str(known).partition("@")
        if digest and name == repository(reference):
            return digest
    return ""


def last_known(reference: str, services: Iterable[Mapping[str, Any]]) -> Image | None:
    """The image, held to a digest, that the newest of our jobs with this name runs from.

    `services`: those of jobs, as Docker lists them.
    """
    newest = sorted(services, key=lambda service: str(service.get("CreatedAt", "")), reverse=True)
    for service in newest:
        template = service["Spec"]["TaskTemplate"]
        used = str(template["ContainerSpec"]["Image"])
        if "@" in used and reference in (used, used.partition("@")[0]):
            placement = template.get("Placement") or {}
            return Image(used, tuple(placement.get("Platforms") or ()))
    return None


def mark(inspected: Mapping[str, Any]) -> str:
    """What tells an image from another: of its layers, for Docker's own id depends on its store."""
    layers = (inspected.get("RootFS") or {}).get("Layers") or ()
    return hashlib.sha256(",".join(layers).encode()).hexdigest()[:12]
