"""A run's view: what events make of it, whatever order and content they come in."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.runs.events import (
    AnsibleTaskState,
    RunEnd,
    RunEvent,
    RunState,
    TaskEvent,
    decode,
    encode,
    from_runner,
    said,
)
from provision.runs.folder import RunFolder, RunRequest
from provision.runs.pace import learn, paced
from provision.runs.runs import Runs
from provision.runs.view import STEPS, Beginning, CellState, RunRow, RunView
from tests.fleet.watching import harmless

HOSTS = {"squarm-a": "swarmaster", "squarm-b": "swarmost1"}


def begun() -> RunView:
    return Beginning("20261124-120000-abcd", "site", False, 100.0, HOSTS, Path("log.txt")).view()


def after(*events: RunEvent) -> RunView:
    view = begun()
    for event in events:
        view = view.take(event)
    return view


def task(at: float, role: str, state: str, host: str = "squarm-b", **said: str) -> TaskEvent:
    name = said.get("task", f"a task of {role}")
    return TaskEvent(at, host, role, name, AnsibleTaskState(state), said.get("message", ""))


def row(view: RunView, host: str = "squarm-b") -> RunRow:
    return next(row for row in view.rows if row.host == host)


def states(view: RunView, host: str = "squarm-b") -> dict[str, CellState]:
    return {cell.step: cell.state for cell in row(view, host).cells if cell.started}


def test_steps_follow_one_another() -> None:
    view = after(
        task(101, "", "started"),
        task(102, "common", "started"),
        task(103, "common", "changed", task="Set the host name"),
        task(105, "docker", "started"),
        task(106, "docker", "ok"),
        task(107, "swarm_host", "started"),
    )
    assert view.state is RunState.RUNNING
    assert states(view) == {
        "common": CellState.CHANGED,
        "docker": CellState.OK,
        "swarm_host": CellState.RUNNING,
    }
    cells = {cell.step: cell for cell in row(view).cells}
    assert cells["memory_cgroup"].state is CellState.SKIPPED
    assert cells["common"].seconds(999) == 4
    assert cells["common"].changes == ("Set the host name",)
    assert cells["swarm_host"].seconds(110) == 3
    assert row(view, "squarm-a").state is CellState.WAITING


def test_a_step_that_is_not_for_a_machine_is_skipped() -> None:
    view = after(
        task(101, "swarm_master", "started"),
        task(102, "swarm_master", "skipped"),
        task(103, "swarm_host", "started"),
        task(104, "swarm_host", "ok"),
        RunEnd(105, RunState.DONE),
    )
    assert states(view) == {"swarm_master": CellState.SKIPPED, "swarm_host": CellState.OK}
    assert row(view).done
    assert not row(view, "squarm-a").done
    assert view.unfinished == ("squarm-a",)


def test_a_failure_is_shown_where_it_was_and_stops_nobody_else() -> None:
    view = after(
        task(101, "docker", "started", task="Install Docker"),
        task(102, "docker", "failed", task="Install Docker", message="no room"),
        task(103, "docker", "started", "squarm-a"),
        task(104, "docker", "changed", "squarm-a"),
    )
    assert row(view).state is CellState.FAILED
    assert (row(view).cell.step, row(view).cell.task, row(view).cell.message) == (
        "docker",
        "Install Docker",
        "no room",
    )
    assert row(view, "squarm-a").state is CellState.RUNNING
    over = view.take(RunEnd(105, RunState.FAILED, ("squarm-b",)))
    assert row(over, "squarm-a").done
    assert over.unfinished == ("squarm-b",)


def test_what_a_rescue_made_good_is_no_failure() -> None:
    view = after(
        task(101, "ssh", "started"),
        task(102, "ssh", "failed", message="no"),
        task(103, "ssh", "started"),
        task(104, "ssh", "ok"),
    )
    assert row(view).state is CellState.RUNNING
    last = after(
        task(101, "ssh", "started"),
        task(101, "ssh", "ok"),
        task(102, "ssh", "failed", message="no"),
        RunEnd(103, RunState.DONE),
    )
    assert row(last).done


def test_a_handler_adds_its_own_time_to_its_step_and_not_that_of_others() -> None:
    view = after(
        task(100, "common", "started"),
        task(110, "common", "changed"),
        task(120, "docker", "started"),
        replace(task(180, "common", "started", task="Restart Avahi"), handler=True),
        replace(task(183, "common", "changed", task="Restart Avahi"), handler=True),
        task(184, "docker", "started"),
        task(190, "docker", "changed"),
        RunEnd(200, RunState.DONE),
    )
    took = {cell.step: cell.seconds(200) for cell in row(view).cells if cell.started}
    assert took == {"common": 24, "docker": 80}


def test_handlers_never_touch_a_failure_and_its_reason() -> None:
    """As on every fresh Pi whose clock is wrong: it was renamed, so Avahi and Docker restart."""
    view = after(
        task(101, "common", "started"),
        task(102, "common", "changed", task="Set the host name"),
        task(103, "common", "started", task="Say how far off the clock is"),
        task(104, "common", "failed", task="Say how far off the clock is", message="an hour off"),
        replace(task(105, "common", "started", task="Restart Avahi"), handler=True),
        replace(task(106, "common", "changed", task="Restart Avahi"), handler=True),
        replace(task(107, "docker", "started", task="Restart Docker"), handler=True),
        replace(task(108, "docker", "skipped", task="Restart Docker"), handler=True),
    )
    for seen in (view, view.take(RunEnd(109, RunState.FAILED, ("squarm-b",)))):
        cell = row(seen).cell
        assert (cell.step, cell.state, cell.message) == ("common", CellState.FAILED, "an hour off")
        assert "docker" not in states(seen)


def test_what_tidies_up_after_a_failure_does_not_take_its_reason() -> None:
    view = after(
        task(101, "solver_image", "started", task="Compile"),
        task(102, "solver_image", "failed", task="Compile", message="no such host"),
        task(103, "source", "started", task="Leave no source there"),
        task(104, "source", "ok", task="Leave no source there"),
        RunEnd(105, RunState.FAILED, ("squarm-b",)),
    )
    cell = row(view).cell
    assert (cell.step, cell.state, cell.task) == ("solver_image", CellState.FAILED, "Compile")
    assert cell.message == "no such host"


def test_a_failure_without_an_event_is_one_still() -> None:
    view = after(task(101, "ssh", "started"), RunEnd(102, RunState.FAILED, ("squarm-b",)))
    assert row(view).state is CellState.FAILED


@pytest.mark.parametrize("state", [RunState.CANCELLED, RunState.INTERRUPTED])
def test_what_was_under_way_is_stopped(state: RunState) -> None:
    view = after(
        task(101, "common", "started"),
        task(102, "common", "changed"),
        task(103, "docker", "started"),
        RunEnd(104, state, (), "it was cut off"),
    )
    assert states(view) == {"common": CellState.CHANGED, "docker": CellState.STOPPED}
    assert view.over
    assert view.unfinished == tuple(HOSTS)
    assert view.take(task(105, "ssh", "started")) == view


def test_the_pace_is_learnt_and_promised_only_then() -> None:
    one = after(
        task(100, "common", "started"),
        task(104, "common", "changed"),
        task(110, "docker", "started"),
        task(140, "docker", "changed"),
        task(150, "ssh", "started"),
        task(151, "ssh", "changed"),
        RunEnd(155, RunState.DONE),
    )
    learnt = learn([one])
    assert learnt == {"common": 10.0, "docker": 40.0, "ssh": 5.0}
    now = after(task(200, "common", "started"), task(201, "common", "changed"))
    assert paced(now, {}, 201).remaining is None
    usual = paced(now, learnt, 201)
    assert usual.remaining is not None
    slow = paced(now.take(task(220, "docker", "started")), learnt, 220)
    assert slow.remaining is not None
    assert slow.remaining > usual.remaining
    assert 0 < usual.share < slow.share < 1
    assert paced(one, learnt, 999).share == 1


event = st.builds(
    TaskEvent,
    at=st.floats(0, 1e9),
    host=st.sampled_from([*HOSTS, "nobody"]),
    role=st.sampled_from([*STEPS["site"], "", "swarm_node"]),
    task=st.text(max_size=20),
    state=st.sampled_from(AnsibleTaskState),
    message=st.text(max_size=20),
) | st.builds(
    RunEnd,
    at=st.floats(0, 1e9),
    state=st.sampled_from(
        [RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED]
    ),
    failed=st.lists(st.sampled_from([*HOSTS])).map(tuple),
)


@given(st.lists(event, max_size=25))
def test_any_events_give_a_view_that_ends(events: list[RunEvent]) -> None:
    view = after(*events)
    for at in (0.0, 1e9):
        seen = paced(view, {"docker": 3.0}, at)
        assert 0 <= seen.share <= 1
    over = view.take(RunEnd(1e9, RunState.DONE, ("squarm-a",)))
    assert over.over
    for line in over.rows:
        assert all(cell.state.over for cell in line.cells)
        assert line.done is (line.host not in over.unfinished)


@given(event)
def test_an_event_survives_its_line(told: RunEvent) -> None:
    line = encode(told).encode("utf-8", "surrogatepass")
    read = decode(line)
    assert read is not None
    assert decode(encode(read).encode()) == read
    assert type(read) is type(told)


@given(st.binary(max_size=80))
def test_any_line_can_be_read(line: bytes) -> None:
    decode(line)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["msg", "stderr", "results", "failed"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["runner_on_failed", "runner_on_ok", "playbook_on_stats", ""]), json_like)
def test_any_result_of_a_task_is_taken(name: str, result: object) -> None:
    data = {"host": "squarm-a", "role": "docker", "task": "x\x1b[1m", "res": result}
    told = from_runner({"event": name, "event_data": data}, 1.0)
    assert (told is None) is (name in ("playbook_on_stats", ""))
    if told is not None:
        assert harmless(told.message + told.task)


def test_reasons_are_said_in_words() -> None:
    refused = {"msg": "Failed to connect to the host via ssh: pi@x: Permission denied (publickey)."}
    assert said(refused).startswith("it lets us in with no key or password")
    assert "sudo refuses" in said({"msg": "Incorrect sudo password"})
    items = {
        "msg": "One or more items failed",
        "results": [{"ok": 1}, {"failed": True, "msg": "b"}],
    }
    assert said(items) == "b"
    gone = {"unreachable": True, "msg": "Failed to connect: No route to host"}
    assert "is it on" in said({"msg": "All items completed", "results": [gone]})
    assert said({"msg": "MODULE FAILURE", "module_stderr": "no\nroom\n"}) == "no room"
    assert said({}) == "it failed and does not say why."
    lost = {"msg": "Module result deserialization failed: No start of json char found", "rc": 127}
    facts = {"msg": "The following modules failed to execute: x.", "failed_modules": {"x": lost}}
    assert said(facts) == "its Python does not start: the log says which."


@pytest.mark.parametrize(
    "words",
    [
        "Failed to fetch http://a/b.deb Could not connect to c:3142 (111: Connection refused)",
        "Could not connect to archive.raspberrypi.com:80, connect (113: No route to host)",
        "The key lets nobody in (Failed to connect to the host via ssh: Permission denied (x).)",
    ],
)
def test_what_a_task_says_of_other_connections_is_told_as_it_is(words: str) -> None:
    assert said({"msg": words}) == words


@pytest.mark.timeout(120)
def test_a_run_is_found_without_reading_the_others(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    request = RunRequest("site", Path("inventory.yml"), {"a": "swarmost1"})
    older = RunFolder(
        RunFolder.make(tmp_path, request).path.rename(tmp_path / "20200101-000000-0a0b")
    )
    older.events.unlink()
    # Who reads this waits for ever.
    os.mkfifo(older.events)
    newest = RunFolder.make(tmp_path, request)
    assert runs.find().id == newest.id
    assert runs.find(newest.id).id == newest.id
