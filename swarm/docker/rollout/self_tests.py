"""A node's self-test as a service, and what its tasks say of it.

It is a job of one task, so that pulling the image and trying it are one and the same, done by the
node itself; it bears the label of jobs, so that its network is swept up as theirs are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from base.text import clean_text, shorten
from swarm.docker import services
from swarm.docker.images import Image, sent
from swarm.docker.objects import JOB, STOPPED, Json, seconds
from swarm.docker.refusals import plain
from swarm.docker.rollout.plan import Outcome, SelfTest

TESTED = "squarm.image.tested"
"""On a self-test's service: the digest."""
NODE = "squarm.image.node"
NAME = "squarm-self-test"
_REJECTIONS = 3
"""Times that a node may fail to pull the image: a registry may be busy."""
_RETRY_NANOSECONDS = 20 * 10**9
_PULLED = ("ready", "starting", "running", "complete", "failed")
"""States of a task whose node has its image."""
_MEMORY = 128 * 1024**2
_HINTS = (
    ("exec format error", "the image is for another platform"),
    ("(159)", "a program of 64 bits on a system of 32"),
    ("no space left", "its card is full"),
)


def name_of(node: str, digest: str) -> str:
    """The service's name: of two consoles that begin the same test, one is refused."""
    return f"{NAME}-{digest.partition(':')[2][:12]}-{node[:25]}"


def service(image: Image, node: str, digest: str, network: str) -> Json:
    """The service that pulls the image on one node and runs its self-test."""
    name = name_of(node, digest)
    template = {
        "ContainerSpec": services.container(image.reference, ["--self-test"], []),
        "Resources": {"Limits": {"MemoryBytes": _MEMORY, "Pids": services.PIDS}},
        # Swarm tries a job's task again whatever is said here; whoever looks removes the service.
        "RestartPolicy": {"Condition": "on-failure", "Delay": _RETRY_NANOSECONDS},
        "Placement": {
            "Constraints": [f"node.id=={node}"],
            "Platforms": sent(image.platforms),
        },
        "Networks": [{"Target": network}],
        "LogDriver": {"Name": "json-file", "Options": {"max-size": "1m", "max-file": "1"}},
    }
    return {
        "Name": name,
        "Labels": {JOB: name, TESTED: digest, NODE: node},
        "TaskTemplate": template,
        "Mode": services.ONCE,
        "EndpointSpec": {"Mode": "dnsrr"},
    }


def read(found: Iterable[Json], tasks: Sequence[Json], now: float) -> list[SelfTest]:
    """The self-tests among services, from their tasks; `now`: seconds since the epoch."""
    told = []
    for one in found:
        labels: Mapping[str, str] = one["Spec"].get("Labels") or {}
        if TESTED not in labels or NODE not in labels:
            continue
        ours = [task["Status"] for task in tasks if task["ServiceID"] == one["ID"]]
        outcome, why = _outcome(ours)
        began = seconds(one.get("CreatedAt", ""))
        told.append(
            SelfTest(
                service=one["ID"],
                node=labels[NODE],
                digest=labels[TESTED],
                outcome=outcome,
                seconds=max(0.0, now - began),
                why=why,
                held=STOPPED in labels,
                pulled=any(status["State"] in _PULLED for status in ours),
            )
        )
    return told


def with_words(test: SelfTest, log: bytes) -> SelfTest:
    """The self-test with the last line that it wrote itself, which says more than its status."""
    lines = log.decode(errors="replace").split("\n")
    said = [text for line in lines if (text := clean_text(line).strip())]
    return replace(test, why=f"{test.why}: {shorten(said[-1], 200)}") if said else test


def _outcome(statuses: Sequence[Json]) -> tuple[Outcome, str]:
    states = [status["State"] for status in statuses]
    if "complete" in states:
        return Outcome.PASSED, ""
    for status in statuses:
        if status["State"] == "failed":
            return Outcome.FAILED, _reason(status, "its self-test fails")
    rejected = [status for status in statuses if status["State"] == "rejected"]
    if len(rejected) >= _REJECTIONS:
        return Outcome.FAILED, _reason(rejected[-1], "it cannot start the image")
    said = rejected[-1:] or statuses[-1:]
    return Outcome.UNDER_WAY, _reason(said[0], said[0]["State"]) if said else "not begun"


def _reason(status: Json, what: str) -> str:
    said = plain(status.get("Err", ""))
    hint = next((text for words, text in _HINTS if words in said), "")
    words = ", ".join(text for text in (hint, re.sub(r"^task: ", "", said)) if text)
    return f"{what} ({words})" if words else what
