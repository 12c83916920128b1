"""What the console knows of the image that jobs run from; it looks, and changes nothing."""

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from base.errors import EngineError

if TYPE_CHECKING:
    from operations.images import Open
    from swarm.docker.rollout.history import Event
    from swarm.docker.rollout.rollouts import Rollouts, Status

_EVENTS = 200


class ImageSession:
    """Methods may raise EngineError. What is behind it is imported when it is first wanted."""

    def __init__(self) -> None:
        self._rollouts: Rollouts | None = None
        self._turn = asyncio.Lock()

    @property
    def open(self) -> "Open":
        """What opens a manager for a change."""
        from operations.images import rollouts_here

        return rollouts_here

    async def status(self) -> "Status":
        """How the rollout stands now; after an error another manager may answer."""
        async with self._turn:
            if self._rollouts is None:
                # With the docker SDK it takes a while: not on the event loop.
                await asyncio.to_thread(import_module, "swarm.docker.manager_api")
                from operations.images import open_rollouts

                self._rollouts = await open_rollouts()
            try:
                return await self._rollouts.status()
            except EngineError:
                await self.close()
                raise

    async def history(self) -> Sequence["Event"]:
        """What became of each image, as this machine saw it, the newest first."""
        from swarm.docker.rollout.history import RolloutHistory

        return await asyncio.to_thread(RolloutHistory().newest, _EVENTS)

    async def close(self) -> None:
        """Let go of the manager."""
        rollouts, self._rollouts = self._rollouts, None
        if rollouts is not None:
            await rollouts.close()
