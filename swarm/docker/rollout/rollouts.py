"""A swarm's rollout, looked at and moved on through one of its managers.

Nothing is kept here that matters: how it stands is in the swarm's labels, what is under way in its
services. So any number of consoles and daemons may do this at once, end in the middle, and go on.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from base.errors import EngineError
from swarm.docker.listing import Lister
from swarm.docker.membership import Manager, ask_manager
from swarm.docker.refusals import OtherVersion
from swarm.docker.rollout import plan, state
from swarm.docker.rollout.blobs import platform_of
from swarm.docker.rollout.history import RolloutHistory
from swarm.docker.rollout.plan import Begin, Hold, Outcome, SelfTest, Step
from swarm.docker.rollout.registry import EVERY, RegistryError
from swarm.docker.rollout.state import Release, Rollout
from swarm.engine import NodeView

if TYPE_CHECKING:
    from swarm.docker.manager_api import ManagerApi

T = TypeVar("T")
NOTHING_FOLLOWED = (
    "This swarm follows no image in a registry: squarm image follow HOST/NAME:TAG makes it follow "
    "one."
)


@dataclass(frozen=True, slots=True)
class Status:
    """How a rollout stands, the nodes, the self-tests under way, and what it waits for."""

    rollout: Rollout
    nodes: tuple[NodeView, ...] = ()
    tests: tuple[SelfTest, ...] = ()
    waiting: str = ""

    @property
    def busy(self) -> bool:
        """Whether something is being tested, or is to be."""
        return bool(self.rollout.target or (self.waiting and not self.failing))

    @property
    def held(self) -> bool:
        """Whether a rollout waits for nothing but room on nodes."""
        rollout = self.rollout
        return rollout.target is not None and self.waiting in rollout.full.values()

    @property
    def failing(self) -> bool:
        """Whether a node fails what others have passed, and nothing else is under way."""
        outcomes = {test.outcome for test in self.tests}
        return self.rollout.target is None and outcomes == {Outcome.FAILED}


class Rollouts:
    """Every method may raise EngineError; those that ask a registry, RegistryError."""

    def __init__(self, manager: Manager, history: RolloutHistory | None = None) -> None:
        self._manager = manager
        self._history = history or RolloutHistory()
        self._lister = Lister(manager)
        self._api: ManagerApi | None = None
        self._asked: set[str] = set()
        """Digests whose size was asked for: registries count that as a pull."""

    async def status(self) -> Status:
        """How it stands, changing nothing."""
        rollout = await self._tell(lambda api: api.change_rollout(lambda before: before)[1])
        nodes = await self._lister.nodes()
        tests = await self._tell(lambda api: api.self_tests())
        waiting = plan.advance(rollout, nodes, tests).waiting
        return Status(rollout, nodes, tuple(tests), waiting)

    async def follow(self, name: str, key: str | None = None) -> Rollout:
        """Have new jobs run from what a registry has under a name; it must have something.

        `key`: what that must be signed with, '' nothing, None what it must be signed with now.
        """
        now = await self._tell(lambda api: api.change_rollout(lambda before: before)[1])
        begun = state.followed(name, now.key if key is None else key)
        release = await self._release(name, begun)
        if why := await self._unsigned(begun, release):
            raise EngineError(f"{name} is not followed. {why}")
        return await self._change(lambda _: state.seen(begun, release))

    async def unfollow(self) -> str:
        """Have new jobs run from the image that nodes were given by hand; gives the former name."""
        before = await self._rolled()
        await self._change(lambda _: Rollout())
        return before.follow

    async def check(self, *, asked: bool = False, insisted: bool = False) -> Rollout:
        """Ask the registry what it has now.

        `asked`: a person wants it, refused before or not; `insisted`: also where room is scarce.
        """
        rollout = await self._followed()
        release = await self._release(rollout.follow, rollout)
        why = await self._unsigned(rollout, release)

        def change(now: Rollout) -> Rollout:
            if (now.follow, now.key) != (rollout.follow, rollout.key):
                return now
            return state.seen(now, release, asked=asked, insisted=insisted, unsigned=why)

        return await self._change(change)

    async def pin(self, digest: str, *, insisted: bool = False) -> Rollout:
        """Roll out one digest, and stay with it; `insisted`: also where room is scarce."""
        rollout = await self._followed()
        name = f"{rollout.follow.partition('@')[0]}@{digest}"
        release = await self._release(name, rollout)
        if why := await self._unsigned(rollout, release):
            raise EngineError(f"{digest[:19]} is refused. {why}")
        return await self._change(lambda now: state.pinned(now, release, insisted=insisted))

    async def load(self, release: Release, full: Mapping[str, str]) -> Rollout:
        """Roll out what is being loaded; `full`: why nodes pull none of it, by id."""
        return await self._change(lambda now: state.loaded(now, release, full))

    async def break_off_load(self, digest: str) -> None:
        """Roll out no more what can be pulled no more, and have no node go on trying."""
        await self._change(lambda now: state.broken_off(now, digest))
        await self.advance()

    async def save(self, reference: str, file: Path) -> None:
        """Write an image that the daemon asked has to a file, as docker save does."""
        await self._tell(lambda api: api.save_image(reference, file))

    async def roll_back(self) -> Rollout:
        """Have new jobs run from what they ran from before, at once."""
        before = await self._rolled()
        after = await self._change(state.rolled_back)
        if after == before:
            raise EngineError("There is no image to go back to: squarm image history tells of all.")
        return after

    @property
    def here(self) -> str:
        """The id of the node whose daemon is asked."""
        return self._manager.node

    async def needed(self) -> tuple[Rollout, list[str]]:
        """How it stands, and what every service names as its image, at one moment."""
        return await self._tell(
            lambda api: (api.change_rollout(lambda before: before)[1], api.service_images())
        )

    async def images_here(self) -> list[str]:
        """The images that the daemon asked has from registries, by NAME@sha256:… as pulled."""
        return await self._tell(lambda api: api.pulled_images())

    async def remove_here(self, references: Iterable[str]) -> None:
        """Remove some of them; one that a container uses stays."""
        for reference in references:
            await self._tell(partial(_remove_image, reference))

    async def image_size(self) -> int:
        """The bytes that what new jobs run from takes on the manager; 0 where it is not there."""
        return await self._tell(lambda api: api.image_size())

    async def note_full(self, found: Mapping[str, str]) -> None:
        """Note why an image does not fit on nodes, by id; '' for those on which it does."""
        await self._change(lambda now: state.measured(now, found))

    async def note_removal(
        self, node: NodeView, removed: Iterable[str], clean: Rollout | None
    ) -> None:
        """Note what was removed from a node; `clean`: it holds nothing older than that has."""
        await asyncio.to_thread(self._history.note_removal, removed, node.name)
        if clean is not None:
            await self._change(lambda now: state.cleaned(now, node.id, clean))

    async def advance(self) -> Status:
        """Look once, note what came of it, and do what comes next."""
        nodes = await self._lister.nodes()
        tests = await self._tell(lambda api: api.self_tests())
        came = plan.Next(Rollout())

        def change(now: Rollout) -> Rollout:
            nonlocal came
            came = plan.advance(now, nodes, tests)
            return came.rollout

        rollout = await self._change(change)
        for release in (rollout.current, rollout.target):
            if release is not None and release.loaded:
                await self._mark(release, nodes)
        for step in came.steps:
            await self._tell(partial(_do, step, rollout))
        return Status(rollout, nodes, tuple(tests), came.waiting)

    async def _mark(self, release: Release, nodes: Iterable[NodeView]) -> None:
        """Have jobs run from what was loaded where it is, and nowhere else."""
        for node in nodes:
            if node.id in release.tested and release.mark not in node.labels:
                await self._tell(partial(_label, node.id, release.mark))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._api is not None:
            await asyncio.to_thread(self._api.close)

    async def _followed(self) -> Rollout:
        rollout = await self._rolled()
        if not rollout.follow:
            raise EngineError(NOTHING_FOLLOWED)
        return rollout

    async def _rolled(self) -> Rollout:
        rollout = await self._tell(lambda api: api.change_rollout(lambda before: before)[1])
        if rollout.empty:
            raise EngineError(NOTHING_FOLLOWED)
        return rollout

    async def _release(self, name: str, rollout: Rollout) -> Release:
        """What the registry has under a name, with its size; that is asked once of each."""
        release = await self._tell(lambda api: api.release(name))
        for known in (rollout.target, rollout.current, rollout.previous):
            if known is not None and known.digest == release.digest and known.blobs:
                return replace(release, blobs=known.blobs)
        if release.digest in self._asked:
            return release
        self._asked.add(release.digest)
        # Late: HTTP takes a while to import, and little is new.
        from swarm.docker.rollout.registry_reader import read_blobs

        nodes = await self._lister.nodes()
        wanted = {platform_of(node.platform) for node in nodes if release.fits(node.platform)}
        access = await self._tell(lambda api: api.registry_access(name))
        found = await read_blobs(access, release.digest, wanted) if access else {}
        return replace(release, blobs=found)

    async def _unsigned(self, rollout: Rollout, release: Release) -> str:
        """Why an image of the registry does not count as signed, and the way out; '' if it does."""
        if not rollout.must_be_signed(release.digest):
            return ""
        from swarm.docker.rollout.registry_reader import read_signatures
        from swarm.docker.rollout.signature import not_signed

        access = await self._tell(lambda api: api.registry_access(rollout.follow))
        if access is None:
            raise RegistryError(
                "The logins of Docker here (config.json) make no sense, and without them no "
                "signature is looked for.",
                EVERY,
            )
        why = not_signed(rollout.key, release.digest, await read_signatures(access, release.digest))
        name = rollout.follow.partition("@")[0]
        return why and (
            f"{why} cosign sign --key cosign.key {name}@{release.digest} signs it; squarm image "
            f"follow {name} takes another key (--signed-by FILE), or none (--unsigned)."
        )

    async def _change(self, change: Callable[[Rollout], Rollout]) -> Rollout:
        before, after = await self._tell(lambda api: api.change_rollout(change))
        await asyncio.to_thread(self._history.note, before, after)
        return after

    async def _tell(self, call: Callable[["ManagerApi"], T]) -> T:
        # Late: the SDK takes 10 MB, and most swarms follow no registry.
        from swarm.docker.manager_api import ManagerApi

        for _ in range(2):
            self._api = self._api or ManagerApi(self._manager)
            with suppress(OtherVersion):
                return await asyncio.to_thread(self._api.told, call)
            self._manager = await ask_manager(self._manager.address)
            self._lister, former, self._api = Lister(self._manager), self._api, None
            await asyncio.to_thread(former.close)
        raise EngineError("Docker changes the version that it speaks: ask again in a while.")


def _label(node: str, mark: str, api: "ManagerApi") -> None:
    api.change_node(node, "", "", {mark: "yes"})


def _remove_image(reference: str, api: "ManagerApi") -> None:
    api.remove_image(reference)


def _do(step: Step, rollout: Rollout, api: "ManagerApi") -> None:
    if isinstance(step, Begin):
        image = rollout.image_of(step.release)
        api.begin_self_test(image, step.node, step.release.digest)
    elif isinstance(step, Hold):
        api.stop(step.service, "It fails.")
    else:
        api.drop_self_test(step.service)
