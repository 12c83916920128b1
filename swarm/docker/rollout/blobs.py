"""What an image's manifests say of its size: the blobs that travel, for each platform.

Source: https://github.com/opencontainers/image-spec (manifest.md, image-index.md); Docker's own
forms of both differ in their media types alone.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from swarm.docker.images import placements

Platform: TypeAlias = tuple[str, str]
"""Operating system and architecture, as Swarm compares them: ("linux", "armv7l")."""

MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_KEPT = 12
"""Hexadecimal digits by which one blob is told from another."""
_MOST = 128
"""Blobs of an image; Docker takes 127 layers."""
_LARGEST = 10**12


@dataclass(frozen=True, slots=True)
class Blob:
    """A layer or the configuration: the first digits of its digest, its size in bytes, packed."""

    digest: str
    size: int


def platform_of(text: str) -> Platform:
    """What Swarm calls a node's platform such as linux/arm/v7."""
    system, _, architecture = text.partition("/")
    named = {"arm/v7": "armv7l", "arm/v6": "armv6l"}.get(architecture, architecture)
    return system, named


def manifests(index: bytes, wanted: Iterable[Platform]) -> dict[Platform, str]:
    """The digest of each platform's manifest in an index; none where it is no index.

    Raises what Python raises for malformed bytes.
    """
    found: dict[Platform, str] = {}
    entries = json.loads(index).get("manifests") or ()
    # An arm64 node takes what is made for it, and what is made for arm where there is nothing else.
    for entry in sorted(entries, key=_preference):
        for placed in placements([entry.get("platform") or {}]):
            found.setdefault((placed["OS"], placed["Architecture"]), _digest(entry)[0])
    return {platform: found[platform] for platform in wanted if platform in found}


def blobs(manifest: bytes) -> tuple[Blob, ...]:
    """What travels of the image that a manifest tells of.

    Raises what Python raises for malformed bytes.
    """
    body = json.loads(manifest)
    described = [body["config"], *body["layers"]]
    if len(described) > _MOST:
        raise ValueError(len(described))
    return tuple(_blob(one) for one in described)


def read(body: Any) -> dict[Platform, tuple[Blob, ...]]:  # noqa: ANN401 - anything may stand there
    """What `body_of` wrote; raises what Python raises for what is malformed."""
    found = {}
    for name, told in dict(body or {}).items():
        platform = platform_of(name)
        found[platform] = tuple(Blob(_short(digest), _size(size)) for digest, size in told)
    return found


def body_of(found: Mapping[Platform, tuple[Blob, ...]]) -> dict[str, list[tuple[str, int]]]:
    """Blobs by platform, for JSON."""
    return {
        "/".join(platform): [(blob.digest, blob.size) for blob in told]
        for platform, told in found.items()
    }


def _preference(entry: Mapping[str, Any]) -> tuple[bool, str]:
    platform = entry.get("platform") or {}
    variant = str(platform.get("variant") or "")
    return str(platform.get("architecture")) == "arm", {"v7": "0", "": "0", "v6": "1"}.get(
        variant, "2"
    )


def _blob(described: Mapping[str, Any]) -> Blob:
    return Blob(_digest(described)[1][:_KEPT], _size(described["size"]))


def _digest(described: Mapping[str, Any]) -> tuple[str, str]:
    """Whole, and its hexadecimal digits."""
    digest = described["digest"]
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise ValueError(digest)
    return digest, match[1]


def _short(text: str) -> str:
    if not re.fullmatch(rf"[0-9a-f]{{{_KEPT}}}", text):
        raise ValueError(text)
    return text


def _size(size: object) -> int:
    if not isinstance(size, int) or not 0 <= size <= _LARGEST:
        raise ValueError(size)
    return size
