"""Images of the solver that nothing needs any more, removed from the nodes.

A manager cannot remove an image on another node, and no container gets a node's Docker socket. So
each node is logged in to, as for a restart; the daemon of the manager itself is asked directly.
"""

import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from base.errors import EngineError, FleetError, ProvisionError
from base.text import clean_text, shorten
from fleet.ssh.shell import Shell, ShellError, Sudo
from operations.images import Open
from operations.kinds import Kind
from operations.left_containers import Freed, remove_left
from operations.nodes import Cluster
from operations.operation import Caution, Done, Operation, Step, Tell
from swarm.docker.rollout.removal import LEFT_BEHIND, removable
from swarm.docker.rollout.rollouts import Rollouts
from swarm.engine import NodeView

_SECONDS = 120.0
"""A card may take its time to let go of an image's files."""
_REMOVE = """
docker container ls --all --quiet --filter ancestor={image} --filter label={task} |
    xargs -r docker container rm
docker image rm {image} 2>&1
"""
_HELD = "docker image ls --no-trunc --digests --format '{{.Repository}}@{{.Digest}}'"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed from a node; `why`, in a sentence, it holds what nothing needs, else ''."""

    node: NodeView
    removed: frozenset[str] = frozenset()
    why: str = ""


def tidy(open_: Open, cluster: Cluster) -> Operation[tuple[Cleaned, ...]]:
    """Remove from every node the images that no job and no roll-back needs, and old containers."""
    caution = Caution(
        "Remove the images that nothing needs from every node?",
        "Of the followed name all go but the last two, one on its way, and those that a job or "
        "another service runs from. What is wanted after all must be pulled again. With Docker "
        "before 24 the containers of removed jobs go, too.",
        agree="Remove them",
        decline="Leave them",
    )

    async def work(tell: Tell) -> Done[tuple[Cleaned, ...]]:
        freed = [one async for one in remove_left(cluster)]
        came: list[Cleaned] = []
        async with open_() as rollouts:
            nodes = (await rollouts.status()).nodes
            async for one in remove_unneeded(rollouts, cluster, nodes):
                came.append(one)
                tell(Step(f"{len(came)} of {len(nodes)} nodes"))
        return Done(_said(came, freed), tuple(came))

    return Operation(kind=Kind.TIDY_IMAGES, target="images", caution=caution, keep=None, work=work)


async def remove_unneeded(
    rollouts: Rollouts, cluster: Cluster, nodes: Iterable[NodeView]
) -> AsyncGenerator[Cleaned]:
    """One node after the other; raises EngineError where no manager says what is needed."""
    for node in nodes:
        try:
            async with _images_of(node, rollouts, cluster) as images:
                held = await images.held()
                # Only then: whatever was pulled by now, something known by now wants it.
                rollout, needed = await rollouts.needed()
                gone = removable(rollout, held, needed)
                said = await images.remove(gone) if gone else ""
                left = await images.held()
        except (FleetError, ProvisionError) as error:
            yield Cleaned(node, why=str(error))
            continue
        kept = gone & frozenset(left)
        why = (
            f"Docker keeps {len(kept)} of them ({said or 'a container was made from it'})."
            if kept
            else ""
        )
        cleaned = Cleaned(node, gone - kept, why)
        clean = rollout if not removable(rollout, left, ()) else None
        await rollouts.note_removal(node, cleaned.removed, clean)
        yield cleaned


class _Images(Protocol):
    """The images that a node's daemon has, by NAME@sha256:… as they were pulled."""

    async def held(self) -> Collection[str]: ...

    async def remove(self, references: Collection[str]) -> str:
        """What Docker said of one that it did not remove, '' where it said nothing."""
        ...


@asynccontextmanager
async def _images_of(
    node: NodeView, rollouts: Rollouts, cluster: Cluster
) -> AsyncIterator[_Images]:
    if node.id == rollouts.here:
        yield _ManagerImages(rollouts)
        return
    if node.state != "ready":
        raise ShellError(f"{node.name} is {node.state}.")
    async with cluster.shell(node) as shell:
        root = await shell.find_sudo() in (Sudo.NONE, Sudo.PASSWORD)
        yield _ShellImages(shell, root)


@dataclass(frozen=True, slots=True)
class _ManagerImages:
    """Those of the daemon that is asked anyway."""

    rollouts: Rollouts

    async def held(self) -> Collection[str]:
        """What it has."""
        return await self.rollouts.images_here()

    async def remove(self, references: Collection[str]) -> str:
        """Without force."""
        try:
            await self.rollouts.remove_here(references)
        except EngineError as error:
            # What one daemon cannot do is no reason to leave the others as they are.
            return str(error)
        return ""


@dataclass(frozen=True, slots=True)
class _ShellImages:
    """By the docker of a machine that was logged in to: as root, else as a user who may."""

    shell: Shell
    root: bool

    async def held(self) -> Collection[str]:
        """What it says it has; any line may be a lie, and `removable` takes only what it knows."""
        said = await self.shell.run(_HELD, root=self.root, patience=_SECONDS)
        text = said.output.decode("utf-8", "replace")
        if said.status != 0:
            raise ShellError(
                f"Its Docker does not tell its images ({shorten(clean_text(text), 160)})."
            )
        return text.split("\n")

    async def remove(self, references: Collection[str]) -> str:
        """Without force: Docker refuses what runs, and what somebody else's container uses."""
        refused = ""
        for reference in sorted(references):
            script = _REMOVE.format(image=shlex.quote(reference), task=LEFT_BEHIND)
            said = await self.shell.run(script, root=self.root, patience=_SECONDS)
            if said.status != 0:
                refused = shorten(clean_text(said.output.decode("utf-8", "replace")), 160)
        return refused


def _said(came: Collection[Cleaned], freed: Collection[Freed]) -> str:
    removed = sum(len(one.removed) for one in came)
    nodes = sum(bool(one.removed) for one in came)
    said = "There was nothing to remove."
    if removed:
        images = "1 image" if removed == 1 else f"{removed} images"
        said = f"Removed {images}, from {nodes} of {len(came)} nodes."
    if containers := sum(one.removed for one in freed):
        said += f" Removed jobs had left {containers} containers, which are gone."
    # A node that lets nobody in says so once.
    why = {one.node.name: one.why for one in freed if one.why}
    why |= {one.node.name: one.why for one in came if one.why}
    return " ".join([said, *(f"{name}: {words}" for name, words in why.items())])
