"""Runs of real Ansible on this machine: followed, cancelled, cut off, tried again, kept secret."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from base.audit import Audit
from fleet.ssh.host_keys import KnownHosts
from provision import inventory_file
from provision.inventory import Host, Inventory
from provision.runs.events import RunState
from provision.runs.folder import KEPT, RunError, RunFolder, RunRequest, prune
from provision.runs.runs import Runs
from provision.runs.secrets import HostSecrets, RunSecrets
from provision.runs.view import CellState, RunView
from tests.fleet.sshds import sshd
from tests.waiting import until

pytestmark = pytest.mark.slow

SECRET = "b3{{ 7*7 }}'\"%$é\\n-come"  # noqa: S105 - for nothing but these tests
MACHINES = Inventory(
    Host("aaaa", "swarmaster", "127.0.0.1", local=True),
    (Host("bbbb", "swarmost1", "127.0.0.1", local=True),),
)
PLAY = """
- hosts: swarm_master:swarm_hosts
  gather_facts: false
  vars: {{ansible_python_interpreter: "{python}"}}
  roles: [common, docker]
"""
COMMON = """
- name: Tell what is known of the secret
  ansible.builtin.copy:
    content: "{{ ansible_become_password }}"
    dest: "{{ told }}/{{ inventory_hostname }}"
    mode: "0600"
  no_log: true
  diff: false
"""
DOCKER = """
- name: Wait for leave to go on
  ansible.builtin.wait_for:
    path: "{{ told }}/go"
    timeout: 300
    sleep: 0
- name: Change something
  ansible.builtin.command: "true"
  changed_when: true
  notify: Restart Docker
- name: Have no luck
  ansible.builtin.fail: {msg: "no room on {{ squarm_hostname }}"}
  when: (told ~ '/luck') is not exists and squarm_hostname == 'swarmost1'
"""
HANDLERS = """
- name: Restart Docker
  ansible.builtin.command: "true"
"""


@dataclass(frozen=True)
class RunPlace:
    """A small playbook of its own, an inventory, and where runs are kept."""

    folder: Path

    @property
    def told(self) -> Path:
        return self.folder / "told"

    @property
    def runs(self) -> Runs:
        return Runs(self.folder / "runs")

    @property
    def request(self) -> RunRequest:
        return RunRequest(
            "site",
            self.folder / "inventory.yml",
            {host.alias: host.name for host in MACHINES.hosts},
            settings={"told": str(self.told)},
            audit=self.folder / "audit.jsonl",
            playbooks=self.folder / "ansible/playbooks",
        )

    def audited(self) -> list[str]:
        return [entry.result for entry in Audit(self.folder / "audit.jsonl").read(99)]


SAID = RunSecrets({host.alias: HostSecrets(become=SECRET) for host in MACHINES.hosts})


def make_place(folder: Path) -> RunPlace:
    made = RunPlace(folder)
    made.told.mkdir(parents=True)
    inventory_file.write(folder / "inventory.yml", MACHINES, folder / "known_hosts")
    files = {
        "playbooks/site.yml": PLAY.format(python=sys.executable),
        "roles/common/tasks/main.yml": COMMON,
        "roles/docker/tasks/main.yml": DOCKER,
        "roles/docker/handlers/main.yml": HANDLERS,
        "ansible.cfg": "[defaults]\nroles_path = roles\nforce_handlers = true\n",
    }
    for name, text in files.items():
        path = folder / "ansible" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[RunPlace]:
    made = make_place(tmp_path)
    yield made
    if made.runs.live():
        made.runs.cancel()


async def last(runs: Runs, run: str) -> RunView:
    views = [view async for view in runs.follow(run)]
    return views[-1]


async def seen(runs: Runs, run: str, true: Callable[[RunView], bool]) -> RunView:
    async with asyncio.timeout(180):
        async for view in runs.follow(run):
            if true(view):
                return view
    raise AssertionError("the run ended before that was seen")


def at_docker(view: RunView) -> bool:
    return all(row.cells[1].state is CellState.RUNNING for row in view.rows)


def strays(place: RunPlace) -> list[psutil.Process]:
    """Processes that have to do with this place."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(place.folder) in " ".join(process.cmdline()) and process.pid != os.getpid():
                found.append(process)
    return found


