"""Why jobs stay pending, from texts that Docker 20.10 was seen to give."""

import pytest

from solver import VERSION
from swarm.docker.explain import Requirements, explain_failing, explain_pending
from swarm.engine import NodeView
from swarm.job import MIB

GIB = 1024 * MIB
CONSTRAINED = "scheduling constraints not satisfied"
WANTED = Requirements("squarm-solver:1", cpus=0.25, memory=128 * MIB, platforms=("linux/amd64",))


def node(
    *, memory: int = GIB, cpus: int = 4, availability: str = "active", state: str = "ready"
) -> NodeView:
    return NodeView(
        "id", "pi1", "10.0.0.2", "worker", availability, state, "linux/arm64", cpus, memory
    )


def wanted(
    *, cpus: float = 0.25, memory: int = 128 * MIB, constraints: tuple[str, ...] = ()
) -> Requirements:
    return Requirements("squarm-solver:1", cpus, memory, constraints, ("linux/amd64",))


@pytest.mark.parametrize(
    ("error", "asked", "words"),
    [
        (
            "no suitable node (insufficient resources on 3 nodes)",
            wanted(memory=2 * GIB),
            "No node has 2G of memory (the largest has 1G): start the job with less.",
        ),
        (
            "no suitable node (insufficient resources on 1 node)",
            wanted(cpus=6),
            "No node has 6 cores (the largest has 4): start the job with fewer.",
        ),
        (
            "no suitable node (insufficient resources on 1 node)",
            wanted(cpus=2),
            "No node has 128M of memory and 2 cores free: wait for other jobs to end",
        ),
        (
            "no suitable node (insufficient resources on 1 node)",
            wanted(cpus=0),
            "No node has 128M of memory free: wait for other jobs to end",
        ),
        (
            "no suitable node (unsupported platform on 1 node)",
            wanted(),
            "The image squarm-solver:1 is made for linux/amd64, the nodes are linux/arm64: build",
        ),
        (
            "no suitable node (scheduling constraints not satisfied on 1 node)",
            wanted(constraints=("node.labels.disk==ssd",)),
            "No node meets the job's constraint (node.labels.disk==ssd): give one the label",
        ),
        (
            f"no suitable node ({CONSTRAINED} on 4 nodes; insufficient resources on 1 node)",
            wanted(memory=2 * GIB, constraints=("node.id==abc",)),
            "No node has 2G of memory",
        ),
        (
            "no suitable node (insufficient resources on 1 node; unsupported platform on 2 nodes)",
            wanted(),
            "No node takes the job (insufficient resources on 1 node; unsupported platform on",
        ),
        ("no suitable node (1 node not available for new tasks)", wanted(), "No node takes"),
        ("no suitable node", wanted(), "No node takes the job"),
    ],
)
def test_a_pending_task(error: str, asked: Requirements, words: str) -> None:
    said = explain_pending(error, asked, [node()])
    assert said.startswith(words)
    assert said.endswith((".", ")"))


def test_nodes_that_take_nothing_are_the_reason_whatever_else_there_is() -> None:
    nodes = [node(availability="drain"), node(state="down")]
    said = explain_pending("no suitable node (1 node not available for new tasks)", WANTED, nodes)
    assert said.startswith("No node is ready to take tasks: all are down, paused or drained")


def test_a_pinned_job_whose_node_is_away() -> None:
    asked = wanted(constraints=("node.id==abc",))
    error = "no suitable node (scheduling constraints not satisfied on 3 nodes)"
    assert "was only on the node the job was started on" in explain_pending(error, asked, [node()])


def test_a_job_whose_nodes_with_the_image_are_away() -> None:
    asked = wanted(constraints=("node.labels.squarm.solver==abc",))
    error = "no suitable node (scheduling constraints not satisfied on 1 node)"
    assert "No node that has the image" in explain_pending(error, asked, [node()])


def test_a_loaded_image_is_brought_to_others_by_loading_it_again() -> None:
    asked = wanted(constraints=("node.labels.squarm.image.0123456789ab==yes",))
    said = explain_pending(f"no suitable node ({CONSTRAINED} on 4 nodes)", asked, [node()])
    assert "squarm image load" in said


@pytest.mark.parametrize("error", ["", "pending task scheduling", "task: non-zero exit (1)"])
def test_what_is_no_reason_gives_no_sentence(error: str) -> None:
    assert not explain_pending(error, WANTED, [node()])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("No such image: nope/none:1", "The image squarm-solver:1 is not on the node"),
        ("pull access denied for x, repository does not exist", "The image squarm-solver:1 is not"),
        ("OCI runtime create failed: exec format error: unknown", "is not made for the node's"),
        ("Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs", "A node has fewer than"),
        ("task: non-zero exit (137)", "was killed, most likely for want of memory (128M allowed)"),
        ("task: non-zero exit (2)", f"another version than squarm's own ({VERSION})"),
        ("task: non-zero exit (3)", "Its tasks fail: task: non-zero exit (3)."),
        ("bad \x1b[31mcolours\x07 [/b]", "Its tasks fail: bad colours [/b]."),
    ],
)
def test_a_failing_task(error: str, words: str) -> None:
    assert words in explain_failing(error, WANTED)


def test_no_failure_no_sentence() -> None:
    assert not explain_failing("", WANTED)
