"""An image out of a file, or of this manager's Docker, brought to the nodes without a registry.

While it is loaded, a port on each node's own loopback leads through SSH to a registry here that has
nothing but this image: so the rollout is that of any image, and what a node has does not travel.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from base import paths
from base.errors import EngineError, FleetError, ProvisionError, UsageError
from base.scratch_folder import scratch_folder
from base.text import clean_text
from operations.image_rollout import see_through
from operations.image_room import free_room, room_for, too_full
from operations.images import Open
from operations.kinds import Kind
from operations.nodes import Cluster
from operations.operation import Caution, Done, Operation, Step, Tell
from swarm.docker.loading.layout import Layout, opened
from swarm.docker.rollout.progress import at_most
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.state import LOADED, Release, Rollout
from swarm.engine import NodeView

if TYPE_CHECKING:
    from swarm.docker.loading.registry import Registry

_PORT = int(LOADED.partition("/")[0].rpartition(":")[2])
_AT_ONCE = 8
"""Nodes that are reached at a time."""


def load(
    open_: Open, cluster: Cluster, sources: Sequence[str], *, insisted: bool = False
) -> Operation[Status]:
    """Roll out an image from files, one a platform or one for all, or one that Docker has here.

    `insisted`: nodes pull it whether they have room or not. Raises UsageError for no image.
    """
    caution = Caution(
        "Have new jobs run from this image?",
        "It is tested on each node that squarm can log in to; the others run no new jobs. What a "
        "registry has is not rolled out any more, until squarm image roll.",
        agree="Load it",
        decline="Leave it as it is",
    )

    async def work(tell: Tell) -> Done[Status]:
        async with open_() as rollouts, AsyncExitStack() as stack:
            tell(Step("reading the image"))
            # It speaks HTTP, which takes a while to import: not on the event loop.
            await asyncio.to_thread(import_module, "swarm.docker.loading.registry")
            layout = await stack.enter_async_context(_image(rollouts, sources))
            release = Release(layout.digest, layout.platforms, blobs=layout.blobs, loaded=True)
            status = await rollouts.status()
            tell(Step("logging in to the nodes"))
            nodes = _Nodes(cluster, layout, stack, insisted)
            await nodes.reach(status, release)
            try:
                await rollouts.load(release, nodes.unreached)
                status, said = await see_through(rollouts, cluster, tell, nodes.pulled)
            except asyncio.CancelledError:
                await rollouts.break_off_load(release.digest)
                raise
        return Done(" ".join(filter(None, (said, nodes.travelled()))), status)

    return Operation(
        kind=Kind.LOAD_IMAGE,
        target=clean_text(sources[0], 120),
        caution=caution,
        keep=None,
        work=work,
    )


@asynccontextmanager
async def _image(rollouts: Rollouts, sources: Sequence[str]) -> AsyncIterator[Layout]:
    """The image; what is unpacked of it is gone when the block ends."""
    files = [paths.typed(source) for source in sources]
    async with AsyncExitStack() as stack:
        if len(files) == 1 and not files[0].exists():
            files = [await _saved(rollouts, sources[0], stack)]
        given_up = threading.Event()
        # Whoever cancels this would wait for the thread, which cannot be ended from outside.
        stack.callback(given_up.set)
        unpacked = opened(files, lambda: not given_up.is_set())
        layout = await asyncio.to_thread(unpacked.__enter__)
        stack.push_async_callback(asyncio.to_thread, unpacked.__exit__, None, None, None)
        yield layout


async def _saved(rollouts: Rollouts, reference: str, stack: AsyncExitStack) -> Path:
    await asyncio.to_thread(paths.cache().mkdir, parents=True, exist_ok=True)
    file = stack.enter_context(scratch_folder(paths.cache(), "image")) / "saved.tar"
    try:
        await rollouts.save(reference, file)
    except EngineError as error:
        name = clean_text(reference, 120)
        raise UsageError(
            f"{name!r} is no file, and no image that this manager's Docker gives ({error})"
        ) from None
    return file


@dataclass(slots=True)
class _Nodes:
    """The nodes that pull from here, by their ids, and why the others do not, in sentences."""

    cluster: Cluster
    layout: Layout
    stack: AsyncExitStack
    insisted: bool
    unreached: dict[str, str] = field(default_factory=dict)
    _pulling: dict[str, tuple[NodeView, int, "Registry"]] = field(default_factory=dict)
    _around: dict[str, str] = field(default_factory=dict)
    """Why the port of a node, by its name, does not lead here through SSH itself; '': it does."""

    async def reach(self, status: Status, release: Release) -> None:
        """Have the port of each node that the image is made for lead here.

        Raises EngineError where none can be reached.
        """
        room = Path(self.stack.enter_context(TemporaryDirectory(prefix="squarm-")))
        turns = asyncio.Semaphore(_AT_ONCE)
        now = status.rollout.current
        again = now is not None and now.loaded and now.digest == release.digest
        has = now.tested if now is not None and again else frozenset()

        async def one(number: int, node: NodeView) -> None:
            known = Rollout(status.rollout.follow, now, status.rollout.previous, release)
            most = known.to_pull(node.id, node.platform) or 0
            try:
                async with turns:
                    await self._lead(node, room / f"{number}.sock", most)
            except (FleetError, ProvisionError) as error:
                self.unreached[node.id] = f"{node.name} pulls none: {error}"

        lacking = [
            node for node in status.nodes if node.id not in has and release.fits(node.platform)
        ]
        able = [node for node in lacking if node.takes_tasks]
        for node in lacking:
            if not node.takes_tasks:
                self.unreached[node.id] = f"{node.name} takes no tasks now: load it again then."
        await asyncio.gather(*(one(number, node) for number, node in enumerate(able)))
        if able and not self._pulling:
            raise EngineError(
                "No node can be reached, and nothing was changed. "
                + " ".join(self.unreached.values())
            )

    async def _lead(self, node: NodeView, socket: Path, most: int) -> None:
        from swarm.docker.loading.registry import serving

        async with AsyncExitStack() as opening:
            shell = await opening.enter_async_context(self.cluster.shell(node))
            if not self.insisted:
                why = too_full(node, await free_room(shell, node), room_for(most))
                if why:
                    self.unreached[node.id] = why
                    return
            registry = await opening.enter_async_context(serving(self.layout, socket))
            self._around[node.name] = await opening.enter_async_context(
                shell.forward(_PORT, socket)
            )
            self._pulling[node.id] = (node, most, registry)
            # It stays open for as long as the image is loaded.
            self.stack.push_async_exit(opening.pop_all())

    def pulled(self) -> Mapping[str, str]:
        """How much each node that pulls has got, of how much at most, by its name."""
        return {
            node.name: f"{at_most(registry.sent)} of {at_most(most)}"
            for node, most, registry in self._pulling.values()
            if registry.sent
        }

    def travelled(self) -> str:
        """How much each node has pulled, and which of them not through SSH, in sentences."""
        came = [
            f"{node.name} {at_most(registry.sent)}"
            for node, _, registry in self._pulling.values()
            if registry.sent
        ]
        around = [
            f"{name} has it through a program there: {why}"
            for name, why in self._around.items()
            if why
        ]
        return " ".join([*([f"Pulled: {', '.join(came)}."] if came else []), *around])
