"""Containers of removed jobs, with their logs: Docker before 24 leaves them where they ran.

A manager cannot remove a container on another node (moby#42789, moby#44312): each is logged in to,
as for a restart. What the daemon of the manager itself has goes as the job is removed.
"""

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass

from base.errors import FleetError, ProvisionError
from base.text import clean_text, shorten
from fleet.ssh.shell import Shell, ShellError, Sudo
from operations.nodes import Cluster
from swarm.docker.node_life import NodeLife
from swarm.docker.objects import JOB, SERVICE
from swarm.engine import NodeView

_SECONDS = 120.0
"""A card may take its time to let go of so many files."""
_AT_ONCE = 200
_LIST = (
    f"docker container ls --all --no-trunc --filter label={JOB} --filter status=created "
    "--filter status=exited --filter status=dead "
    f"--format '{{{{.ID}}}} {{{{.Label \"{SERVICE}\"}}}}'"
)
_LINE = re.compile(r"([0-9a-f]{64}) ([a-z0-9]{25})")
_NEVER_REMOVES = re.compile(r"(1\d|20|23)\.")


@dataclass(frozen=True, slots=True)
class Freed:
    """How many containers went from a node; `why` not all, in a sentence, '' where all did."""

    node: NodeView
    removed: int = 0
    why: str = ""


def keeps_containers(node: NodeView) -> bool:
    """Whether its Docker keeps what is left of a removed job; not, where it does not tell."""
    return _NEVER_REMOVES.match(node.docker) is not None


async def remove_left(
    cluster: Cluster, wanted: Callable[[NodeView], bool] = keeps_containers
) -> AsyncGenerator[Freed]:
    """Of the `wanted` nodes one after the other; raises EngineError where no manager answers."""
    async with cluster.manager() as manager:
        for node in await manager.nodes():
            if node.id == manager.here or not wanted(node):
                continue
            if node.state != "ready":
                yield Freed(node, why=f"{node.name} is {node.state}.")
                continue
            try:
                async with cluster.shell(node) as shell:
                    freed = Freed(node, await _remove(shell, manager))
            except (FleetError, ProvisionError) as error:
                freed = Freed(node, why=str(error))
            yield freed


async def _remove(shell: Shell, manager: NodeLife) -> int:
    root = await shell.find_sudo() in (Sudo.NONE, Sudo.PASSWORD)
    said = await _run(shell, _LIST, root=root)
    held = _ended(said)
    if not held:
        return 0
    # Only then: of a container that was there by now the service is known by now, or gone.
    services = await manager.services()
    left = [container for container, service in held.items() if service not in services]
    for first in range(0, len(left), _AT_ONCE):
        some = left[first : first + _AT_ONCE]
        # Not by force: what runs is on its way out, and goes the next time.
        await _run(shell, f"docker container rm {' '.join(some)}", root=root)
    return len(left)


async def _run(shell: Shell, script: str, *, root: bool) -> str:
    said = await shell.run(script, root=root, patience=_SECONDS)
    text = said.output.decode("utf-8", "replace")
    if said.status != 0:
        raise ShellError(f"Its Docker does not do it ({shorten(clean_text(text), 160)}).")
    return text


def _ended(text: str) -> Mapping[str, str]:
    """Each container's service; what is no such line is a lie, and left out."""
    lines = map(_LINE.fullmatch, text.split("\n"))
    return {line[1]: line[2] for line in lines if line is not None}
