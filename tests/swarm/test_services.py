"""Jobs as services: what is sent, and what is read back from listings, good, bad and foreign."""

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.question import Question
from swarm.docker import reconciliation, services
from swarm.docker.images import (
    MARK,
    Image,
    from_nodes,
    from_registry,
    placements,
    sent,
)
from swarm.docker.objects import SPEC as SPEC_LABEL
from swarm.docker.objects import Json, Task, read_service, read_task
from swarm.docker.services import GIVE_UP, SwarmJob
from swarm.engine import JobState, JobView, NodeView, TaskState
from swarm.job import MIB, JobSpec
from swarm.platforms import machine_platform

SPEC = JobSpec(Question(10), count=8, replicas=2, seed=42)
IMAGE = Image("squarm-solver:1@sha256:abc", ({"OS": "linux", "Architecture": "amd64"},))
NODE = NodeView("n1", "pi1", "10.0.0.2", "worker", "active", "ready", "linux/arm64", 4, 1024 * MIB)
NODES = {"n1": NODE}


def listed(body: Json, service_id: str = "s1", version: int = 10) -> Json:
    """A service as a listing gives it back."""
    return {
        "ID": service_id,
        "Version": {"Index": version},
        "CreatedAt": "2026-11-22T22:46:03.644203182Z",
        "Spec": json.loads(json.dumps(body)),
    }


def task(number: int, state: str, slot: int = 0, **status: object) -> Task:
    # Docker leaves out a slot of 0.
    at_slot = {"Slot": slot} if slot else {}
    body = {
        "ID": f"t{number}",
        "CreatedAt": f"2026-11-22T22:46:{number:02}.644203182Z",
        "NodeID": "n1",
        "Status": {"State": state, "Timestamp": "2026-11-22T22:46:04Z", **status},
        "DesiredState": "complete",
    }
    return read_task(body | at_slot)


def a_service(spec: JobSpec = SPEC) -> Json:
    """The service of `a_job`, as a listing gives it."""
    return listed(services.job_service("mols10-abc123", spec, IMAGE, "net1", 1700000000.5))


def a_job(spec: JobSpec = SPEC) -> SwarmJob:
    (job,) = services.find_jobs([a_service(spec)])
    return job


def again(unit: int, job: SwarmJob | None = None) -> Json:
    """The service that runs a unit of `a_job` again, as it is sent."""
    return services.again_service(job or a_job(), a_service(), unit)


def view_of(*tasks: Task, job: SwarmJob | None = None) -> JobView:
    return services.job_view(job or a_job(), {"s1": tasks}, NODES)


