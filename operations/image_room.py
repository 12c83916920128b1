"""Whether an image fits on a node's card, asked before the node pulls it.

Swarm tells nothing of a node's disk: each node is logged in to. One that lets nobody in is taken to
have room, and says so itself if it has none.
"""

import asyncio
import re
from collections.abc import Sequence

from base.errors import FleetError, ProvisionError
from base.text import size_text
from fleet.ssh.shell import Sudo
from operations.nodes import Cluster
from swarm.docker.rollout.rollouts import Rollouts
from swarm.engine import NodeView

_FREE = """docker info --format '{{.DockerRootDir}}' | xargs -I FOLDER df -Pk FOLDER |
    awk 'END { print "free", $4 }'"""
_ANSWER = re.compile(r"free ([0-9]{1,15})\s*\Z")
_PULLED = 1.4
"""While it is pulled an image takes this much of what it takes in the end: its layers lie beside
it, packed to some 0.4."""
_FLOOR = 200 * 10**6
"""Bytes that stay free for the system and for jobs."""


async def full_nodes(
    rollouts: Rollouts, cluster: Cluster, nodes: Sequence[NodeView]
) -> dict[str, str]:
    """By id: why an image like the one that jobs run from does not fit, '' where it does."""
    needed = int(await rollouts.image_size() * _PULLED) + _FLOOR
    free = await asyncio.gather(*(_free(cluster, node) for node in nodes))
    return {node.id: _sentence(node, has, needed) for node, has in zip(nodes, free, strict=True)}


def _sentence(node: NodeView, free: int | None, needed: int) -> str:
    if free is None or free >= needed:
        return ""
    return (
        f"{node.name} has {size_text(free)} free where Docker keeps images, and to pull one may "
        f"take {size_text(needed)}: it pulls none until there is room."
    )


async def _free(cluster: Cluster, node: NodeView) -> int | None:
    """Bytes free where its Docker keeps images; None where nobody can tell."""
    try:
        async with cluster.shell(node) as shell:
            root = await shell.find_sudo() in (Sudo.NONE, Sudo.PASSWORD)
            said = await shell.run(_FREE, root=root)
    except (FleetError, ProvisionError):
        return None
    answer = _ANSWER.search(said.output.decode("utf-8", "replace"))
    return int(answer[1]) * 1024 if answer else None
