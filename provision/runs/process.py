"""The process of one provisioning run: `python -m provision.runs.process FOLDER`, secrets on stdin.

It is a session of its own, so it outlives the console that started it. Whatever Ansible starts, it
is the guardian of: nothing is left behind when it ends, not even an ssh that went into the
background.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import psutil
from ansible_runner.config.runner import RunnerConfig
from ansible_runner.runner import Runner

from base import log_file
from base.audit import Audit
from base.errors import AuditError, SquarmError
from base.text import clean_text
from provision.packages.process import PackageService, serving
from provision.runs.aftermath import seen_to
from provision.runs.children import below, end_all
from provision.runs.events import (
    AnsibleTaskState,
    RunEnd,
    RunEvent,
    RunState,
    TaskEvent,
    encode,
    from_runner,
)
from provision.runs.fetch_collections import collections_folder
from provision.runs.folder import RunFolder, RunRequest, under_way
from provision.runs.secrets import RunSecrets, memory_folder, vault
from provision.runs.variables import (
    environment,
    find_playbooks,
    package_settings,
    write_settings,
)

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 0.2
_SUBREAPER = 36
"""prctl's PR_SET_CHILD_SUBREAPER: orphans of our children become ours, not init's."""


def main() -> int:
    """Run it; the exit status says only whether it could be told what came of it."""
    folder = RunFolder(Path(sys.argv[1]))
    request, _ = folder.read()
    said = RunSecrets.from_json(sys.stdin.buffer.read())
    log_file.start(f"run {folder.id}")
    passwords = (text for host in said.hosts.values() for text in (host.password, host.become))
    log_file.hide(filter(None, passwords))
    # Handlers, not SIG_IGN: that would be inherited, and Ansible is ended by SIGINT.
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: folder.cancel.touch())
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with folder.events.open("a", encoding="utf-8") as events, under_way(folder) as lock:
        message = f"it failed by squarm's own fault: see {folder.problem}."
        if lock is None:
            message = "another run is under way: follow it, or wait for its end."
        end = RunEnd(time.time(), RunState.FAILED, tuple(request.hosts), message)
        _LOG.info("Run %s begins: %s of %s", folder.id, request.playbook, ", ".join(request.hosts))
        try:
            if lock is not None:
                end = _RunInProcess(folder, request, events).to_its_end(said, lock)
        finally:
            if lock is not None:
                failed = [request.hosts.get(alias, alias) for alias in end.failed]
                _note(request, end.state, end.message or ", ".join(failed))
            _LOG.info("Run %s: %s %s", folder.id, end.state, end.message)
            _write(events, end)
            os.fsync(events.fileno())
    return 0


class _RunInProcess:
    """One run from beginning to end."""

    def __init__(self, folder: RunFolder, request: RunRequest, events: TextIO) -> None:
        self._folder = folder
        self._request = request
        self._events = events
        self._log = folder.log.open("a", encoding="utf-8", errors="replace")
        self._failed: tuple[str, ...] | None = None
        self._over = threading.Event()
        self._not_ansibles: set[int] = set()

    def to_its_end(self, said: RunSecrets, lock: int) -> RunEnd:
        """Run the playbook and say what came of it; `lock`: the descriptor that tells it runs."""
        watch = threading.Thread(target=self._watch, daemon=True)
        try:
            with (
                memory_folder() as memory,
                seen_to(memory, lock) as aftermath,
                serving() as packages,
            ):
                self._not_ansibles = {aftermath, packages.process}
                try:
                    self._prepare(memory, said, packages, watch)
                finally:
                    self._over.set()
                    end_all(self._children)
            if packages.served:
                self._log.write(f"{packages}\n")
        except (SquarmError, OSError) as error:
            if not self._folder.cancel.exists():
                return self._end(RunState.FAILED, str(error))
        if self._failed is None and self._folder.cancel.exists():
            return self._end(RunState.CANCELLED, self._cancelled())
        if self._failed is None:
            return self._end(RunState.FAILED, _last_words(self._folder.log))
        return self._end(RunState.FAILED if self._failed else RunState.DONE, "")

    def _prepare(
        self, memory: Path, said: RunSecrets, packages: PackageService, watch: threading.Thread
    ) -> None:
        watch.start()
        playbooks = find_playbooks(self._request.playbooks)
        # Whoever has playbooks of their own sees to what these use.
        collections = None if self._request.playbooks else collections_folder(self._begun)
        locked, pipe = vault(memory, said)
        options = ["--vault-id", f"squarm@{pipe}"]
        options += ["--check", "--diff"] if self._request.check else []
        settings = {**self._request.settings, **package_settings(packages.port)}
        options += ["-e", f"@{write_settings(memory, settings)}"]
        config = RunnerConfig(
            private_data_dir=str(memory),
            project_dir=str(playbooks.parent),
            playbook=str(playbooks / f"{self._request.playbook}.yml"),
            inventory=[str(self._request.inventory), str(locked)],
            limit=",".join(self._request.hosts),
            cmdline=" ".join(options),
            envvars=environment(
                memory, playbooks, _agent(memory, said.keys), collections, packages.port
            ),
            quiet=True,
        )
        config.prepare()
        Runner(config, event_handler=self._happened).run()

    def _begun(self, task: str) -> None:
        """Show on every machine what is done here before Ansible begins."""
        for host in self._request.hosts:
            state = AnsibleTaskState.STARTED
            _write(self._events, TaskEvent(time.time(), host, "", task, state))

    def _happened(self, event: Mapping[str, Any]) -> bool:
        """Called for each of Ansible's events; False: ansible-runner need not keep it."""
        if text := event.get("stdout"):
            self._log.write(f"{text}\n")
            self._log.flush()
        if event.get("event") == "playbook_on_stats":
            data = event.get("event_data") or {}
            self._failed = tuple(sorted({**data.get("failures", {}), **data.get("dark", {})}))
        elif told := from_runner(event, time.time()):
            _write(self._events, told)
        return False

    def _watch(self) -> None:
        """End everything once that is wanted."""
        while not self._over.wait(_LOOK_SECONDS):
            if self._folder.cancel.exists():
                end_all(self._children)

    def _children(self) -> list[psutil.Process]:
        return [child for child in below(os.getpid()) if child.pid not in self._not_ansibles]

    def _cancelled(self) -> str:
        who = clean_text(self._folder.cancel.read_text("utf-8", "replace"), 64)
        return f"{who or 'a signal'} cancelled it: retry goes on with it."

    def _end(self, state: RunState, message: str) -> RunEnd:
        self._log.close()
        failed = tuple(self._request.hosts) if self._failed is None else self._failed
        return RunEnd(time.time(), state, failed, message)


