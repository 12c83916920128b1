"""Provisioning runs, for the console and the command line: start, follow, cancel, try again.

    runs = Runs()
    run = await runs.start(request, secrets)
    async for view in runs.follow(run):     # immutable; the last one is `over`
        ...

A run belongs to no console: any number of them follow it, and it goes on when all are gone.
"""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from base import regular_file
from base.audit import whoever
from base.processes import environment
from base.text import clean_text
from provision.runs import folder as run_folder
from provision.runs.events import decode
from provision.runs.folder import RunError, RunFolder, RunRequest
from provision.runs.pace import learn, paced
from provision.runs.secrets import RunSecrets
from provision.runs.variables import find_playbooks
from provision.runs.view import RunView

_TICK_SECONDS = 0.25
_START_SECONDS = 30.0
_LESSONS = 5
"""Earlier runs that are learnt from."""


class Runs:
    """The runs kept in a folder. Every method may raise RunError."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or run_folder.default_path()

    def live(self) -> str:
        """The id of the run that is under way, '' for none."""
        return run_folder.live(self.path)

    def refuse_a_second(self) -> None:
        """Raises RunError while a run is under way."""
        if other := self.live():
            raise RunError(f"The run {other} is under way: follow it, or cancel it.")

    def busy(self) -> frozenset[str]:
        """The aliases of the machines that the run under way is at work on."""
        run = self.live()
        return frozenset(self.request(run).hosts) if run else frozenset()

    def views(self) -> tuple[RunView, ...]:
        """Every run as it stands, the newest first; what cannot be read is left out."""
        return tuple(self._each(run_folder.folders(self.path)))

    def _each(self, folders: Iterable[RunFolder]) -> Iterator[RunView]:
        """These runs, each read when it is its turn: a long one takes a tenth of a second."""
        for folder in folders:
            with suppress(RunError):
                yield _RunReader(folder).read(live=self.live() == folder.id)

    def find(self, text: str = "") -> RunView:
        """The run of this id, or whose id begins so; '' for the one under way, else the newest."""
        wanted = text or self.live()
        folders = run_folder.folders(self.path)
        named = (folder for folder in folders if folder.id.startswith(wanted))
        if (found := next(self._each(named), None)) is not None:
            return found
        if next(self._each(folders), None) is None:
            raise RunError("Nothing has been provisioned yet: squarm provision starts.")
        raise RunError(f"There is no run {clean_text(text, 40)!r}.")

    def request(self, run: str) -> RunRequest:
        """What a run was asked for, by its id."""
        return self._folder(run).read()[0]

    async def start(self, request: RunRequest, said: RunSecrets) -> str:
        """Start a run and return its id; refused while another is under way."""
        find_playbooks(request.playbooks)
        self.refuse_a_second()
        folder = RunFolder.make(self.path, replace(request, who=request.who or whoever()))
        run_folder.prune(self.path)
        process = await asyncio.to_thread(_launch, folder, said)
        end = time.monotonic() + _START_SECONDS
        while self.live() != folder.id and not folder.events.stat().st_size:
            if process.poll() is not None:
                raise RunError(_why(folder))
            if time.monotonic() > end:
                raise RunError("The run's process does not begin: try again.")
            await asyncio.sleep(0.05)
        # A run outlives its console; while this one is there it must not become a zombie, and
        # nothing must wait for it.
        threading.Thread(target=process.wait, daemon=True).start()
        return folder.id

    async def again(self, text: str, said: RunSecrets) -> str:
        """Run once more for the machines that are not done in a run that has ended."""
        view = await asyncio.to_thread(self.find, text)
        if not view.over:
            raise RunError(f"The run {view.id} is under way: follow it, or cancel it.")
        if not view.unfinished:
            raise RunError(f"Every machine of the run {view.id} is done.")
        request = self.request(view.id)
        hosts = {alias: request.hosts[alias] for alias in view.unfinished}
        return await self.start(replace(request, hosts=hosts, who=""), said)

    async def follow(self, text: str = "") -> AsyncGenerator[RunView]:
        """A run's view at once and then as it changes, at most four times a second, to its end."""
        found = await asyncio.to_thread(self.find, text)
        reader = await asyncio.to_thread(_RunReader, self._folder(found.id))
        learnt = await asyncio.to_thread(self._lessons, reader.view)
        shown: RunView | None = None
        while True:
            # In this order: what it wrote before its end has then been read.
            under_way = self.live() == reader.folder.id
            read = await asyncio.to_thread(reader.read, live=under_way)
            view = paced(read, learnt, time.time())
            if view != shown:
                yield view
                shown = view
            if view.over:
                return
            await asyncio.sleep(_TICK_SECONDS)

    def cancel(self, text: str = "", who: str = "") -> str:
        """Have a run end, cleanly and soon, and return its id; harmless where it has ended."""
        view = self.find(text)
        try:
            self._folder(view.id).cancel.write_text(who or whoever(), "utf-8")
        except OSError as error:
            raise RunError(f"{view.log.parent} cannot be written ({error.strerror}).") from None
        return view.id

    def _folder(self, run: str) -> RunFolder:
        return RunFolder(self.path / run)

    def _lessons(self, view: RunView) -> dict[str, float]:
        folders = (each for each in run_folder.folders(self.path) if each.id < view.id)
        earlier = (other for other in self._each(folders) if other.over and not other.check)
        same = (other for other in earlier if other.playbook == view.playbook)
        return learn(islice(same, _LESSONS))


class _RunReader:
    """One run's events, read as they are appended."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        _, beginning = folder.read()
        self.view = beginning.view()
        self._read = 0

    def read(self, *, live: bool) -> RunView:
        """The view now; `live`: whether the run's process was there a moment ago."""
        try:
            with regular_file.opened(self.folder.events) as file:
                file.seek(self._read)
                new = file.read()
        except OSError as error:
            raise RunError(f"{self.folder.events} cannot be read ({error.strerror}).") from None
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            if (event := decode(line)) is not None:
                self.view = self.view.take(event)
        begun = self._read or time.time() - self.view.started > _START_SECONDS
        if live or self.view.over or not begun:
            return self.view
        return self.view.interrupted(self.folder.events.stat().st_mtime)


def _launch(folder: RunFolder, said: RunSecrets) -> "subprocess.Popen[bytes]":
    """Start the run's process, in a session of its own, and hand it what nobody else may know."""
    with folder.problem.open("ab") as problem:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "provision.runs.process", str(folder.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=problem,
            cwd="/",
            env=environment(),
            start_new_session=True,
        )
    assert process.stdin is not None  # noqa: S101 - it was asked for
    with process.stdin as pipe:
        pipe.write(said.to_json())
    return process


def _why(folder: RunFolder) -> str:
    lines = folder.problem.read_text("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "no reason given")
    return f"the run's process ended at once ({clean_text(last, 200)}): see {folder.problem}."