def test_what_is_sent() -> None:
    body = services.job_service("mols10-abc123", JobSpec(seconds=60), IMAGE, "net1", 1.0)
    template = body["TaskTemplate"]
    container = template["ContainerSpec"]
    assert body["Mode"] == {"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 8}}
    assert " ".join(container["Args"]) == "10 --count 20 --units 8 --seed 0 --seconds 60"
    assert container["Env"] == ["SQUARM_UNIT={{.Task.Slot}}"]
    assert container["ReadOnly"]
    assert container["User"] == "65532:65532"
    assert container["CapabilityDrop"] == ["ALL"]
    assert template["Resources"]["Limits"] == {
        "NanoCPUs": 10**9,
        "MemoryBytes": 128 * MIB,
        "Pids": 64,
    }
    assert template["Resources"]["Reservations"] == {"NanoCPUs": 0, "MemoryBytes": 0}
    much = JobSpec(cpus=2, memory=512 * MIB)
    body = services.job_service("mols10-x", much, IMAGE, "net1", 1.0)
    reserved = {"NanoCPUs": 2 * 10**9, "MemoryBytes": 512 * MIB}
    assert body["TaskTemplate"]["Resources"]["Reservations"] == reserved
    assert template["RestartPolicy"]["Condition"] == "on-failure"
    assert template["LogDriver"]["Options"] == {"max-size": "10m", "max-file": "3"}
    assert template["Networks"] == [{"Target": "net1"}]


def test_a_job_is_found_again_by_its_labels() -> None:
    job = a_job()
    assert (job.id, job.spec, job.stopped) == ("mols10-abc123", SPEC, "")
    assert job.main.created == 1700000000.5


@pytest.mark.parametrize("told", ["", "x", "nan", "inf", "1e300", "-1"])
def test_a_job_whose_label_tells_no_time_was_made_when_docker_says(told: str) -> None:
    service = a_service()
    service["Spec"]["Labels"]["squarm.created"] = told
    (job,) = services.find_jobs([service])
    assert time.strftime("%Y-%m-%d", time.gmtime(job.main.created)) == "2026-11-22"


def test_a_unit_run_again_is_part_of_its_job() -> None:
    body = again(3)
    assert body["Mode"] == services.ONCE
    assert body["TaskTemplate"]["ContainerSpec"]["Image"] == IMAGE.reference
    assert body["Name"] == "mols10-abc123-u3-1"
    (found,) = services.find_jobs([listed(body, "s2"), a_service()])
    assert again(3, found)["Name"] == "mols10-abc123-u3-2"
    assert again(4, found)["Name"] == "mols10-abc123-u4-1"
    assert [service.id for service in found.services] == ["s1", "s2"]
    tasks = {"s1": [task(1, "complete", 3)], "s2": [task(2, "running")]}
    view = services.job_view(found, tasks, NODES)
    assert [(view.unit, view.state) for view in view.tasks] == [
        (3, TaskState.COMPLETE),
        (3, TaskState.RUNNING),
    ]


def test_a_job_is_over_when_its_units_are_and_nothing_is_run_again() -> None:
    main = a_service(JobSpec(Question(6)))
    (found,) = services.find_jobs([main, listed(again(0), "s2")])

    def state(*more: Task, nodes: dict[str, NodeView] | None = None) -> JobState:
        tasks = {"s1": [replace(task(1, "complete"), node="n2")], "s2": more}
        return services.job_view(found, tasks, nodes or {**NODES, "n2": NODE}).state

    assert state() is JobState.RUNNING
    assert state(task(2, "assigned")) is JobState.RUNNING
    assert state(task(2, "running")) is JobState.RUNNING
    assert state(task(2, "complete")) is JobState.COMPLETE
    down = {"n1": replace(NODE, state="down"), "n2": NODE}
    assert state(task(2, "running"), nodes=down) is JobState.COMPLETE


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"squarm.job": "x"},
        {"squarm.job": "x", "squarm.spec": "no json"},
        {"squarm.job": "x", "squarm.spec": '{"order": 0}'},
        {"squarm.job": "x", "squarm.spec": '{"order": "10"}'},
        {"squarm.job": "x", "squarm.spec": "[" * 5000},
        {"squarm.job": "../x", "squarm.spec": SPEC.to_json()},
        {"squarm.job": "\x1b[31mx", "squarm.spec": SPEC.to_json()},
        {"squarm.job": "x" * 80, "squarm.spec": SPEC.to_json()},
        {"squarm.job": "x", "squarm.unit": "minus one"},
        {"squarm.job": "x", "squarm.unit": "1"},
    ],
)
def test_labels_that_are_no_job_of_ours_are_left_out(labels: dict[str, str]) -> None:
    body = services.job_service("mols10-abc123", SPEC, IMAGE, "net1", 1.0)
    assert not services.find_jobs([listed({**body, "Labels": labels})])


def test_a_service_of_another_mode_is_left_out() -> None:
    body = services.job_service("mols10-abc123", SPEC, IMAGE, "net1", 1.0)
    assert not services.find_jobs([listed({**body, "Mode": {"Replicated": {"Replicas": 2}}})])


@given(st.dictionaries(st.sampled_from(["squarm.job", "squarm.spec", "squarm.unit"]), st.text()))
def test_no_labels_crash_it(labels: dict[str, str]) -> None:
    body = services.job_service("mols10-abc123", SPEC, IMAGE, "net1", 1.0)
    services.find_jobs([listed({**body, "Labels": labels})])


def test_states_of_a_job() -> None:
    done = [task(unit, "complete", unit) for unit in range(8)]
    assert view_of().state is JobState.PENDING
    assert view_of(task(1, "running")).state is JobState.RUNNING
    assert view_of(*done[:7], task(9, "preparing", 7)).state is JobState.RUNNING
    assert view_of(*done[:7]).units_done == 7
    assert view_of(*done).state is JobState.COMPLETE


def test_attempts_at_one_unit_count_once() -> None:
    view = view_of(task(1, "failed", 2, Err="task: non-zero exit (1)"), task(2, "complete", 2))
    assert view.units_done == 1
    assert [attempt.unit for attempt in view.tasks] == [2, 2]


def test_a_task_on_a_node_that_is_down_is_not_running() -> None:
    down = {"n1": replace(NODE, state="down"), "n2": NODE}
    for nodes in (down, {"n2": NODE}):
        for state in ("running", "preparing"):
            view = services.job_view(a_job(), {"s1": [task(1, state)]}, nodes)
            assert view.tasks[0].state is TaskState.STOPPED
            assert view.state is JobState.PENDING
            assert reconciliation.units_to_run(view, ()) == {0: frozenset()}
            assert reconciliation.units_to_run(view, {0}) == {}


