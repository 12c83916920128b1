"""Where a job's units may run: what one types, and what Docker is told."""

import pytest

from swarm.docker import services
from swarm.docker.images import Image
from swarm.docker.objects import read_task
from swarm.engine import NodeView
from swarm.job import JobSpec, SpecError
from swarm.placement import as_rules, constraints, parse_rules

NODES = {
    "n1": {"squarm.arch": "aarch64", "squarm.memory": "8G", "squarm.score": "90000"},
    "n2": {"squarm.arch": "armv7l", "squarm.memory": "512M", "squarm.score": "7000"},
    "n3": {"rack": "left"},
}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("", ()),
        ("arch=aarch64", ("node.labels.squarm.arch==aarch64",)),
        (
            " arch = AARCH64 , rack!=left",
            ("node.labels.squarm.arch==AARCH64", "node.labels.rack!=left"),
        ),
        # Swarm knows no order: who does not comply is named. Without a label nobody complies.
        ("memory>=1G", ("node.id!=n2", "node.id!=n3")),
        ("score<=8000", ("node.id!=n1", "node.id!=n3")),
        ("arch=armv7l,score>=1", ("node.labels.squarm.arch==armv7l", "node.id!=n3")),
    ],
)
def test_rules_are_told_to_docker_as_constraints(where: str, told: tuple[str, ...]) -> None:
    assert constraints(where, NODES) == told


@pytest.mark.parametrize(
    "where",
    ["arch", "arch==x", "arch=", "memory>=4", "score>=fast", "a=b,,c=d", "x=\x1b[31m", "a=b" * 200],
)
def test_what_is_no_rule_is_refused_with_an_example(where: str) -> None:
    with pytest.raises(SpecError, match="such as"):
        parse_rules(where)


@pytest.mark.parametrize("where", ["arch=x86_64", "memory>=16G", "arch=armv7l, memory>=1G"])
def test_where_no_node_complies_the_job_is_not_started(where: str) -> None:
    with pytest.raises(SpecError, match="No node is labelled so"):
        constraints(where, NODES)


def test_what_a_nodes_labels_are_said_to_be_chooses_that_node() -> None:
    labels = {**NODES["n1"], "rack": "left", "squarm.solver": "4366fa155d7c"}
    said = as_rules(labels)
    assert said == "rack=left, arch=aarch64, memory=8G, score=90000"
    assert all(rule.admits(labels) for rule in parse_rules(said))


def test_a_job_keeps_where_it_runs_also_when_a_unit_is_run_again() -> None:
    spec = JobSpec(where="arch=aarch64")
    image = Image("squarm-solver:1", (), ("node.labels.squarm.solver==abc",))
    places = constraints(spec.where, NODES)
    body = services.job_service("mols10-abc123", spec, image, "net1", 1.0, places=places)
    found = {"ID": "s1", "Version": {"Index": 7}, "CreatedAt": "2026-11-28T15:00:00Z", "Spec": body}
    (job,) = services.find_jobs([found])
    assert job.spec == spec
    again = services.again_service(job, found, 3, avoided=["n2"])
    assert again["TaskTemplate"]["Placement"]["Constraints"] == [
        "node.labels.squarm.solver==abc",
        "node.labels.squarm.arch==aarch64",
        "node.id!=n2",
    ]
    error = "no suitable node (scheduling constraints not satisfied on 3 nodes)"
    status = {"State": "pending", "Err": error}
    waits = read_task({"ID": "t1", "CreatedAt": "2026-11-28T15:00:01Z", "Status": status})
    node = NodeView("n2", "pi2", "10.0.0.2", "worker", "active", "ready", "linux/arm64", 4, 1 << 30)
    why = services.job_view(job, {"s1": [waits]}, {"n2": node}).why
    assert "is one of those asked for (arch=aarch64)" in why
