"""Whether an image fits on a node's card, asked before the node pulls it.

Swarm tells nothing of a node's disk: each node is logged in to. One that lets nobody in pulls it
all the same, and says so itself if it has no room.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from base.errors import FleetError, ProvisionError
from base.text import size_text
from fleet.ssh.shell import Shell, ShellError, Sudo
from operations.nodes import Cluster
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.engine import NodeView

_FREE = """docker info --format '{{.DockerRootDir}}' | xargs -I FOLDER df -Pk FOLDER |
    awk 'END { print "free", $4 }'"""
_ANSWER = re.compile(r"free ([0-9]{1,15})\s*\Z")
_PACKED = 3.5
"""While it is pulled an image takes this much of what travels of it: packed and unpacked layers."""
_UNPACKED = 1.4
"""The same of what it takes in the end: its layers lie beside it, packed to some 0.4."""
_FLOOR = 200 * 10**6
"""Bytes that stay free for the system and for jobs."""
_AGAIN = 600.0
"""Seconds after which a node is asked again."""


@dataclass(slots=True)
class RoomCheck:
    """Sees whether an image fits on the nodes that are to pull it, and asks again after a while."""

    _due: dict[tuple[str, str], float] = field(default_factory=dict)
    _unseen: dict[str, str] = field(default_factory=dict)

    @property
    def unseen(self) -> str:
        """On which nodes nobody could look, and why, in a sentence; '' where all were looked at."""
        if not self._unseen:
            return ""
        has = "has" if len(self._unseen) == 1 else "have"
        return (
            f"Nobody could look whether {', '.join(self._unseen)} {has} room, so it is pulled "
            f"there all the same: {next(iter(self._unseen.values()))}"
        )

    async def look(self, rollouts: Rollouts, cluster: Cluster, status: Status) -> bool:
        """Ask the nodes whose turn it is, and note what they say; whether `unseen` has changed."""
        release = status.rollout.target or status.rollout.current
        if release is None or release.loaded or status.rollout.insisted:
            return False
        tested = release.tested | {test.node for test in status.tests}
        due = [
            node
            for node in status.nodes
            if node.takes_tasks
            and release.fits(node.platform)
            and node.id not in tested
            and time.monotonic() >= self._due.get((release.digest, node.id), 0.0)
        ]
        if not due:
            return False
        before = self.unseen
        to_pull = {node.id: status.rollout.to_pull(node.id, node.platform) for node in due}
        full, unseen = await full_nodes(rollouts, cluster, due, to_pull)
        await rollouts.note_full(full)
        self._unseen = {
            name: why
            for node in status.nodes
            if (why := {**self._unseen, **unseen}.get(name := node.name, ""))
            and node.id not in status.rollout.full
        }
        again = time.monotonic() + _AGAIN
        self._due.update({(release.digest, node.id): again for node in due})
        return self.unseen != before


async def full_nodes(
    rollouts: Rollouts,
    cluster: Cluster,
    nodes: Sequence[NodeView],
    to_pull: Mapping[str, int | None],
) -> tuple[dict[str, str], dict[str, str]]:
    """By id: why an image does not fit, or ''; by name: why nobody could look, or ''.

    Where nobody could look what was measured before holds.

    `to_pull`: the bytes that travel, by id. Where they are not known, it is taken to be like the
    image that jobs run from.
    """
    usual = int(await rollouts.image_size() * _UNPACKED)
    found = await asyncio.gather(*(_free(cluster, node) for node in nodes))
    full, unseen = {}, {}
    for node, free in zip(nodes, found, strict=True):
        unseen[node.name] = "" if isinstance(free, int) else free
        travel = to_pull.get(node.id)
        needed = usual + _FLOOR if travel is None else room_for(travel)
        if isinstance(free, int):
            full[node.id] = too_full(node, free, needed)
    return full, unseen


def room_for(travel: int) -> int:
    """Bytes that must be free where so many are to be pulled."""
    return int(travel * _PACKED) + _FLOOR


def too_full(node: NodeView, free: int, needed: int) -> str:
    """Why a node pulls no image, '' where it has room."""
    if free >= needed:
        return ""
    return (
        f"{node.name} has {size_text(free)} free where Docker keeps images, and to pull one may "
        f"take {size_text(needed)}: it pulls none until there is room."
    )


async def _free(cluster: Cluster, node: NodeView) -> int | str:
    """Bytes free where its Docker keeps images; why nobody can tell, in a sentence."""
    try:
        async with cluster.shell(node) as shell:
            return await free_room(shell, node)
    except (FleetError, ProvisionError) as error:
        return str(error)


async def free_room(shell: Shell, node: NodeView) -> int:
    """Bytes free where the node's Docker keeps images; raises ShellError."""
    root = await shell.find_sudo() in (Sudo.NONE, Sudo.PASSWORD)
    said = await shell.run(_FREE, root=root)
    answer = _ANSWER.search(said.output.decode("utf-8", "replace"))
    if answer is None:
        raise ShellError(f"{node.name} does not say how much is free: may squarm be root?")
    return int(answer[1]) * 1024
