"""What comes next in a rollout, from how it stands and what is seen: no clock, no Docker in it.

The pull is the self-test: on each node a job of one task, held to the node and to the new digest.
First one node of each platform; then two at a time; managers last, and one at a time. The first
that fails ends it, and new jobs go on running from what they ran from. A node that was down, or
takes no tasks, stops nobody: it is tested when it is back. Nor does one that has no room for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from swarm.docker.rollout.state import RefusedDigest, Release, Rollout, given_up
from swarm.engine import NodeView

AT_ONCE = 2
PATIENCE = 1800.0
"""Seconds in which a node must have pulled the image and passed the test."""
AGAIN = 6 * 3600.0
"""Seconds after which a node is tried again that failed where others had passed."""


class Outcome(Enum):
    """How a node's self-test is."""

    UNDER_WAY = "under way"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A self-test as the swarm tells of it; `seconds` since it was begun, `why` it failed.

    `held`: Swarm was told to try it no more, as it would for ever. `pulled`: the node has
    the image.
    """

    service: str
    node: str
    digest: str
    outcome: Outcome = Outcome.UNDER_WAY
    seconds: float = 0.0
    why: str = ""
    held: bool = False
    pulled: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin the self-test of `release` on a node."""

    node: str
    release: Release


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove a self-test's service."""

    service: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Have Swarm try a self-test no more; what it said stays."""

    service: str


Step: TypeAlias = Begin | Drop | Hold


@dataclass(frozen=True, slots=True)
class Next:
    """How the rollout stands from now on, then what is to be done, and what it waits for."""

    rollout: Rollout
    steps: tuple[Step, ...] = ()
    waiting: str = ""


def advance(rollout: Rollout, nodes: Sequence[NodeView], tests: Sequence[SelfTest]) -> Next:
    """The next steps; doing them again, or by two consoles at once, does no harm."""
    release = rollout.target or rollout.current
    if release is None:
        return Next(rollout, tuple(Drop(test.service) for test in tests))
    by_id = {node.id: node for node in nodes}
    of_others = [test for test in tests if test.digest != release.digest]
    tests = [test for test in tests if test.digest == release.digest]
    passed = [test for test in tests if test.outcome is Outcome.PASSED]
    # A node that went away is tested when it is back.
    lost = [
        test
        for test in tests
        if test.outcome is not Outcome.PASSED and not _takes_tasks(by_id.get(test.node))
    ]
    stale = [test for test in tests if test.held and test.seconds > AGAIN and test not in lost]
    gone = tuple(Drop(test.service) for test in (*of_others, *passed, *lost, *stale))
    left = [test for test in tests if test not in (*passed, *lost, *stale)]
    release = replace(release, tested=release.tested | {test.node for test in passed})
    rollout = _noted(rollout, release)
    failed = [(why, test.node) for test in left if (why := _why(test, by_id))]
    if rollout.target is not None and failed:
        refused = RefusedDigest(release.digest, *failed[0])
        everything = tuple(Drop(test.service) for test in left)
        return Next(given_up(rollout, refused), (*gone, *everything))
    # What was loaded can be pulled from nowhere any more.
    over = rollout.target is None and release.loaded
    roomy = [] if over else [node for node in nodes if node.id not in rollout.full]
    waiting = _candidates(release, roomy, left)
    chosen, hold = _canaries(release, nodes, waiting, left)
    if rollout.target is None or not hold:
        # What new jobs run from already needs no canary.
        chosen = _next_few(waiting, left)
    hopeless = [test for test in left if test.outcome is Outcome.FAILED and not test.held]
    steps: tuple[Step, ...] = (
        *gone,
        *(Hold(test.service) for test in hopeless),
        *(Begin(node.id, release) for node in chosen),
    )
    if rollout.target is None or waiting or left:
        return Next(
            rollout, steps, _underway(release, nodes, waiting, left, [why for why, _ in failed])
        )
    return _ended(rollout, release, nodes, steps)


def _ended(
    rollout: Rollout, release: Release, nodes: Sequence[NodeView], steps: tuple[Step, ...]
) -> Next:
    """Every node that takes tasks and can run it has passed; or there is none."""
    able = [node for node in nodes if release.fits(node.platform)]
    if not able:
        there = ", ".join(sorted({node.platform for node in nodes}))
        why = f"It is made for {release.made_for}, and the swarm's nodes are {there}."
        return Next(given_up(rollout, RefusedDigest(release.digest, why)), steps)
    if not any(node.id in release.tested for node in able):
        full = [rollout.full[node.id] for node in able if node.id in rollout.full]
        return Next(rollout, steps, next(iter(full), "No node that could run it takes tasks now."))
    again = rollout.current is not None and rollout.current.digest == release.digest
    done = replace(
        rollout,
        target=None,
        current=release,
        previous=rollout.previous if again else rollout.current,
        cleaned=frozenset(),
        insisted=False,
    )
    return Next(done, steps)


def foreign(release: Release, nodes: Iterable[NodeView]) -> list[str]:
    """A sentence for each node that the release is not made for."""
    return [
        f"{node.name} is {node.platform}, and the image is made for {release.made_for}: jobs pass "
        "it over."
        for node in nodes
        if not release.fits(node.platform)
    ]


def _noted(rollout: Rollout, release: Release) -> Rollout:
    if rollout.target is not None:
        return replace(rollout, target=release)
    return replace(rollout, current=release)


def _candidates(
    release: Release, nodes: Iterable[NodeView], tests: Sequence[SelfTest]
) -> list[NodeView]:
    """Nodes that are to be tested still, workers first."""
    tested = release.tested | {test.node for test in tests}
    found = [
        node
        for node in nodes
        if node.takes_tasks and release.fits(node.platform) and node.id not in tested
    ]
    return sorted(found, key=lambda node: (_manages(node), node.name, node.id))


def _canaries(
    release: Release,
    nodes: Iterable[NodeView],
    waiting: Sequence[NodeView],
    tests: Sequence[SelfTest],
) -> tuple[list[NodeView], bool]:
    """The first of each platform of which none was tried, and whether the others are to wait."""
    under_way = {test.node for test in tests}
    members: defaultdict[str, set[str]] = defaultdict(set)
    for node in nodes:
        members[node.platform].add(node.id)
    wanted = dict.fromkeys(node.platform for node in waiting)
    untried = [
        next(node for node in waiting if node.platform == platform)
        for platform in wanted
        if not members[platform] & (release.tested | under_way)
    ]
    tried = [platform for platform in members if members[platform] & release.tested]
    if any(members[platform] & under_way for platform in tried):
        # A node of a new kind that turns up in the middle.
        untried = untried[: max(0, AT_ONCE - len(under_way))]
    return untried, any(not members[platform] & release.tested for platform in wanted)


def _next_few(waiting: Sequence[NodeView], tests: Iterable[SelfTest]) -> list[NodeView]:
    at_work = sum(test.outcome is Outcome.UNDER_WAY for test in tests)
    chosen: list[NodeView] = []
    for node in waiting:
        if at_work + len(chosen) >= (1 if _manages(node) else AT_ONCE):
            break
        chosen.append(node)
    return chosen


def _why(test: SelfTest, nodes: dict[str, NodeView]) -> str:
    """Why a self-test has failed; '' where it has not."""
    name = nodes[test.node].name
    if test.outcome is Outcome.FAILED:
        return f"On {name}: {test.why}"
    if test.seconds > PATIENCE:
        return f"On {name}: no end within {PATIENCE / 60:.0f} minutes. {test.why}".strip()
    return ""


def _underway(
    release: Release,
    nodes: Sequence[NodeView],
    waiting: Sequence[NodeView],
    tests: Sequence[SelfTest],
    failed: Sequence[str],
) -> str:
    if failed:
        return failed[0]
    names = {node.id: node.name for node in nodes}
    at_work = ", ".join(sorted(names[test.node] for test in tests))
    if not at_work and not waiting:
        return ""
    passed = sum(node.id in release.tested for node in nodes)
    said = f"{passed} of {passed + len(tests) + len(waiting)} nodes have it"
    return f"{said}; being tested on {at_work}." if at_work else f"{said}."


def _takes_tasks(node: NodeView | None) -> bool:
    return node is not None and node.takes_tasks


def _manages(node: NodeView) -> bool:
    return node.role != "worker"
