"""Which images of the solver a machine need not hold any more: a decision, without I/O."""

from collections.abc import Iterable

from swarm.docker.images import repository
from swarm.docker.rollout.state import Rollout


def removable(rollout: Rollout, held: Iterable[str], needed: Iterable[str]) -> frozenset[str]:
    """Those of `held` that may be removed, by digest; none until two images were rolled out.

    `held`: a machine's RepoDigests (NAME@sha256:…); `needed`: what every service of the swarm and
    every checkpointed job names as its image. Only images of the followed repository may go.
    """
    if rollout.current is None or rollout.previous is None:
        return frozenset()
    ours = repository(rollout.follow)
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
        elif repository(name) == ours:
            # A tag does not tell which content its job began with.
            return frozenset()
    return frozenset(
        reference
        for reference in held
        if repository(reference) == ours and _digest(reference) not in kept | {""}
    )


def _digest(reference: str) -> str:
    return reference.partition("@")[2]