def test_what_a_task_wrote_on_a_node_that_is_away_cannot_be_read() -> None:
    """Not even where the task had failed: a solver that ran out of memory had found some."""
    states = ("running", "failed", "complete", "rejected", "pending")
    tasks = [task(number, state, number) for number, state in enumerate(states)]
    for nodes, unread in (
        (NODES, []),
        ({"n1": replace(NODE, state="down")}, [0, 1, 2, 4]),
        ({"n1": replace(NODE, state="unknown")}, [1, 2]),
        ({}, [0, 1, 2, 4]),
    ):
        view = services.job_view(a_job(), {"s1": tasks}, nodes)
        assert [each.unit for each in view.tasks if each.unreadable] == unread


def test_a_unit_that_is_to_run_again_is_seen_to_before_swarm_makes_its_task() -> None:
    """It was run a third time where the manager was slow."""
    main = a_service()
    (job,) = services.find_jobs([main, listed(again(3), "s2")])
    assert reconciliation.beginning(job, {"s1": [], "s2": []}) == {3}
    begun = {"s1": [], "s2": [replace(task(9, "pending", 3), node="")]}
    assert not reconciliation.beginning(job, begun)
    stopped = services.stopped_service(listed(again(3), "s2"), services.CANCELLED)
    (job,) = services.find_jobs([main, listed(stopped, "s2")])
    assert not reconciliation.beginning(job, {"s1": [], "s2": []})


def test_units_are_lost_that_run_nowhere_else() -> None:
    down = {"n1": replace(NODE, state="down"), "n2": NODE}
    tasks = [
        task(1, "running", 1),
        task(2, "complete", 2),
        task(3, "running", 3),
        replace(task(4, "running", 3), node="n2"),
        task(5, "running", 4),
        replace(task(6, "pending", 4), node=""),
        task(7, "assigned", 5),
    ]
    view = services.job_view(a_job(), {"s1": tasks}, down)
    assert [*reconciliation.units_to_run(view, ())] == [1, 5]
    assert [*reconciliation.units_to_run(view, {1})] == [5]
    assert not reconciliation.units_to_run(replace(view, state=JobState.CANCELLED), ())


def test_units_whose_tasks_end_early_are_told_for_a_while() -> None:
    early = reconciliation.EarlyEnds()
    tasks = [task(1, "complete", 1), task(2, "running", 2), task(3, "running", 3)]
    early.see(tasks, 100.0)
    assert early.why(view_of(*tasks), 100.0) == ""
    # Docker on the node restarts within the heartbeats by which the swarm would see it down.
    tasks[1] = task(2, "failed", 2, Err="task: non-zero exit (137)")
    tasks.append(task(4, "running", 2))
    early.see(tasks, 110.0)
    assert early.why(view_of(*tasks), 111.0) == (
        "Unit 2 runs again: its task on pi1 ended early (killed: for want of memory, or as Docker "
        "there restarted)."
    )
    tasks[2] = task(3, "shutdown", 3)
    early.see(tasks, 115.0)
    assert early.why(view_of(*tasks), 115.0) == (
        "Units 2, 3 run again: their tasks on pi1 ended early."
    )
    assert "Unit 3 runs again" in early.why(view_of(*tasks), 141.0)
    early.see(tasks, 150.0)
    assert early.why(view_of(*tasks), 150.0) == ""
    tasks.append(task(5, "complete", 3))
    assert early.why(view_of(*tasks), 120.0).startswith("Unit 2 ")


def test_a_task_that_does_not_move_is_told_and_its_unit_run_elsewhere() -> None:
    transit, job = reconciliation.Transit(), a_job()
    tasks = [task(1, "starting", 1), task(2, "running", 2), task(3, "preparing", 3)]
    transit.see(tasks, 100.0)
    assert not transit.hanging(job.main, tasks, 150.0)
    transit.see(tasks, 165.0)
    hanging = transit.hanging(job.main, tasks, 165.0)
    assert reconciliation.why_hanging(hanging, {"n1": "pi1"}) == (
        "Unit 1 (and 1 more) has been starting on pi1 for more than 1 minute: Docker there may be "
        "stuck: reboot it (squarm node reboot pi1)."
    )
    # Whoever follows the job is told anew what has changed.
    same = transit.hanging(job.main, tasks, 199.0)
    assert "(squarm node reboot 'raspberrypi ab12c')." in reconciliation.why_hanging(
        same, {"n1": "raspberrypi ab12c"}
    )
    assert reconciliation.why_hanging(same, {"n1": "pi1"}) == reconciliation.why_hanging(
        hanging, {"n1": "pi1"}
    )
    view = view_of(*tasks)
    assert not reconciliation.units_to_run(view, (), hanging)
    hanging = transit.hanging(job.main, tasks, 230.0)
    assert reconciliation.units_to_run(view, (), hanging) == {1: frozenset({"n1"})}
    # One that has moved begins anew.
    moved = [task(1, "running", 1), *tasks[1:]]
    transit.see(moved, 231.0)
    assert [hung.unit for hung in transit.hanging(job.main, moved, 400.0)] == [3]