def _write(file: TextIO, event: RunEvent) -> None:
    file.write(encode(event))
    file.flush()


def _agent(memory: Path, keys: tuple[str, ...]) -> Path | None:
    """An agent of the run's own for keys that no file holds in clear."""
    if not keys:
        return None
    place = memory / "agent"
    subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.DEVNULL)
    for _ in range(50):
        if place.exists():
            break
        time.sleep(0.1)
    for key in keys:
        adding = ["ssh-add", "-q", "-"]
        told = {**os.environ, "SSH_AUTH_SOCK": str(place)}
        subprocess.run(adding, input=key.encode(), env=told, check=False, capture_output=True)
    return place


def _last_words(log: Path) -> str:
    """Why Ansible ended before it had begun: its own error."""
    with suppress(OSError):
        lines = log.read_text("utf-8", "replace").splitlines()
        for line in lines:
            if "ERROR" in line:
                return f"Ansible refuses: {line.partition('ERROR')[2].lstrip('! :]')[:300]}"
    return "Ansible ended before it had begun: see the log."


def _note(request: RunRequest, result: str, said: str = "") -> None:
    """Its end into the audit log; check mode changes nothing, and is not noted."""
    if request.check:
        return
    what = {"site": "provision"}.get(request.playbook, request.playbook)
    hosts = ", ".join(request.hosts.values())
    try:
        Audit(request.audit).note(what, hosts, result, said, who=request.who)
    except AuditError as error:
        _LOG.error("%s", error)


if __name__ == "__main__":
    sys.exit(main())
