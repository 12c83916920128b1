"""Which images of the solver a machine need not hold any more: a decision, without I/O."""

import re
from collections.abc import Iterable

from swarm.docker.images import repository
from swarm.docker.rollout.state import LOADED, Rollout

LEFT_BEHIND = "com.docker.swarm.task.id"
"""The label of containers that a service has had. Docker before 24 keeps them once it is removed,
and with them their image: what no service names any more needs none of its own either."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def removable(rollout: Rollout, held: Iterable[str], needed: Iterable[str]) -> frozenset[str]:
    """Those of `held` that may be removed, by digest; none until two images were rolled out.

    `held`: a machine's RepoDigests (NAME@sha256:…); `needed`: what every service of the swarm and
    every checkpointed job names as its image. Only images of the followed repository may go, and
    loaded ones.
    """
    if rollout.current is None or rollout.previous is None:
        return frozenset()
    ours = {repository(name) for name in (rollout.follow, LOADED) if name}
    kept = {
        release.digest
        for release in (rollout.current, rollout.previous, rollout.target)
        if release is not None
    }
    for reference in needed:
        name, _, digest = reference.partition("@")
        if digest:
            # By whatever name: the content is one.
            kept.add(digest)
        elif repository(name) in ours:
            # A tag does not tell which content its job began with.
            return frozenset()
    return frozenset(
        reference
        for reference in held
        if repository(reference) in ours
        and _DIGEST.fullmatch(digest := reference.partition("@")[2])
        and digest not in kept
    )
