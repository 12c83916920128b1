"""How far a rollout is, node by node and in sentences: the same for all who show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from swarm.docker.rollout.plan import Outcome, SelfTest, foreign
from swarm.docker.rollout.rollouts import Status
from swarm.docker.rollout.state import Release
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
    """It has no room for the image."""
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

    `why`: what failed there, or holds it up, in a sentence.
    """

    node: NodeView
    digest: str
    state: NodeState
    test: SelfTestState
    why: str = ""


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
        if state is NodeState.TESTING and node.platform not in tried:
            state = NodeState.CANARY
        found.append(NodeImage(node, has, state, test, why))
    return found


def facts(status: Status) -> list[tuple[str, str]]:
    """What is followed, used, on its way, was before, is refused: a label and its words each."""
    rollout = status.rollout
    told = [("follows", f"{rollout.follow}{' (pinned)' if rollout.pinned else ''}")]
    told.append(("jobs use", _release(rollout.current, status)))
    if rollout.target is not None:
        told.append(("on its way", _release(rollout.target, status)))
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
    held = (one.why for one in nodes if one.state is NodeState.HELD)
    yield from (why for why in held if why != status.waiting)
    away = [one.node.name for one in nodes if one.state is NodeState.AWAY]
    if away:
        yield f"Away, and tested when they are back: {', '.join(away)}."
    release = status.rollout.target or status.rollout.current
    if release is not None:
        yield from foreign(release, status.nodes)


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
    if test is None and node.id in rollout.full:
        return NodeState.HELD, SelfTestState.NOT_YET, rollout.full[node.id]
    if test is None or test.outcome is Outcome.PASSED:
        state = NodeState.WAITING if node.takes_tasks else NodeState.AWAY
        return state, SelfTestState.NOT_YET, ""
    if test.outcome is Outcome.FAILED:
        return NodeState.FAILED, SelfTestState.FAILED, test.why
    # A word of its own says no more than the state.
    why = test.why if " " in test.why else ""
    return NodeState.TESTING, SelfTestState.RUNNING if test.pulled else SelfTestState.PULLING, why


def _release(release: Release | None, status: Status) -> str:
    if release is None:
        return "what the registry has when they start: nothing was rolled out yet"
    have = sum(node.id in release.tested for node in status.nodes)
    return f"{release.digest}, on {have} of {len(status.nodes)} nodes, for {release.made_for}"
