"""The daemon's part in rollouts: asks the registry, and moves on what is under way."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from base.errors import EngineError
from operations.image_removal import remove_unneeded
from operations.image_room import RoomCheck
from operations.nodes import Cluster
from swarm.docker.rollout.registry import EVERY, RegistryError
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.state import Rollout

_LOG = logging.getLogger(__name__)
_BUSY = 3.0
_IDLE = 30.0
_NO_SWARM = 120.0
_JITTER = 0.15
_TIDY_AGAIN = 3600.0
"""Seconds after which a node is tried again on which older images are left."""


class ImageWatch:
    """Rolls out what the followed registry has; `problem` is one sentence, '' where all is well.

    `tell`: what is to be said of an image that was rolled out, or refused. `cluster`: how nodes
    are reached, to see whether they have room for an image, and to remove those that nothing needs;
    None where neither is done.
    """

    def __init__(
        self,
        open_rollouts: Callable[[], Awaitable[Rollouts]],
        tell: Callable[[str], None],
        cluster: Cluster | None = None,
    ) -> None:
        self.problem = ""
        self._open = open_rollouts
        self._tell = tell
        self._registry_problem = ""
        self._check_at = 0.0
        self._cluster = cluster
        self._tidy_at: dict[tuple[str, str], float] = {}
        self._room = RoomCheck()

    async def run(self) -> None:
        """Go on until cancelled, whatever happens to the swarm or the registry."""
        rollouts: Rollouts | None = None
        before: Rollout | None = None
        try:
            while True:
                wait = _NO_SWARM
                try:
                    rollouts = rollouts or await self._open()
                    status = await self._look(rollouts)
                    self._say(before, status.rollout)
                    before = status.rollout
                    wait = _BUSY if status.busy else _IDLE
                    self._judge(status)
                    # What is held may be so for want of the room that this makes.
                    if self._cluster is not None and (not status.busy or _stands_still(status)):
                        await self._tidy(rollouts, self._cluster, status)
                except EngineError as error:
                    # Without a swarm there is nothing to roll out; what is wrong others say.
                    _LOG.info("No rollout now: %s", error)
                await asyncio.sleep(wait)
        finally:
            if rollouts is not None:
                await rollouts.close()

    async def _look(self, rollouts: Rollouts) -> Status:
        if self._cluster is not None:
            # What is rolled out already may have a node that was away, and must pull it now.
            before = await rollouts.status()
            if await self._room.look(rollouts, self._cluster, before) and self._room.unseen:
                _LOG.warning("%s", self._room.unseen)
        status = await rollouts.advance()
        if not status.rollout.follow or status.rollout.pinned:
            self._registry_problem = ""
        elif time.monotonic() >= self._check_at:
            wait = EVERY
            try:
                rollout = await rollouts.check()
                self._registry_problem = ""
                status = replace(status, rollout=rollout)
            except RegistryError as error:
                wait = error.wait
                self._registry_problem = str(error)
            # So that not all clusters of the world ask at once.
            self._check_at = time.monotonic() + wait * random.uniform(1, 1 + _JITTER)  # noqa: S311
        return status

    async def _tidy(self, rollouts: Rollouts, cluster: Cluster, status: Status) -> None:
        """Remove what a rollout left behind, where that was not tried of late."""
        rollout = status.rollout
        if rollout.current is None or rollout.previous is None:
            return
        tried = self._tidy_at
        due = [
            node
            for node in status.nodes
            if node.state == "ready"
            and node.id not in rollout.cleaned
            and time.monotonic() >= tried.get((rollout.current.digest, node.id), 0.0)
        ]
        async with aclosing(remove_unneeded(rollouts, cluster, due)) as cleaned:
            async for one in cleaned:
                tried[rollout.current.digest, one.node.id] = time.monotonic() + _TIDY_AGAIN
                _LOG.info("%s: removed %d images. %s", one.node.name, len(one.removed), one.why)

    def _judge(self, status: Status) -> None:
        refused = status.rollout.refused
        why = f"The image {refused.digest[:19]} is refused: {refused.why}" if refused else ""
        problem = self._registry_problem or why or (status.waiting if status.failing else "")
        if problem and problem != self.problem:
            _LOG.warning("%s", problem)
        self.problem = problem

    def _say(self, before: Rollout | None, now: Rollout) -> None:
        if before is None:
            return
        if now.refused is not None and now.refused != before.refused:
            self._tell(f"The image {now.refused.digest[:19]} is refused: {now.refused.why}")
        if now.current is not None and (
            before.current is None or now.current.digest != before.current.digest
        ):
            self._tell(f"New jobs run from the image {now.current.digest[:19]}.")


def _stands_still(status: Status) -> bool:
    """Whether a rollout waits, and nothing of it is under way."""
    return bool(status.waiting) and not status.tests