def test_units_that_dead_tasks_keep_from_beginning_are_run_as_well() -> None:
    """Swarm goes on counting a dead node's tasks among those that may run at a time."""
    down, job = {"n1": replace(NODE, state="down"), "n2": NODE}, a_job()
    tasks = {"s1": [task(1, "running", 0), task(2, "running", 1)]}
    view = services.job_view(job, tasks, down)
    assert reconciliation.units_held_up(job, view, tasks, down, {7}) == [6, 5]
    assert reconciliation.units_held_up(job, view, tasks, NODES, ()) == []


def test_what_swarm_left_out_as_it_counted_other_units_twice_is_run() -> None:
    """A leader that led before runs each unit twice, and is done at half of them (moby#53632)."""
    job = a_job()
    twice = [task(2 * unit + more, "complete", unit) for unit in range(4) for more in (0, 1)]
    tasks = {"s1": twice}
    assert reconciliation.overcounted(job, twice)
    assert reconciliation.units_left_out(job, tasks, {7}) == [4, 5]
    # Swarm does not start anew there what has failed, unless it has already.
    failed = [task(40, "failed", 4), task(41, "failed", 5), task(42, "ready", 5)]
    assert reconciliation.units_left_out(job, {"s1": [*twice, *failed]}, ()) == [4, 6]
    # No more at a time than the job is to have, and none a second time.
    (job,) = services.find_jobs([a_service(), listed(again(4), "s2")])
    assert reconciliation.units_left_out(job, {**tasks, "s2": []}, ()) == [5]
    # A job in good order, and one of which Swarm still has some to do.
    once = [task(unit, "complete", unit) for unit in range(8)]
    assert not reconciliation.overcounted(job, once)
    assert not reconciliation.overcounted(job, twice[:-1])
    held = services.held_service(a_service())
    assert not job.main.held
    assert read_service(listed(held)).held
    assert held["Mode"]["ReplicatedJob"]["TotalCompletions"] == 8


def test_a_unit_that_is_run_again_for_ever_does_not_keep_its_job_open() -> None:
    (job,) = services.find_jobs([a_service(), listed(again(3), "s2")])
    done = [task(unit, "complete", unit) for unit in range(8)]
    more = [task(20, "complete"), task(21, "running")]
    assert services.job_view(job, {"s1": done, "s2": more}, NODES).state is JobState.COMPLETE
    assert services.job_view(job, {"s1": done, "s2": more[1:]}, NODES).state is JobState.RUNNING


def test_work_that_was_done_stays_done() -> None:
    """A change of a node rejects tasks that have completed (moby#52652)."""
    ended = {"ContainerStatus": {"ContainerID": "c1", "PID": 0, "ExitCode": 0}}
    changed = "assigned node no longer meets constraints"
    view = view_of(task(1, "rejected", 1, Err=changed, **ended))
    assert view.units_done == 1
    at_work = {"ContainerStatus": {"ContainerID": "c1", "PID": 77, "ExitCode": 0}}
    assert view_of(task(1, "rejected", 1, Err=changed, **at_work)).units_done == 0
    # What is kept whole is complete, whatever its tasks say.
    kept = services.stopped_service(a_service(), services.KEPT)
    (job,) = services.find_jobs([listed(kept)])
    view = view_of(task(1, "failed", 1), task(2, "pending", 2), job=job)
    assert (view.state, view.units_done, view.why) == (JobState.COMPLETE, 8, "")


def test_a_stopped_job() -> None:
    for why, state, said in (
        (services.CANCELLED, JobState.CANCELLED, ""),
        ("Its image is gone.", JobState.FAILED, "Its image is gone."),
    ):
        (stopped,) = services.find_jobs([listed(services.stopped_service(a_service(), why))])
        view = view_of(task(1, "complete"), job=stopped)
        assert (view.state, view.why, view.units_done) == (state, said, 1)
        assert stopped.main.completions == 0


