"""A swarm's image that does as it is told, and remembers what it was told: no daemon."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

from base.errors import EngineError
from operations.images import Open
from swarm.docker.rollout import state
from swarm.docker.rollout.blobs import Blob
from swarm.docker.rollout.history import Event
from swarm.docker.rollout.plan import Outcome, SelfTest, advance
from swarm.docker.rollout.rollouts import Rollouts, Status
from swarm.docker.rollout.state import RefusedDigest, Release, Rollout
from tests.tui.console.scripted.console import NOW, node
from tui.console.sessions.images import ImageSession

FOLLOWED = "ghcr.io/me/squarm-solver:latest"
MADE_FOR = (("linux", "amd64"), ("linux", "arm64"), ("linux", "armv7l"))
BASE = Blob("b" * 12, 17_600_000)


def release(digit: str) -> Release:
    """One whose system is always the same, and whose solver is its own."""
    blobs = (BASE, Blob(digit * 12, 520_000))
    return Release(f"sha256:{digit * 64}", MADE_FOR, blobs=dict.fromkeys(MADE_FOR, blobs))


OLDEST, OLD, NEW = (release(digit) for digit in "abc")
NODES = (
    node("pi-master", role="manager"),
    node("pi-02"),
    node("pi-03"),
    node("pi-04", state="down"),
    node("pi-05", platform="linux/arm/v7"),
    node("pi-06", platform="linux/arm/v7"),
    node("pi-07", platform="linux/riscv64"),
)


def on(release: Release, *nodes: str) -> Release:
    """A release whose self-test has passed on these."""
    return replace(release, tested=frozenset(f"id-{name}" for name in nodes))


def under_way() -> Status:
    """A rollout in the middle: each state that a node may be in, but for a failure."""
    everywhere = on(OLD, *(one.name for one in NODES[:-1]))
    rollout = Rollout(FOLLOWED, everywhere, OLDEST, on(NEW, "pi-02"))
    tests = (
        SelfTest("s1", "id-pi-03", NEW.digest, why="running", pulled=True),
        SelfTest("s2", "id-pi-05", NEW.digest, seconds=130.0, why="preparing"),
    )
    return told(rollout, *tests)


def refused() -> Status:
    """A rollout that has ended where one node has failed."""
    why = "On pi-05: its self-test fails (non-zero exit (1)): solver: FAILED, order 6 [red]x[/]"
    everywhere = on(OLD, *(one.name for one in NODES[:-1]))
    refused = RefusedDigest(NEW.digest, why, "id-pi-05")
    return told(Rollout(FOLLOWED, everywhere, OLDEST, None, refused))


def told(rollout: Rollout, *tests: SelfTest) -> Status:
    return Status(rollout, NODES, tests, advance(rollout, NODES, tests).waiting)


class ScriptedRollouts:
    """Holds a status; changes are those of the real ones, on it."""

    def __init__(self, status: Status) -> None:
        self.now = status
        self.newest = NEW
        self.problem = ""
        self.pulling = ""
        """The node on which no self-test ends before this is another."""
        self.done: list[str] = []

    def _change(self, what: str, rollout: Rollout) -> Rollout:
        self.done.append(what)
        self.now = told(rollout)
        return rollout

    async def status(self) -> Status:
        if self.problem:
            raise EngineError(self.problem)
        return self.now

    async def follow(self, name: str, key: str | None = None) -> Rollout:
        wanted = self.now.rollout.key if key is None else key
        begun = state.followed(name, wanted)
        return self._change(f"follow {name}", state.seen(begun, self.newest))

    async def unfollow(self) -> str:
        self._change("unfollow", Rollout())
        return FOLLOWED

    async def check(self, *, asked: bool = False, insisted: bool = False) -> Rollout:
        seen = state.seen(self.now.rollout, self.newest, asked=asked, insisted=insisted)
        return self._change("check", seen)

    async def pin(self, digest: str, *, insisted: bool = False) -> Rollout:
        wanted = state.pinned(self.now.rollout, Release(digest), insisted=insisted)
        return self._change(f"pin {digest}", wanted)

    async def load(self, release: Release, full: Mapping[str, str]) -> Rollout:
        return self._change("load", state.loaded(self.now.rollout, release, full))

    async def break_off_load(self, digest: str) -> None:
        self._change("break off", state.broken_off(self.now.rollout, digest))

    async def image_size(self) -> int:
        return 60 * 10**6

    async def note_full(self, found: Mapping[str, str]) -> None:
        self.now = told(state.measured(self.now.rollout, found))

    async def roll_back(self) -> Rollout:
        return self._change("roll back", state.rolled_back(self.now.rollout))

    async def advance(self) -> Status:
        """Every node that can, and has room, passes at once; unless one takes its time."""
        release = self.now.rollout.target
        if release is not None and self.pulling:
            test = SelfTest("s", f"id-{self.pulling}", release.digest, why="preparing")
            self.now = told(self.now.rollout, test)
        elif release is not None:
            able = [
                one
                for one in NODES
                if one.takes_tasks
                and release.fits(one.platform)
                and one.id not in self.now.rollout.full
            ]
            passed = [SelfTest(one.name, one.id, release.digest, Outcome.PASSED) for one in able]
            self.now = told(advance(self.now.rollout, NODES, passed).rollout)
        return self.now


class ScriptedImages(ImageSession):
    """What the console is told, and what its changes reach."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.rollouts = ScriptedRollouts(status)

    @property
    def open(self) -> Open:
        @asynccontextmanager
        async def opened() -> AsyncIterator[Rollouts]:
            yield cast("Rollouts", self.rollouts)

        return opened

    async def status(self) -> Status:
        return await self.rollouts.status()

    async def history(self) -> Sequence[Event]:
        return [Event(NOW, "rolled out", f"{FOLLOWED}@{OLD.digest}")]
