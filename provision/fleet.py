"""The fleet: discovery, connections and samples joined into one snapshot, twice a second.

Everything runs on one event loop. Decisions are made in pure modules (`register`, `decision`,
`likeness`, `metrics`); this one holds the state and starts the tasks.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import asyncssh

from provision import register as rules
from provision import saved
from provision.announcements import Sighting
from provision.box import Box, Evidence
from provision.discovery import Discovery
from provision.endpoint import Endpoint, parse_place
from provision.host_keys import HostKey, HostKeyError, KnownHosts
from provision.interface import find_interface, neighbours
from provision.register import Register
from provision.snapshot import FleetSnapshot, views
from provision.ssh import Dialler, Login
from provision.sweep import sweep, sweep_range
from provision.tending import Tender
from provision.trouble import ProvisionError
from swarm.engine import NodeView, clean_text

_TICK_SECONDS = 0.5
_QUIET_TICKS = 2
_SAVE_SECONDS = 5.0
_LOG = logging.getLogger(__name__)


class UnknownPi(ProvisionError):
    """No machine has this id: one sentence."""


class Fleet:
    """Watches the machines on one interface. `notify` gets a snapshot at most twice a second.

    `login`: how to log in where nothing else was said, None for not at all. `folder`: where
    trusted keys and watched machines are kept, None for the user's data directory.
    """

    def __init__(
        self,
        interface: str,
        notify: Callable[[FleetSnapshot], None],
        *,
        login: Login | None = None,
        folder: Path | None = None,
    ) -> None:
        self.dialler = Dialler()
        self.known_hosts = KnownHosts(folder / "known_hosts" if folder else None)
        self._path = folder / "pis.json" if folder else saved.default_path()
        self._name = interface
        self._notify = notify
        self._discovery = Discovery(
            interface, self._seen, lambda sentence: self._say("interface", sentence)
        )
        self._login = login
        self._logins: dict[str, Login | None] = {}
        self._register = Register()
        self._tenders: dict[str, Tender] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._nodes: tuple[NodeView, ...] = ()
        self._names: dict[str, bool] = {}
        self._forgotten: set[str] = set()
        self._trouble: dict[str, str] = {}
        self._dirty = True
        self._unsaved = False
        self._running = False
        self._wall = time.time() - time.monotonic()

    # -- what the user asks for ------------------------------------------------------------------

    def add(self, text: str) -> None:
        """Watch the machine at an address, or of a name; raises BadAddress."""
        place = parse_place(text)
        if isinstance(place, Endpoint):
            self.observe(Evidence(self.now(), place, added=True))
        else:
            self._want(place)
        self._unsaved = self._dirty = True

    def drop_name(self, name: str) -> None:
        """Look no more for a name that was added and never found."""
        self._names.pop(name, None)
        self._discovery.unwant(name)
        self._unsaved = self._dirty = True

    def forget(self, pi: str) -> None:
        """Forget a machine and its key; if it is still there it comes back as a new one.

        Raises UnknownPi and HostKeyError.
        """
        box = self._box(pi)
        self.known_hosts.forget(box.id)
        self._forgotten.add(box.id)
        self.drop_name(box.announced)
        self._logins.pop(box.id, None)
        self._set(rules.forget(self._register, box.id))
        self._unsaved = True

    def accept_key(self, pi: str, fingerprint: str = "") -> HostKey:
        """Trust the key that a machine shows now, as after a re-flash, and return it.

        `fingerprint`: of the key that the user has looked at; it may have changed again since.
        Raises UnknownPi where there is no such machine, or it shows no such key; HostKeyError.
        """
        box = self._box(pi)
        if box.key is None:
            raise UnknownPi(f"{box.name or pi} has shown no host key yet: wait until it answers.")
        if fingerprint not in ("", box.key.fingerprint):
            raise UnknownPi(f"{box.name or pi} shows yet another key now: look at it again.")
        self.known_hosts.trust(box.id, box.key)
        self._set(rules.trust(self._register, box.id, box.key))
        self._unsaved = True
        self._tenders[box.id].wake()
        return box.key

    def set_login(self, login: Login | None, pi: str | None = None) -> None:
        """Log in so from now on: to one machine, or to all for which nothing else was said.

        A password goes to machines whose key is trusted: `accept_key` first, or `offer_to_new`.
        """
        if pi is None:
            self._login = login
        else:
            self._logins[self._box(pi).id] = login
        for tender in self._tenders.values():
            tender.wake()

    def shell_command(self, pi: str) -> list[str]:
        """OpenSSH's command for a shell there, held to the trusted key; raises UnknownPi."""
        box = self._box(pi)
        if box.key_changed or box.trusted is None:
            raise UnknownPi(f"the host key of {box.name or pi} is not trusted: accept it first.")
        if box.endpoint is None:
            raise UnknownPi(f"{box.name or pi} has no address now: wait until it is seen again.")
        login = self.login(box.id) or Login()
        keys = [part for key in login.keys or () for part in ("-i", str(key))]
        options = self.known_hosts.ssh_options(box.id)
        place = ["-p", str(box.endpoint.port), "-l", login.user, box.endpoint.address]
        return ["ssh", *options, *keys, *place]

    def set_nodes(self, nodes: Iterable[NodeView]) -> None:
        """The swarm's nodes as its engine sees them now."""
        self._nodes = tuple(nodes)
        self._dirty = True

    async def sweep(self, cidr: str) -> int:
        """Knock at every address of a range on the interface's network; returns how many answer.

        Raises BadSweep and NoInterface.
        """
        interface = find_interface(self._name)
        addresses = sweep_range(cidr, interface)

        def found(endpoint: Endpoint) -> None:
            evidence = Evidence(self.now(), endpoint, mac=self._mac_of(endpoint), answered=True)
            self.observe(evidence)

        return await sweep(addresses, found)

    def connection(self, pi: str) -> asyncssh.SSHClientConnection | None:
        """The one connection to a machine, for who wants a channel on it; None while there is none.

        Raises UnknownPi.
        """
        tender = self._tenders.get(self._box(pi).id)
        return tender.connection if tender else None

    def snapshot(self) -> FleetSnapshot:
        """Everything as it is now."""
        at = self.now()
        interface = self._discovery.interface
        measured = {pi: tender.measured for pi, tender in self._tenders.items()}
        return FleetSnapshot(
            interface=self._name,
            network=str(interface.network) if interface else "",
            pis=views(self._register.boxes, measured, self._nodes, at),
            missing=tuple(sorted(name for name, found in self._names.items() if not found)),
            taken=at,
            trouble=next((text for text in self._trouble.values() if text), ""),
        )

    # -- running ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch until cancelled; then everything is closed and saved."""
        self._running = True
        self._restore()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._discovery.run())
                group.create_task(self._tick())
        finally:
            self._running = False
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._save()

    async def _tick(self) -> None:
        quiet, saved_at = 0, self.now()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            quiet += 1
            if self._dirty or quiet >= _QUIET_TICKS:
                # Ages and what follows from them change without any event.
                self._dirty, quiet = False, 0
                self._notify(self.snapshot())
            if self._unsaved and self.now() - saved_at > _SAVE_SECONDS:
                saved_at = self.now()
                self._save()

    def _seen(self, sighting: Sighting) -> None:
        added = sighting.name in self._names
        if added:
            self._names[sighting.name] = True
            self._discovery.found(sighting.name)
        self.observe(
            Evidence(
                self.now(), sighting.endpoint, sighting.name, claimed=sighting.mac, added=added
            )
        )
        box = self._register.at(sighting.endpoint)
        if box is not None:
            self._tenders[box.id].sighted()

    # -- the ward of the tenders -----------------------------------------------------------------

    def now(self) -> float:
        """Seconds since the epoch, which no correction of the clock sets back or ahead."""
        return self._wall + time.monotonic()

    def box(self, pi: str) -> Box | None:
        """The machine of exactly this id."""
        return self._register.boxes.get(pi)

    def login(self, pi: str) -> Login | None:
        """How to log in to it."""
        return self._logins.get(pi, self._login)

    def observe(self, evidence: Evidence) -> None:
        """Take in what was learnt."""
        before = self._register
        self._set(rules.observe(before, evidence))
        box = self._register.at(evidence.endpoint)
        if box is None:
            return
        old = before.boxes.get(box.id)
        if box.watched and (old is None or _lasting(old) != _lasting(box)):
            self._unsaved = True

    def alive(self, pi: str, hostname: str) -> None:
        """A sample came in."""
        # Each second, of each machine: nothing can have come, gone or moved.
        self._register = rules.hear(self._register, pi, self.now(), hostname)
        self._dirty = True

    def lost(self, pi: str) -> None:
        """It does not answer."""
        self._set(rules.lose(self._register, pi, self.now()))

    def try_next(self, pi: str) -> None:
        """Its address does not answer, and never did."""
        self._set(rules.try_next(self._register, pi))

    def shut_out(self, pi: str) -> None:
        """It answers, but lets nobody in."""
        self._set(rules.log_out(self._register, pi, self.now()))

    def trust(self, pi: str, key: HostKey) -> bool:
        """Trust at first use: the key is stored before anything is sent."""
        try:
            self.known_hosts.trust(pi, key)
        except HostKeyError as error:
            self._say("keys", str(error))
            return False
        self._say("keys", "")
        self._set(rules.trust(self._register, pi, key))
        return True

    def changed(self) -> None:
        """What a snapshot shows has changed."""
        self._dirty = True

    # -- inside ----------------------------------------------------------------------------------

    def _set(self, register: Register) -> None:
        """The new state; tasks follow the machines that came, went, or moved."""
        before, self._register = self._register, register
        self._dirty = True
        for pi in before.boxes.keys() - register.boxes.keys():
            self._part(pi)
        for pi, box in register.boxes.items():
            old = before.boxes.get(pi)
            if old is None:
                self._start(pi)
            elif old.endpoints != box.endpoints:
                self._tenders[pi].moved()

    def _start(self, pi: str) -> None:
        self._forgotten.discard(pi)
        tender = self._tenders.setdefault(pi, Tender(pi, self, self._mac_of))
        if self._running and pi not in self._tasks:
            task = self._tasks[pi] = asyncio.create_task(tender.run())
            task.add_done_callback(lambda done: self._ended(pi, done))

    def _ended(self, pi: str, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(pi) is task:
            del self._tasks[pi]
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("the tender of %s has failed", pi, exc_info=error)
            self._say("fault", f"{pi} is watched no more, by squarm's own fault: {error!r:.100}")

    def _part(self, pi: str) -> None:
        """A machine was forgotten, or merged into another, which then inherits its trust."""
        heir = self._register.find(pi)
        if heir is not None:
            self._inherit(pi, heir)
        if tender := self._tenders.pop(pi, None):
            tender.hang_up()
        if (task := self._tasks.pop(pi, None)) and task is not asyncio.current_task():
            task.cancel()

    def _inherit(self, pi: str, heir: Box) -> None:
        self._forgotten.add(pi)
        self._unsaved = True
        if pi in self._logins:
            self._logins.setdefault(heir.id, self._logins.pop(pi))
        try:
            if heir.trusted is not None:
                self.known_hosts.trust(heir.id, heir.trusted)
            self.known_hosts.forget(pi)
        except HostKeyError as error:
            self._say("keys", str(error))

    def _restore(self) -> None:
        try:
            kept = saved.load(self._path)
            keys = self.known_hosts.read()
        except (saved.SavedError, HostKeyError) as error:
            self._say("file", str(error))
        else:
            boxes = [replace(box, trusted=keys.get(box.id)) for box in kept.boxes]
            self._set(rules.restore(self._register, boxes))
            for name in kept.names:
                self._want(name)
        for pi in self._register.boxes:
            self._start(pi)

    def _save(self) -> None:
        self._unsaved = False
        watched = tuple(box for box in self._register.boxes.values() if box.watched)
        try:
            saved.save(self._path, saved.Saved(watched, tuple(self._names)), self._forgotten)
        except saved.SavedError as error:
            self._say("file", str(error))
        else:
            self._say("file", "")

    def _want(self, name: str) -> None:
        self._names.setdefault(name, False)
        self._discovery.want(name)

    def _box(self, pi: str) -> Box:
        box = self._register.find(pi)
        if box is None:
            raise UnknownPi(f"there is no Pi {clean_text(pi, 40)!r}.")
        return box

    def _mac_of(self, endpoint: Endpoint) -> str:
        interface = self._discovery.interface
        if interface is None or not interface.covers(endpoint.address):
            return ""
        return neighbours(interface.name).get(endpoint.address, "")

    def _say(self, about: str, sentence: str) -> None:
        self._dirty = self._dirty or self._trouble.get(about, "") != sentence
        self._trouble[about] = sentence


def _lasting(box: Box) -> tuple[object, ...]:
    """What of a machine is worth writing down at once."""
    return (box.endpoints, box.announced, box.macs, box.identity, box.key, box.reflashed, box.added)