def test_a_pending_job_is_explained_from_its_tasks() -> None:
    error = "no suitable node (unsupported platform on 1 node)"
    assert "is made for linux/amd64" in view_of(task(1, "pending", 0, Err=error)).why
    rejected = task(1, "rejected", 0, Err="No such image: squarm-solver:1")
    assert "The image squarm-solver:1 is not on the node" in view_of(rejected).why


def test_a_job_is_hopeless_when_all_that_is_left_keeps_failing() -> None:
    service = a_job().main
    failing = [task(number, "failed", 1) for number in range(GIVE_UP)]
    assert reconciliation.hopeless(service, failing)
    assert reconciliation.hopeless(
        service, [*failing, task(50, "complete", 2), task(51, "ready", 1)]
    )
    assert not reconciliation.hopeless(service, failing[1:])
    assert not reconciliation.hopeless(service, [*failing, task(50, "running", 2)])
    assert not reconciliation.hopeless(service, [*failing, task(50, "complete", 1)])
    assert not reconciliation.hopeless(service, [])
    # Those that Swarm takes from a node for its own reasons may fail as often as they like.
    taken = [
        task(number, "rejected", 1, Err="assigned node no longer meets constraints")
        for number in range(3 * GIVE_UP)
    ]
    assert not reconciliation.hopeless(service, [*taken, task(50, "ready", 1)])


def test_a_service_is_settled_when_nothing_can_change() -> None:
    service = a_job(JobSpec(Question(6))).main
    assert services.settled(service, [task(1, "failed"), task(2, "complete")])
    assert not services.settled(service, [task(1, "failed")])
    assert not services.settled(service, [task(1, "complete"), task(2, "running")])


def test_platforms_are_put_as_swarm_compares_them() -> None:
    listing = [
        {"architecture": "amd64", "os": "linux"},
        {"architecture": "arm64", "os": "linux", "variant": "v8"},
        {"architecture": "arm", "os": "linux", "variant": "v7"},
        {"architecture": "unknown", "os": "unknown"},
        {"architecture": "amd64", "os": "linux"},
    ]
    names = [platform["Architecture"] for platform in placements(listing)]
    assert names == ["amd64", "arm64", "armv7l"]
    assert machine_platform("linux", "armv7l") == "linux/arm/v7"
    # As a 64-bit kernel calls itself to a 32-bit system.
    assert machine_platform("linux", "armv8l") == "linux/arm/v7"
    named = [platform["Architecture"] for platform in sent(placements(listing))]
    assert named == [*names, "armv8l"]
    assert sent(placements(listing[:2])) == list(placements(listing[:2]))
    assert sent(sent(placements(listing))) == sent(placements(listing))


def test_an_image_of_a_registry_is_held_to_its_digest() -> None:
    distribution = {
        "Descriptor": {"digest": "sha256:beef"},
        "Platforms": [{"architecture": "arm64", "os": "linux"}],
    }
    image = from_registry("pi:5000/squarm-solver:1", distribution)
    assert image.reference == "pi:5000/squarm-solver:1@sha256:beef"
    assert image.constraints == ()
    assert from_registry("x@sha256:beef", distribution).reference == "x@sha256:beef"


def test_an_image_of_no_registry_runs_where_it_was_carried_to() -> None:
    built = {"Architecture": "arm", "Os": "linux", "RootFS": {"Layers": ["sha256:a", "sha256:b"]}}
    alone = from_nodes("squarm-solver:1", built, "n1", [{}, {MARK: "of another"}])
    assert alone.constraints == ("node.id==n1",)
    assert alone.platforms[0] == {"OS": "linux", "Architecture": "armv7l"}
    # As the playbook computes it: printf %s sha256:a,sha256:b | sha256sum
    carried = from_nodes("squarm-solver:1", built, "n1", [{}, {MARK: "4366fa155d7c"}])
    assert carried.constraints == ("node.labels.squarm.solver==4366fa155d7c",)


def test_the_question_travels_in_the_service() -> None:
    spec = JobSpec(Question(12, mols=3, source="random", diagonal=True), count=2)
    body = services.job_service("mols12-abc123", spec, IMAGE, "net1", 1.0)
    arguments = body["TaskTemplate"]["ContainerSpec"]["Args"]
    assert arguments[:6] == ["12", "--mols", "3", "--source", "random", "--diagonal"]
    assert JobSpec.from_json(body["Labels"][SPEC_LABEL]) == spec