def secret_folders(process: int) -> list[Path]:
    """What a run's process keeps in memory."""
    return list(Path("/dev/shm").glob(f"squarm-{process}-*"))


def hidden(place: RunPlace) -> None:
    """The secret is in no file that a run leaves, and in no list of processes."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            assert "7*7" not in " ".join([*process.cmdline(), *process.environ().values()])
    for path in place.folder.rglob("*"):
        if path.is_file() and path.parent != place.told:
            assert "7*7" not in path.read_text("utf-8", "replace"), path


async def test_one_fails_and_is_tried_again_alone(place: RunPlace) -> None:
    runs = place.runs
    run = await runs.start(place.request, SAID)
    with pytest.raises(RunError, match=f"{run} is under way"):
        await runs.start(place.request, SAID)
    with pytest.raises(RunError, match="is under way"):
        await runs.again(run, SAID)
    view = await seen(runs, run, at_docker)
    assert view.rows[0].cells[0].state is CellState.CHANGED
    await asyncio.to_thread(hidden, place)
    (place.told / "go").touch()
    over = await last(runs, run)
    assert over.state is RunState.FAILED
    assert [row.state for row in over.rows] == [CellState.CHANGED, CellState.FAILED]
    assert over.rows[1].cell.message == "no room on swarmost1"
    assert "no room on swarmost1" in over.log.read_text()
    assert (place.told / "squarm-aaaa").read_text() == SECRET
    assert place.audited() == ["failed"]
    (place.told / "luck").touch()
    again = await last(runs, await runs.again(run, SAID))
    assert (again.state, [row.name for row in again.rows]) == (RunState.DONE, ["swarmost1"])
    assert [view.id for view in runs.views()] == [again.id, over.id]
    assert runs.find() == runs.views()[0]
    with pytest.raises(RunError, match="is done"):
        await runs.again(again.id, SAID)
    assert place.audited() == ["failed", "done"]
    hidden(place)


async def test_a_cancelled_run_leaves_nothing_behind(place: RunPlace) -> None:
    async def nothing_strays() -> bool:
        return not strays(place)

    runs = place.runs
    run = await runs.start(place.request, SAID)
    await seen(runs, run, at_docker)
    assert strays(place)
    assert runs.cancel(who="euler") == run
    view = await last(runs, run)
    assert view.state is RunState.CANCELLED
    assert view.message.startswith("euler cancelled it")
    assert {row.cells[1].state for row in view.rows} == {CellState.STOPPED}
    await until(nothing_strays)
    assert runs.live() == ""
    hidden(place)
    assert place.audited() == ["cancelled"]


async def test_a_run_outlives_its_console_and_another_follows_it(place: RunPlace) -> None:
    script = (
        "import asyncio\n"
        "from tests.provision.test_runs import *\n"
        f"place = RunPlace(Path({str(place.folder)!r}))\n"
        "print(asyncio.run(place.runs.start(place.request, SAID)), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", script]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    run = done.stdout.decode().strip()
    assert done.returncode == -signal.SIGKILL, done.stderr
    runs = place.runs
    assert runs.live() == run
    await seen(runs, run, at_docker)
    (place.told / "luck").touch()
    (place.told / "go").touch()
    assert (await last(runs, run)).state is RunState.DONE


async def test_a_run_that_was_cut_off_is_gone_on_with(place: RunPlace) -> None:
    runs = place.runs
    run = await runs.start(place.request, SAID)
    await seen(runs, run, at_docker)
    # A power cut: its process, and all below it, at one blow.
    for process in strays(place):
        with suppress(psutil.Error):
            process.kill()
    view = await last(runs, run)
    assert view.state is RunState.INTERRUPTED
    assert "retry goes on" in view.message
    assert runs.live() == ""
    (place.told / "luck").touch()
    (place.told / "go").touch()
    again = await last(runs, await runs.again(run, SAID))
    assert again.state is RunState.DONE


async def test_nothing_goes_on_where_only_its_process_was_killed(place: RunPlace) -> None:
    async def nothing_strays() -> bool:
        return not strays(place)

    runs = place.runs
    run = await runs.start(place.request, SAID)
    await seen(runs, run, at_docker)
    (guard,) = [each for each in strays(place) if "provision.runs.process" in each.cmdline()]
    assert secret_folders(guard.pid)
    (aftermath,) = [
        each for each in guard.children() if "provision.runs.aftermath" in each.cmdline()
    ]
    aftermath.suspend()
    guard.kill()
    # Until all is ended no other run begins.
    with pytest.raises(RunError, match="is under way"):
        await runs.again(run, SAID)
    aftermath.resume()
    view = await last(runs, run)
    assert view.state is RunState.INTERRUPTED
    await until(nothing_strays)
    assert not secret_folders(guard.pid)
    (place.told / "luck").touch()
    (place.told / "go").touch()
    assert (await last(runs, await runs.again(run, SAID))).state is RunState.DONE


def test_a_clock_that_was_set_back_drops_no_new_run(place: RunPlace) -> None:
    for minute in range(KEPT):
        folder = place.folder / f"runs/20990101-00{minute:02}59-abcd"
        folder.mkdir(parents=True)
    made = RunFolder.make(place.folder / "runs", place.request)
    prune(place.folder / "runs")
    assert made.request.exists()
    assert made.id.startswith("20990101-003000-")


async def test_a_run_goes_over_ssh_whatever_is_in_the_paths(tmp_path: Path) -> None:
    folder = tmp_path / "it's 100% mine"
    with sshd(tmp_path) as server:
        user, (key,) = server.login.user, server.login.keys or ()
        site = folder / "ansible/playbooks/site.yml"
        site.parent.mkdir(parents=True)
        ping = f"vars: {{ansible_python_interpreter: {sys.executable}}}\n  tasks: [{{ping: }}]\n"
        site.write_text(f"- hosts: all\n  gather_facts: false\n  {ping}")
        (site.parents[1] / "ansible.cfg").touch()
        there = Host("bbbb", "swarmost1", "127.0.0.1", server.port, user)
        known = KnownHosts(folder / "known hosts")
        known.trust(there.id, server.key)
        place = RunPlace(folder)
        inventory_file.write(place.request.inventory, Inventory(there), known.path)
        mine = key.rename(folder / "my key")
        said = RunSecrets({there.alias: HostSecrets(keys=(str(mine),), agent=False)})
        request = replace(place.request, hosts={there.alias: there.name})
        view = await last(place.runs, await place.runs.start(request, said))
        assert view.state is RunState.DONE, view.log.read_text()
        assert "Accepted publickey" in server.log


async def test_a_python_that_does_not_start_is_passed_over_on_this_machine(
    place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As those of pyenv are, for versions that are not chosen.
    shims = place.folder / "shims"
    shims.mkdir()
    for minor in range(8, 16):
        (shims / f"python3.{minor}").write_text("#!/bin/sh\nexit 127\n")
        (shims / f"python3.{minor}").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}:{os.environ['PATH']}")
    facts = "- hosts: swarm_master:swarm_hosts\n  gather_facts: true\n"
    (place.folder / "ansible/playbooks/site.yml").write_text(facts)
    view = await last(place.runs, await place.runs.start(place.request, SAID))
    assert view.state is RunState.DONE, view.log.read_text()


async def test_a_playbook_that_cannot_be_read_is_one_sentence(place: RunPlace) -> None:
    (place.folder / "ansible/playbooks/site.yml").write_text("- hosts: all\n  roles: [nothing]\n")
    view = await last(place.runs, await place.runs.start(place.request, SAID))
    assert view.state is RunState.FAILED
    assert view.message.startswith("Ansible refuses: ")
    with pytest.raises(RunError, match="The playbooks are not at"):
        await place.runs.start(replace(place.request, playbooks=place.told), SAID)
    with pytest.raises(RunError, match="There is no run 'x'"):
        place.runs.find("x")


def test_secrets_show_in_no_repr() -> None:
    assert "7*7" not in repr(SAID)
    assert RunSecrets.from_json(SAID.to_json()) == SAID
