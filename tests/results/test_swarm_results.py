"""From a key's worth of command line to kept squares, through a real swarm."""

import asyncio
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from docker.errors import APIError

from base.errors import StoreError
from results.store import Store
from results.watch import Watch
from solver.verify import flaw
from swarm.docker.engine import SwarmEngine
from tests.dockerd import IMAGE, Dockerd
from tests.results.test_one_jobs_trouble import Rows, watching
from tests.sizes import size_of
from tests.solver.renaming import group_table
from tests.swarm.swarm_jobs import engine_of
from tests.waiting import until

pytestmark = pytest.mark.docker

_MOST_KNOWN = 25_000
"""Bytes that may be known of an ended job of eight units, to the engine and to whoever collects."""


class CommandLine:
    """`squarm` on a swarm, with a results file and a home of its own."""

    def __init__(self, manager: Dockerd, folder: Path) -> None:
        self.results = folder / "results.sqlite3"
        self._environment = os.environ | {
            "DOCKER_HOST": manager.host,
            "XDG_DATA_HOME": str(folder),
        }
        self._options = ["--results", str(self.results), "--image", IMAGE]

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Begin a verb that takes its time."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", *arguments, *self._options),
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str) -> str:
        """What a verb prints; it must succeed."""
        return await output(await self.start(*arguments))


async def output(process: asyncio.subprocess.Process) -> str:
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.fixture
def squarm(swarm_manager: Dockerd, tmp_path: Path) -> CommandLine:
    return CommandLine(swarm_manager, tmp_path)


def found(results: Path, job: str) -> int:
    if not results.exists():
        return 0
    with Store.open(results, read_only=True) as store:
        return store.found(job)


async def a_task_was_killed(manager: Dockerd) -> bool:
    api = manager.api()
    for container in api.containers(filters={"label": "com.docker.swarm.service.name"}):
        # It may have ended by itself meanwhile.
        with suppress(APIError):
            api.kill(container["Id"])
            return True
    return False


async def test_a_swarm_s_squares_are_verified_and_kept_once_although_a_task_is_killed(
    squarm: CommandLine, swarm_manager: Dockerd
) -> None:
    """The engine is found, not named: DOCKER_HOST is a swarm's manager."""
    process = await squarm.start("run", "10", "--count", "3200", "--seed", "11")

    async def some_kept() -> bool:
        await asyncio.sleep(0.1)
        with suppress(StoreError), Store.open(squarm.results, read_only=True) as store:
            return store.kept() > 100
        return False

    await until(some_kept, 120)

    await until(lambda: a_task_was_killed(swarm_manager))
    told = await output(process)

    match = re.match(r"(mols10-[0-9a-f]+): 3,200 of 3,200 squares of order 10", told)
    assert match, told
    job = match[1]
    with Store.open(squarm.results, read_only=True) as store:
        kept = store.results(job=job, limit=5_000)
        assert len({result.squares for result in kept}) == store.found(job) == 3200
        assert all(flaw(result.squares) == "" for result in kept)
        assert len(store.finished_units(job)) == 8
    assert job in await squarm.run("jobs")
    assert "Removed" in await squarm.run("remove", job, "--yes")
    assert job not in await squarm.run("jobs")
    assert found(squarm.results, job) == 3200


async def test_a_swarm_counts_every_mate_once_although_a_task_is_killed(
    squarm: CommandLine, swarm_manager: Dockerd, tmp_path: Path
) -> None:
    """The job ended, whoever goes on watching knows little of it, and forgets it."""
    file = tmp_path / "square.txt"
    file.write_text(str([list(row) for row in group_table(2, 2, 2)[0]]))
    process = await squarm.start("run", "8", "--file", str(file), "--count-mates")
    await until(lambda: a_task_was_killed(swarm_manager), 120)
    told = await output(process)
    assert "70,272 mates in 23 of 23 parts of order 8 counted" in told
    assert "70,272 mates: these are all." in told
    async with engine_of(swarm_manager.host) as engine:
        with Store.open(squarm.results) as store:
            watch = Watch(engine, store, rows := Rows())
            async with watching(watch):
                await until(lambda: watch._at_rest)
                await until(lambda: engine._listed and _known(engine, watch) < _MOST_KNOWN)
                await engine.remove(*rows.last)
                await until(lambda: not rows.last)
                await until(lambda: engine._listed and _known(engine, watch) < _MOST_KNOWN / 10)


def _known(engine: SwarmEngine, watch: Watch) -> int:
    """Bytes of what is known of jobs."""
    listed = (engine._listed, engine._lister._settled)
    return size_of(*listed, watch._collections, watch._at_rest)


async def test_cancelling_a_job_that_nobody_watched_keeps_what_it_has_found(
    squarm: CommandLine, swarm_manager: Dockerd
) -> None:
    """Docker drops the logs of running tasks when it stops them: they are read before that."""
    api = swarm_manager.api()
    job = (await squarm.run("run", "10", "--count", "100000", "--detach")).strip()

    async def writes() -> bool:
        await asyncio.sleep(0.2)
        with suppress(APIError):
            for container in api.containers(filters={"label": "com.docker.swarm.service.name"}):
                if b'"square"' in api.logs(container["Id"], tail=5):
                    return True
        return False

    await until(writes, 120)
    assert found(squarm.results, job) == 0
    assert "Cancelled" in await squarm.run("cancel", job, "--yes")
    assert found(squarm.results, job) > 0
    assert "cancelled" in await squarm.run("jobs")
    await squarm.run("remove", job, "--yes")


async def test_what_a_log_had_no_room_for_is_found_again(
    squarm: CommandLine, swarm_manager: Dockerd
) -> None:
    """Nobody reads while tasks write more than Docker keeps of a log: its beginning is gone."""
    api = swarm_manager.api()
    job = (await squarm.run("run", "10", "--count", "800", "--seed", "12", "--detach")).strip()

    def logs() -> list[Path]:
        ours = {"status": "exited", "label": f"com.docker.swarm.service.name={job}"}
        ended = api.containers(all=True, filters=ours)
        return [Path(api.inspect_container(container["Id"])["LogPath"]) for container in ended]

    await until(lambda: len(logs()) == 8, 60)
    for log in logs()[:3]:
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[len(lines) // 2 :]))
    told = await squarm.run("jobs", "check", job, "--yes")
    assert f"{job} is proved complete: all 8 units are held to the end, 800 squares" in told
    assert found(squarm.results, job) == 800
    await squarm.run("remove", job, "--yes")
