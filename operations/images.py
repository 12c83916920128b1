"""The image that jobs run from: followed in a registry, rolled back."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from base import regular_file
from base.errors import UsageError
from base.text import clean_text
from operations.engines import reach_docker
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Tell
from swarm.docker.membership import find_manager
from swarm.docker.rollout.rollouts import Rollouts
from swarm.docker.rollout.state import Rollout

Open: TypeAlias = Callable[[], AbstractAsyncContextManager[Rollouts]]
"""Opens a manager of the swarm whose image it is."""
_NAME = re.compile(r"[a-z0-9][a-z0-9.:/_-]{0,250}")
_LARGEST_KEY = 16 * 1024


async def open_rollouts() -> Rollouts:
    """Through the manager that this machine is, or that DOCKER_HOST names; raises EngineError."""
    return Rollouts(await find_manager(reach=reach_docker))


@asynccontextmanager
async def rollouts_here() -> AsyncIterator[Rollouts]:
    """The same, for as long as the block lasts."""
    opened = await open_rollouts()
    try:
        yield opened
    finally:
        await opened.close()


def follow(
    open_: Open, name: str, key: Path | None = None, *, unsigned: bool = False
) -> Operation[Rollout]:
    """Have new jobs run from what a registry has under a name, once all nodes have tested it.

    `key`: the file of what it must be signed with from now on; `unsigned`: with nothing. Raises
    UsageError for what is no such name.
    """
    if not _NAME.fullmatch(name) or "/" not in name or ":" not in name.rpartition("/")[2]:
        raise UsageError(
            f"{clean_text(name, 80)!r} is no image in a registry: name it as HOST/NAME:TAG, such "
            "as ghcr.io/me/squarm-solver:latest, in small letters."
        )

    async def work(_tell: Tell) -> Done[Rollout]:
        async with open_() as rollouts:
            wanted = await asyncio.to_thread(_read_key, key) if key else ("" if unsigned else None)
            rollout = await rollouts.follow(name, wanted)
        signed = f", signed with the key {rollout.signer}" if rollout.key else ""
        return Done(
            f"The swarm follows {name}{signed}: squarm serve rolls it out, or squarm image roll "
            "does now.",
            rollout,
        )

    return Operation(kind=Kind.FOLLOW_IMAGE, target=name, caution=None, keep=None, work=work)


def unfollow(open_: Open) -> Operation[str]:
    """Follow no registry: new jobs run from the image that was built here or carried over."""
    caution = Caution(
        "Follow no image any more?",
        "New jobs run from the image that nodes were given by squarm provision, or by hand. A key "
        "that images had to be signed with is forgotten.",
        agree="Follow none",
        decline="Leave it as it is",
    )

    async def work(_tell: Tell) -> Done[str]:
        async with open_() as rollouts:
            former = await rollouts.unfollow()
        said = f"follows {former} no more" if former else "runs no loaded image any more"
        return Done(f"The swarm {said}.", former)

    return Operation(
        kind=Kind.UNFOLLOW_IMAGE, target="image", caution=caution, keep=None, work=work
    )


def check(open_: Open) -> Operation[Rollout]:
    """Ask the registry what it has now."""

    async def work(_tell: Tell) -> Done[Rollout]:
        async with open_() as rollouts:
            rollout = await rollouts.check()
        return Done(_found(rollout), rollout)

    return Operation(kind=Kind.CHECK_IMAGE, target="image", caution=None, keep=None, work=work)


def roll_back(open_: Open) -> Operation[Rollout]:
    """Have new jobs run from what they ran from before."""
    caution = Caution(
        "Roll the image back?",
        "New jobs run from the one before; those that run now end with theirs. Nothing is pulled.",
        agree="Roll it back",
        decline="Leave it as it is",
    )

    async def work(_tell: Tell) -> Done[Rollout]:
        async with open_() as rollouts:
            rollout = await rollouts.roll_back()
        return Done(running(rollout), rollout)

    return Operation(
        kind=Kind.ROLL_BACK_IMAGE, target="image", caution=caution, keep=None, work=work
    )


def _read_key(file: Path) -> str:
    """A public key, as the swarm keeps it; raises UsageError."""
    # Late: few check signatures.
    from swarm.docker.rollout.signature import key_of

    try:
        return key_of(regular_file.read_bytes(file, _LARGEST_KEY))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None


def _found(rollout: Rollout) -> str:
    if rollout.target is not None:
        return f"{rollout.target.digest[:19]} is new, and is being rolled out."
    if rollout.refused is not None:
        refused = rollout.refused
        return f"There is nothing newer than {refused.digest[:19]}, refused: {refused.why}"
    return f"There is nothing newer. {running(rollout)}"


def running(rollout: Rollout) -> str:
    """What new jobs run from, in a sentence."""
    if rollout.current is None:
        return "New jobs run from what the registry has when they start."
    return f"New jobs run from {rollout.current.digest[:19]}."
