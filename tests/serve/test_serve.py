"""`squarm serve`: with and without Slack, its health, its end, and what systemd hears of it."""

import asyncio
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from chat.message import Paragraph
from chat.outbox.outbox import Outbox
from lab.slack.server import Slack
from results.copies.backup import copies
from results.store import Store
from serve.backups import Backups
from solver.records import ImpossibleRecord
from tests.chat.serving import Home, serving
from tests.waiting import until

pytestmark = pytest.mark.slow

PACKAGING = Path(__file__).parents[2] / "packaging"


def kept(home: Home) -> int:
    if not home.results.exists():
        return 0
    with Store.open(home.results, read_only=True) as store:
        return store.kept()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
async def test_without_slack_it_collects_and_ends_in_good_order(
    slack: Slack, tmp_path: Path, end: signal.Signals
) -> None:
    """What a job finds while no console is open is in the store."""
    home = Home(tmp_path, slack)
    home.file.unlink()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", "serve", "--engine", "local"),
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    await until(lambda: (told := home.health()) is not None and told.engine)
    await home.squarm("run", "10", "--count", "4", "--detach", "--engine", "local")
    await until(lambda: kept(home) == 4)
    process.send_signal(end)
    out, err = (text.decode() for text in await process.communicate())
    assert process.returncode == 0
    assert "no Slack" in out
    assert "has stopped" in out
    assert err == ""
    assert home.health() is None


async def test_it_goes_on_where_its_output_has_no_room(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    home.file.unlink()
    serve = f"exec {sys.executable} -m tui serve --engine local > /dev/full 2>&1"
    process = await asyncio.create_subprocess_exec("sh", "-c", serve, env=home.environment)
    await until(lambda: (told := home.health()) is not None and told.engine)
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


async def test_it_copies_the_results_each_day(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    await home.squarm("run", "10", "--count", "4", "--engine", "local")
    async with serving(home, slack):
        folder = home.results.parent / "backups"
        await until(lambda: copies(folder))
        with Store.open(copies(folder)[0], read_only=True) as store:
            assert store.kept() == 4


async def test_it_copies_also_what_is_no_set(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with Store.open(tmp_path / "r.sqlite3") as store:
        copying = asyncio.create_task(Backups(store, folder).run())
        store.add_proof("job", ImpossibleRecord(0, 2, "reduced", 1, 0))
        await until(lambda: copies(folder))
        copying.cancel()


async def test_what_is_no_copy_among_them_ends_nothing(slack: Slack, tmp_path: Path) -> None:
    home = Home(tmp_path, slack)
    await home.squarm("run", "10", "--count", "4", "--engine", "local")
    folder = home.results.parent / "backups"
    folder.mkdir()
    (folder / "results-2999-11-30-000000.sqlite3").symlink_to("/media/usb/x")
    async with serving(home, slack):
        await until(lambda: copies(folder))
        await until(lambda: (told := home.health()) is not None and not told.problems)


async def test_what_nobody_foresaw_ends_its_own_task_and_is_told(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    outbox = Outbox(home.outbox, str)
    outbox.put("#mols", (Paragraph("There is a new square."),))
    outbox.close()
    with sqlite3.connect(home.outbox) as database:
        assert database.execute("UPDATE items SET body = '{'").rowcount == 1
    async with serving(home, slack):
        await until(lambda: (told := home.health()) is not None and told.problems)
        _, err = await home.squarm("serve", "--check", code=1)
        assert "The sending to Slack failed by squarm's own fault" in err
        # All else goes on.
        await home.squarm("run", "10", "--count", "4", "--detach", "--engine", "local")
        await until(lambda: kept(home) == 4)


async def test_its_health_is_told_by_a_verb_and_by_its_exit_status(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    _, err = await home.squarm("serve", "--check", code=2)
    assert "does not run here" in err
    async with serving(home, slack) as daemon:
        await until(lambda: (told := home.health()) is not None and not told.problems)
        out, err = await home.squarm("serve", "--check")
        settings, results, engine, unit = out.splitlines()
        assert settings == "settings  Slack set up"
        assert results == "results   0 squares kept"
        assert engine == "engine    local, 0 jobs running"
        assert unit.startswith("unit      none, process ")
        slack.tokens = set()
        await home.squarm("share", "mols", code=None)
        await slack.stop()
        await until(lambda: (told := home.health()) is not None and told.problems)
        _, err = await home.squarm("serve", "--check", code=1)
        assert "Slack" in err
        await slack.start()
        await daemon.stop(signal.SIGKILL)
        _, err = await home.squarm("serve", "--check", code=2)
        assert "squarm serve does not run any more: its process " in err


async def test_systemd_hears_that_it_is_ready_alive_and_stopping(
    slack: Slack, tmp_path: Path
) -> None:
    home = Home(tmp_path, slack)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        home.environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
        heard: list[str] = []

        def hears(words: str, times: int = 1) -> bool:
            with suppress(BlockingIOError):
                heard.append(listening.recv(4096).decode())
            return sum(words in text for text in heard) >= times

        async with serving(home, slack) as daemon:
            await until(lambda: hears("WATCHDOG=1", 3))
            assert heard[0] == "READY=1"
            assert any("STATUS=local" in text or "STATUS=no engine" in text for text in heard)
            await daemon.stop()
            await until(lambda: hears("STOPPING=1"))


async def test_it_waits_for_its_engine(slack: Slack, tmp_path: Path) -> None:
    """No Docker yet: it says so, answers all the same, and does not fall back to another engine."""
    home = Home(tmp_path, slack)
    process = await home.start("serve", "--engine", "swarm")
    try:
        await until(lambda: slack.connections)
        ts = await slack.say("UANN00001", "mols status")
        await until(lambda: slack.replies(ts))
        assert "only just started" in slack.replies(ts)[0].words
        search = await slack.say("UANN00001", "mols 10")
        await until(lambda: slack.replies(search))
        # What was not seen is not told to be none.
        asked = [await slack.say("UANN00001", f"mols {text}") for text in ("jobs", "nodes", "why")]
        await until(lambda: all(slack.replies(ts) for ts in asked))
        assert all("have not seen the swarm yet" in slack.replies(ts)[0].words for ts in asked)
        _, err = await home.squarm("serve", "--check", code=1)
        assert "There is no Docker daemon" in err
    finally:
        process.terminate()
        await process.communicate()
    async with serving(home, slack):
        await until(lambda: any("Found the pair" in m.words for m in slack.replies(search)))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_one_that_systemd_takes_and_is_hardened(tmp_path: Path) -> None:
    text = (PACKAGING / "squarm@.service").read_text()
    unit = tmp_path / "squarm@root.service"
    unit.write_text(text.replace("/opt/squarm/current/bin/squarm", "/bin/true"))
    folder = tmp_path / "squarm@root.service.d"
    folder.mkdir()
    shutil.copy(PACKAGING / "squarm-slack.conf", folder / "slack.conf")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    ours = [line for line in said.stderr.splitlines() if "squarm" in line]
    assert ours == []
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=40", str(unit)]
    scored = subprocess.run(command, capture_output=True, text=True, check=False)
    assert scored.returncode == 0, scored.stdout
