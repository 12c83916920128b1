"""Nodes from Docker's listing, whole, bare and with one name for all."""

from typing import Any

from swarm.docker.nodes import (
    HostLoad,
    made_twice,
    node_view,
    refusing_nodes,
    told_apart,
    with_problems,
)
from swarm.docker.objects import Task, read_task

# Captured from Docker 20.10, less what is not read.
LEADER: dict[str, Any] = {
    "ID": "dcjutwhjenw0gnyz5alzqxr1n",
    "Spec": {"Labels": {}, "Role": "manager", "Availability": "active"},
    "Description": {
        "Hostname": "raspberrypi",
        "Platform": {"Architecture": "aarch64", "OS": "linux"},
        "Resources": {"NanoCPUs": 4 * 10**9, "MemoryBytes": 4_000_000_000},
    },
    "Status": {"State": "ready", "Addr": "10.0.0.1"},
    "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "10.0.0.1:2377"},
}


def test_a_leader() -> None:
    node = node_view(LEADER, None)
    assert (node.name, node.role, node.platform, node.cpus) == (
        "raspberrypi",
        "leader",
        "linux/arm64",
        4,
    )
    assert not node.here
    assert node.cpu_used is None


def test_the_node_squarm_runs_on_has_its_load() -> None:
    node = node_view(LEADER, HostLoad(LEADER["ID"], 0.25, 1000))
    assert (node.here, node.cpu_used, node.memory_used) == (True, 0.25, 1000)
    assert not node_view(LEADER, HostLoad("another", 0.25, 1000)).here


def test_a_node_that_has_not_told_anything_yet() -> None:
    node = node_view({"ID": "x1", "Spec": {"Role": "worker", "Availability": "pause"}}, None)
    assert (node.name, node.role, node.state, node.cpus) == ("x1", "worker", "unknown", 0)


def test_foreign_text_is_cleaned() -> None:
    description = {**LEADER["Description"], "Hostname": "pi\x1b[31m\u202e1"}
    assert node_view({**LEADER, "Description": description}, None).name == "pi1"
    labelled = {**LEADER["Spec"], "Labels": {"rack": "le\x1b[31mft"}}
    assert node_view({**LEADER, "Spec": labelled}, None).labels == {"rack": "left"}


def test_nodes_of_one_name_are_told_apart() -> None:
    nodes = [
        node_view(LEADER, None),
        node_view({**LEADER, "ID": "aaaaaaaa"}, None),
        node_view({**LEADER, "ID": "b", "Description": {"Hostname": "pi2"}}, None),
    ]
    assert [node.name for node in told_apart(nodes)] == [
        "raspberrypi dcjut",
        "raspberrypi aaaaa",
        "pi2",
    ]


def test_a_node_that_rejects_all_it_is_given_says_so() -> None:
    def task(number: int, state: str, said: str = "") -> Task:
        status = {"State": state, "Err": said}
        stamp = f"2026-11-28T10:00:{number:02}Z"
        return read_task({"ID": "t", "CreatedAt": stamp, "NodeID": "n1", "Status": status})

    why = "rpc error: code = Unknown desc = network w3k2 exists"
    rejected = [task(number, "rejected", why) for number in range(3)]
    node = node_view({**LEADER, "ID": "n1"}, None)
    (told,) = with_problems([node], refusing_nodes(rejected))
    assert told.problem == (
        "Docker there rejects every task (network w3k2 exists): reboot it "
        "(squarm node reboot raspberrypi), or drain it."
    )
    gone = [task(number, "rejected", "No such image: solver:1") for number in range(3)]
    (told,) = with_problems([node], refusing_nodes(gone))
    assert "bring the image back (squarm provision)" in told.problem
    full = [task(number, "rejected", "symlink a b: no space left on device") for number in range(3)]
    (told,) = with_problems([node], refusing_nodes(full))
    assert told.problem == "Its card is full, and no task can start: make room there, or drain it."
    one, _ = told_apart([node, node_view({**LEADER, "ID": "n2"}, None)])
    (told,) = with_problems([one], refusing_nodes(rejected))
    assert "(squarm node reboot 'raspberrypi n1')" in told.problem
    for well in (rejected[:2], [*rejected, task(9, "running")], [*rejected, task(9, "failed")]):
        assert not refusing_nodes(well)


def made(at: float, slot: int, state: str = "running") -> Task:
    """A task that was made at that second of a minute, as Docker lists it."""
    stamp = f"2026-11-29T20:35:{at:09.6f}Z"
    return read_task({"ID": "t", "Slot": slot, "CreatedAt": stamp, "Status": {"State": state}})


def test_a_leader_that_has_everything_run_twice_says_so() -> None:
    """moby#53632: the times are those of a swarm whose manager led before."""
    twice = [made(23.607, 1), made(23.607, 2), made(23.615, 1), made(23.615, 2)]
    assert made_twice(twice)
    (node,) = with_problems([node_view(LEADER, None)], {}, twice=True)
    assert "has each unit run twice" in node.problem
    assert "squarm node reboot raspberrypi" in node.problem
    # What failed was made anew.
    assert not made_twice([made(23.607, 1, "failed"), made(23.615, 1)])
    assert not made_twice([made(23.607, 1, "complete"), made(28.7, 1)])
    assert not made_twice([])
