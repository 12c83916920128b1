"""Drills on two real daemons: the fast faults, and that a drill sees what it is to see."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from drill.collectors import Collectors
from drill.drill import act, hold, silence
from drill.faults import FAULTS, Fault, FaultStep, Where, chosen
from drill.ground import Act, DrillError
from drill.plain_logs import PlainLogs, costs
from drill.score import Reading, Score, again, came_late, compare, expected, recovered, table, times
from drill.slack import DrillSlack
from results.result import Result
from solver.question import Question
from solver.records import SquareRecord, encode
from swarm.docker.engine import SwarmEngine
from swarm.docker.membership import find_manager
from swarm.job import JobSpec
from tests.dockerd import (
    IMAGE,
    MANAGER_ADDRESS,
    Dockerd,
    build_solver,
    joined,
    mark_nodes,
    restart,
    usual_heartbeat,
)

SPEC = JobSpec(Question(10), count=2000, replicas=4, seed=2026)


@dataclass
class TwoDaemons:
    """A ground of a manager and a worker, each a dockerd of its own."""

    daemons: dict[str, Dockerd]
    manager: str = "manager"
    workers: Sequence[str] = ("worker",)
    interface: str = ""

    def can(self, act: Act) -> bool:
        return act in (Act.KILL_DOCKER, Act.REMOVE_SERVICE, Act.LABEL, Act.KILL_SOLVER)

    async def do(self, act: Act, machine: str, value: float) -> None:
        assert not value
        api = self.daemons["manager"].api()
        if act is Act.REMOVE_SERVICE:
            api.remove_service(machine)
        elif act is Act.KILL_SOLVER:
            there = self.daemons[machine].api()
            there.kill(there.containers()[0]["Id"])
        elif act is Act.LABEL:
            id = self.daemons[machine].api().info()["Swarm"]["NodeID"]  # noqa: A001
            node = api.inspect_node(id)
            labels = {**node["Spec"].get("Labels", {}), "drill": "yes"}
            spec: Any = {**node["Spec"], "Labels": labels}
            api.update_node(id, node["Version"]["Index"], spec)
        else:
            # On this thread: it is its daemons' parent, and they end with it.
            restart(self.daemons[machine], hard=True)

    async def ask_task(self, machine: str, job: str, program: str) -> str:
        api = self.daemons[machine].api()
        found = api.containers(filters={"label": f"com.docker.swarm.service.name={job}"})
        if not found:
            raise DrillError("No task runs there yet.")
        command = ["python3", "-c", program, f"{MANAGER_ADDRESS}:2377"]
        asked = api.exec_create(found[0]["Id"], command)
        return str(api.exec_start(asked["Id"]).decode())


@pytest.fixture
def ground(swarm_manager: Dockerd, plain_daemon: Dockerd) -> Iterator[TwoDaemons]:
    build_solver(plain_daemon)
    usual_heartbeat(swarm_manager)
    with joined(plain_daemon, swarm_manager):
        mark_nodes(swarm_manager)
        yield TwoDaemons({"manager": swarm_manager, "worker": plain_daemon})


@pytest.fixture
async def engine(ground: TwoDaemons, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SwarmEngine]:
    host = ground.daemons["manager"].host
    monkeypatch.setenv("DOCKER_HOST", host)
    made = SwarmEngine(await find_manager(host), IMAGE)
    yield made
    await made.close()


@pytest.mark.docker
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name", ["worker-docker-kill", "manager-docker-kill", "two-collectors", "twenty-jobs"]
)
async def test_a_fault_costs_nothing(name: str, ground: TwoDaemons, engine: SwarmEngine) -> None:
    (fault,) = chosen([name], ground)
    score = await hold(replace(fault, shown=False), ground, engine, SPEC, print)
    assert score.passed, score
    wanted = SPEC.count + (19 * 20 if name == "twenty-jobs" else 0)
    assert (score.found, score.lost, score.able, score.closed) == (wanted, 0, 2, 2)


@pytest.mark.docker
@pytest.mark.timeout(900)
async def test_a_job_that_is_removed_behind_squarms_back(
    ground: TwoDaemons, engine: SwarmEngine
) -> None:
    (fault,) = chosen(["service-removed"], ground)
    score = await hold(fault, ground, engine, SPEC, print)
    assert (score.doubled, score.wrong, score.able) == (0, 0, 2)
    assert score.found > 0


def test_what_is_lost_or_wrong_is_seen() -> None:
    spec = replace(SPEC, count=8)
    right = expected(spec)

    def result(number: int, place: tuple[int, int]) -> Result:
        return Result(number, 10, right[place], "random", "job", *place, node="n", found_at=0.0)

    kept = [result(number, place) for number, place in enumerate(right)]
    assert compare(right, kept) == (0, 0)
    assert compare(right, kept[1:]) == (1, 0)
    other = replace(kept[0], squares=kept[1].squares)
    assert compare(right, [other, *kept[1:]]) == (0, 1)


def test_silence_of_a_fault_that_ended_nothing_is_told_as_that() -> None:
    (kill,) = (fault for fault in FAULTS if fault.name == "worker-docker-kill")
    assert silence(kill, ended=2) == ("the screen said nothing", "")
    failed, note = silence(kill, ended=0)
    held = Score(
        "f", *(8, 0, 0, 0), 0.1, None, None, 1.0, None, *(2, 2, 2), (), failed=failed, note=note
    )
    assert held.passed
    assert "no task ended with it here" in table([held])
    assert not replace(held, closed=1).passed
    assert replace(held, closed=None).passed
    # Others show also where no task ends.
    assert silence(replace(kill, by_tasks=False), ended=0) == ("the screen said nothing", "")


def test_what_docker_s_own_logs_lose_and_double() -> None:
    spec = replace(SPEC, count=8)
    log = [
        encode(SquareRecord(*place, 10, squares, "random", 1, 1))
        for place, squares in expected(spec).items()
    ]
    right = expected(spec)
    whole = "\n".join(log).encode()
    assert costs(whole, right) == (0, 0)
    assert costs(whole + b"\n" + whole[: len(whole) // 2], right)[0] == 0
    assert costs(whole + b"\n" + whole, right) == (0, 8)
    assert costs(b"error from daemon in stream\n", right) == (8, 0)


def test_times() -> None:
    seen = [
        Reading(10.0, 100, "running", ()),
        Reading(12.0, 120, "running", ("pi2 is down",)),
        Reading(20.0, 120, "running", ("pi2 is down",)),
        Reading(27.0, 130, "running", ()),
        Reading(29.0, 140, "complete", ()),
        Reading(90.0, 140, "complete", ()),
    ]
    assert times(seen, 10.0) == (2.0, 15.0)
    assert times(seen[:1], 10.0) == (None, 0.0)


def test_when_units_ran_again_and_all_was_well_again() -> None:
    ran, anew = frozenset({(0, "a"), (1, "b"), (2, "c")}), frozenset({(0, "a"), (1, "d")})
    seen = [
        Reading(10.0, 100, "running", (), ran),
        Reading(14.0, 110, "running", ("pi2 is down",), ran),
        Reading(19.0, 120, "running", ("pi2 is down",), anew),
        Reading(25.0, 130, "running", ("units run again",), anew | {(2, "e"), (7, "new")}),
        Reading(31.0, 140, "running", (), frozenset({(1, "later"), (7, "new")})),
        Reading(40.0, 150, "complete", ()),
    ]
    assert again(seen, 10.0) == 15.0
    assert recovered(seen, 10.0, able_at=60.0) == 21.0
    # A task that goes on was not replaced, and where nothing was wrong nothing recovers.
    assert (again(seen[:2], 10.0), recovered(seen[4:], 30.0, 60.0)) == (None, None)
    assert (came_late(seen, 31.5), came_late(seen, 30.0)) == (True, False)
    # The job was over before: the nodes' own tasks show it, or nothing does.
    assert (recovered(seen[:4], 10.0, 60.0), recovered(seen[:4], 10.0, None)) == (50.0, None)


def _post(settings: Path, text: str) -> None:
    said = tomllib.loads(settings.read_text())
    body = urlencode({"token": said["bot_token"], "channel": "C0SQUARM1", "text": text}).encode()
    headers = {"Authorization": f"Bearer {said['bot_token']}"}
    with urlopen(Request(said["api"] + "chat.postMessage", body, headers), timeout=1):  # noqa: S310
        pass


async def test_what_slack_is_told_counts_once_it_goes_on(tmp_path: Path) -> None:
    settings = tmp_path / "slack.toml"
    slack = await DrillSlack.start(settings)
    try:
        slack.hang()
        with pytest.raises(OSError, match="timed out"):
            await asyncio.to_thread(_post, settings, "pi2 is gone")
        assert slack.posts == []
        slack.go_on()
        assert await slack.flaw(1) == ""
        await asyncio.to_thread(_post, settings, "pi2 is back")
        await asyncio.to_thread(_post, settings, "pi2 is gone")
        assert await slack.flaw(3) == "Slack was told twice"
    finally:
        await slack.end()


def test_who_takes_over_is_waited_for_until_all_is_shown_again(tmp_path: Path) -> None:
    collectors = Collectors("job", tmp_path, _none, PlainLogs("job", tmp_path / "log"))
    collectors.seen += [Reading(1.0, 900, "running", ()), Reading(2.0, 950, "running", ())]
    assert not collectors.shows_all(3.0)
    collectors.seen.append(Reading(4.0, 0, "running", ()))
    assert not collectors.shows_all(3.0)
    collectors.seen.append(Reading(5.0, 951, "running", ()))
    assert collectors.shows_all(3.0)


async def _none(_step: FaultStep) -> None:
    """No jobs beside it."""


@dataclass
class Recording:
    """A ground on which nothing happens but that it is noted."""

    done: list[tuple[Act, float]] = field(default_factory=list)
    manager: str = "manager"
    workers: Sequence[str] = ("worker",)
    interface: str = ""
    ask_task: None = None

    def can(self, act: Act) -> bool:
        return isinstance(act, Act)

    async def do(self, act: Act, machine: str, value: float) -> None:
        assert machine in ("manager", "worker")
        self.done.append((act, value))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_drill_that_is_cut_short_gives_back_what_it_took(
    fault: Fault, tmp_path: Path
) -> None:
    if any(step.where in (Where.COLLECTOR, Where.WORKERS) for step in fault.steps):
        return
    ground = Recording()
    collectors = Collectors("worker", tmp_path, _none, PlainLogs("worker", tmp_path / "log"))
    acting = asyncio.create_task(act(fault, ground, "worker", collectors))
    await asyncio.sleep(0.05)
    acting.cancel()
    await asyncio.wait([acting])
    assert ground.done == [(step.act, step.value) for step in fault.steps]


def test_what_cannot_be_done_is_said() -> None:
    ground = TwoDaemons({})
    with pytest.raises(DrillError, match="There is no fault 'nothing': there are worker-power"):
        chosen(["nothing"], ground)
    with pytest.raises(DrillError, match="There is no fault 'all': there are worker-power"):
        chosen(["node-drained", "all"], ground)
    with pytest.raises(DrillError, match="worker-power-cut cannot be done here, only on the lab"):
        chosen(["worker-power-cut"], ground)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert "| fault |" in table([])
