"""An image that is rolled out while somebody waits: tested on each node that has room for it."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping

from base.errors import EngineError, UsageError
from operations.image_room import RoomCheck
from operations.images import Open, running
from operations.kinds import Kind
from operations.nodes import Cluster
from operations.operation import Done, Operation, Step, Tell
from swarm.docker.rollout.rollouts import Rollouts, Status

_LOOK_SECONDS = 2.0
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def roll(open_: Open, cluster: Cluster, *, insisted: bool = False) -> Operation[Status]:
    """Roll out what the registry has now, refused before or not, and see it through.

    `insisted`: nodes pull it whether they have room or not.
    """

    async def work(tell: Tell) -> Done[Status]:
        async with open_() as rollouts:
            await rollouts.check(asked=True, insisted=insisted)
            status, said = await see_through(rollouts, cluster, tell)
        return Done(said, status)

    return Operation(kind=Kind.ROLL_IMAGE, target="image", caution=None, keep=None, work=work)


def pin(open_: Open, cluster: Cluster, digest: str, *, insisted: bool = False) -> Operation[Status]:
    """Roll out one digest and stay with it, whatever the registry has.

    Raises UsageError for what is no digest.
    """
    if not _DIGEST.fullmatch(digest):
        raise UsageError("A digest is sha256: and 64 hexadecimal digits: squarm image history.")

    async def work(tell: Tell) -> Done[Status]:
        async with open_() as rollouts:
            await rollouts.pin(digest, insisted=insisted)
            status, said = await see_through(rollouts, cluster, tell)
        return Done(f"{said} It stays: squarm image roll ends that.", status)

    return Operation(kind=Kind.PIN_IMAGE, target=digest, caution=None, keep=None, work=work)


async def see_through(
    rollouts: Rollouts,
    cluster: Cluster,
    tell: Tell,
    pulled: Callable[[], Mapping[str, str]] = dict,
) -> tuple[Status, str]:
    """Move it on until it is over, as the daemon would, and say how it ended.

    `pulled`: how much nodes have, by their names, where that is known. Raises EngineError where it
    is refused, or waits for nothing but room.
    """
    began = time.monotonic()
    room = RoomCheck()
    status = await rollouts.status()
    while True:
        if status.rollout.target is not None and await room.look(rollouts, cluster, status):
            tell(Step(room.unseen.rstrip(".")))
        status = await rollouts.advance()
        if status.rollout.target is None:
            break
        if status.held:
            raise EngineError(
                f"The rollout waits for room. {_held(status)} squarm image tidy removes what "
                "nothing needs, squarm image roll --no-room-check pulls all the same."
            )
        doing = status.waiting.rstrip(".") or "testing"
        tell(Step(doing, seconds=time.monotonic() - began, nodes=pulled()))
        await asyncio.sleep(_LOOK_SECONDS)
    said = " ".join(filter(None, (running(status.rollout), _held(status), room.unseen)))
    refused = status.rollout.refused
    if refused is not None:
        raise EngineError(f"{refused.digest[:19]} is refused. {refused.why} {said}")
    return status, said


def _held(status: Status) -> str:
    """Why nodes pull nothing, in sentences."""
    full = status.rollout.full
    return " ".join(full[node.id] for node in status.nodes if node.id in full)
