"""How far a rollout is, node by node and in sentences: the same for all who show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from base.text import age_text
from swarm.docker.rollout.plan import Outcome, SelfTest, foreign
from swarm.docker.rollout.rollouts import Status
from swarm.docker.rollout.state import Release, Rollout
from swarm.engine import NodeView


class NodeState(StrEnum):
    """Where a node is in a rollout."""

    CURRENT = "current"
    """It has what new jobs run from."""
    TESTED = "tested"
    """It has passed what is on its way, and waits for the others."""
    CANARY = "canary"
    """The first of its platform to try it."""
    TESTING = "testing"
    WAITING = "waiting"
    HELD = "held"
    """It has no room for the image, or cannot pull it."""
    FAILED = "failed"
    AWAY = "away"
    """It takes no tasks now, and is tested when it does."""
    PASSED_OVER = "passed over"
    """The image is not made for its platform."""


class SelfTestState(StrEnum):
    """A node's self-test of what is on its way; where nothing is, of what new jobs run from."""

    NONE = "-"
    NOT_YET = "not yet"
    PULLING = "pulling"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NodeImage:
    """A node's part in a rollout; `digest`: the newest that passed there, '' for none.

    `why`: what failed there, or holds it up, in a sentence. `to_pull`: bytes at most, None where
    that is not known. Docker tells of no byte while a node pulls for the swarm.
    """

    node: NodeView
    digest: str
    state: NodeState
    test: SelfTestState
    why: str = ""
    to_pull: int | None = None


def node_images(status: Status) -> list[NodeImage]:
    """Each node's part; none where no image was rolled out, nor is."""
    rollout = status.rollout
    release = rollout.target or rollout.current
    if release is None:
        return []
    tests = {test.node: test for test in status.tests if test.digest == release.digest}
    tried = {node.platform for node in status.nodes if node.id in release.tested}
    known = [one for one in (rollout.target, rollout.current, rollout.previous) if one is not None]
    found = []
    for node in status.nodes:
        has = next((one.digest for one in known if node.id in one.tested), "")
        state, test, why = _part(status, release, node, tests.get(node.id))
        pulled = test not in (SelfTestState.NOT_YET, SelfTestState.PULLING)
        to_pull = 0 if pulled else rollout.to_pull(node.id, node.platform)
        if state is NodeState.TESTING and node.platform not in tried:
            state = NodeState.CANARY
        found.append(NodeImage(node, has, state, test, why, to_pull))
    return found


def facts(status: Status) -> list[tuple[str, str]]:
    """What is followed, used, on its way, was before, is refused: a label and its words each."""
    rollout = status.rollout
    told = [("follows", _followed(rollout))]
    if rollout.key:
        told.append(("signed by", f"the key {rollout.signer}: what is not is refused"))
    told.append(("jobs use", _release(rollout.current, status)))
    if rollout.target is not None:
        told.append(("on its way", _release(rollout.target, status)))
    if left := _left(node_images(status)):
        told.append(("to pull", left))
    if rollout.previous is not None:
        told.append(("before", rollout.previous.digest))
        clean = sum(node.id in rollout.cleaned for node in status.nodes)
        told.append(("older", f"none is left on {clean} of {len(status.nodes)} nodes"))
    if rollout.refused is not None:
        told.append(("refused", f"{rollout.refused.digest}: {rollout.refused.why}"))
    return told


def remarks(status: Status) -> Iterator[str]:
    """What it waits for, and which nodes have no part in it: a sentence each."""
    if status.waiting:
        yield status.waiting
    nodes = node_images(status)
    yield from (one.why for one in nodes if one.test is SelfTestState.PULLING)
    held = (one.why for one in nodes if one.state is NodeState.HELD)
    yield from (why for why in held if why != status.waiting)
    away = [one.node.name for one in nodes if one.state is NodeState.AWAY]
    if away:
        yield f"Away, and tested when they are back: {', '.join(away)}."
    release = status.rollout.target or status.rollout.current
    if release is not None:
        yield from foreign(release, status.nodes)


def _followed(rollout: Rollout) -> str:
    if not rollout.follow:
        return "no image in a registry: one was loaded"
    if any(one is not None and one.loaded for one in (rollout.current, rollout.target)):
        return f"{rollout.follow} (not now: an image was loaded)"
    return f"{rollout.follow}{' (pinned)' if rollout.pinned else ''}"


def at_most(size: int) -> str:
    """Bytes that travel, rounded up: 508K, 2.0M, 18M."""
    if size <= 1023 * 1024:
        return f"{-(-size // 1024)}K"
    tenths = -(-size * 10 // 1024**2)
    return f"{tenths / 10:.1f}M" if tenths < 100 else f"{-(-size // 1024**2)}M"


def _left(nodes: Sequence[NodeImage]) -> str:
    """What all nodes have still to pull, as far as that is known; '' where nothing is."""
    left = [one.to_pull for one in nodes if one.to_pull and one.state is not NodeState.PASSED_OVER]
    if not left:
        return ""
    return f"up to {at_most(sum(left))} in all, on {len(left)} of {len(nodes)} nodes"


def _part(
    status: Status, release: Release, node: NodeView, test: SelfTest | None
) -> tuple[NodeState, SelfTestState, str]:
    rollout = status.rollout
    refused = rollout.refused
    if rollout.target is None and refused is not None and refused.node == node.id:
        return NodeState.FAILED, SelfTestState.FAILED, f"{refused.digest[:19]}: {refused.why}"
    if not release.fits(node.platform):
        return NodeState.PASSED_OVER, SelfTestState.NONE, foreign(release, [node])[0]
    if node.id in release.tested:
        state = NodeState.TESTED if rollout.target is not None else NodeState.CURRENT
        return state, SelfTestState.PASSED, ""
    if rollout.target is None and release.loaded:
        why = f"{node.name} was not reached when the image was loaded: squarm image load again."
        return NodeState.HELD, SelfTestState.NOT_YET, why
    if test is None and node.id in rollout.full:
        return NodeState.HELD, SelfTestState.NOT_YET, rollout.full[node.id]
    if test is None or test.outcome is Outcome.PASSED:
        state = NodeState.WAITING if node.takes_tasks else NodeState.AWAY
        return state, SelfTestState.NOT_YET, ""
    if test.outcome is Outcome.FAILED:
        return NodeState.FAILED, SelfTestState.FAILED, test.why
    # A word of its own says no more than the state.
    why = test.why if " " in test.why else ""
    if test.pulled:
        return NodeState.TESTING, SelfTestState.RUNNING, why
    return NodeState.TESTING, SelfTestState.PULLING, why or _pulling(rollout, node, test)


def _pulling(rollout: Rollout, node: NodeView, test: SelfTest) -> str:
    size = rollout.to_pull(node.id, node.platform)
    what = "an image whose size is not known" if size is None else f"up to {at_most(size)}"
    return f"{node.name} pulls {what}: {age_text(test.seconds)} so far."


def _release(release: Release | None, status: Status) -> str:
    if release is None:
        return "what the registry has when they start: nothing was rolled out yet"
    have = sum(node.id in release.tested for node in status.nodes)
    return f"{release.digest}, on {have} of {len(status.nodes)} nodes, for {release.made_for}"
