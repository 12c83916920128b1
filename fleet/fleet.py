"""The fleet: discovery, connections and samples joined into one snapshot, twice a second.

Everything runs on one event loop. Decisions are made in pure modules (`register`, `decision`,
`copy`, `metrics`); this one holds the state and starts the tasks.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import asyncssh

from base.errors import FleetError
from base.text import clean_text
from fleet import register as rules
from fleet.discovery.announcements import Sighting
from fleet.discovery.discovery import Discovery
from fleet.discovery.interface import NOWHERE
from fleet.endpoint import Endpoint, parse_place
from fleet.login_choice import LoginChoice
from fleet.machine import Evidence, Machine
from fleet.machine_loop import MachineLoop
from fleet.machine_loops import MachineLoops
from fleet.register import Register
from fleet.snapshot import FleetSnapshot, views
from fleet.ssh.connection import Dialler, Login
from fleet.ssh.host_keys import HostKey, HostKeyError, KnownHosts, alias
from fleet.ssh.openssh import host_key_options, ssh_command
from fleet.watch_list import Elsewhere, WatchListError, WatchListFile, lasting
from swarm.engine import NodeView

_TICK_SECONDS = 0.5
_QUIET_TICKS = 2
_SAVE_SECONDS = 5.0
_LOG = logging.getLogger(__name__)


class UnknownPi(FleetError):
    """No machine has this id: one sentence."""


class Fleet:
    """Watches the machines on one interface. `notify` gets a snapshot at most twice a second.

    On the interface NOWHERE it knows the machines of before, and leaves them alone. `login`: how
    to log in where nothing else was said, None for not at all. `folder`: where trusted keys and
    watched machines are kept, None for the user's data directory. With `read_only` it writes
    nothing, and logs in only where the key is trusted already.
    """

    def __init__(
        self,
        interface: str,
        notify: Callable[[FleetSnapshot], None],
        *,
        login: Login | None = None,
        folder: Path | None = None,
        read_only: bool = False,
    ) -> None:
        self._read_only = read_only
        self.dialler = Dialler()
        self.known_hosts = KnownHosts(folder / "known_hosts" if folder else None)
        self._file = WatchListFile(folder / "pis.json" if folder else None, read_only=read_only)
        self._name = interface
        self._notify = notify
        self._discovery = Discovery(
            interface, self._seen, lambda sentence: self._say("interface", sentence)
        )
        self._logins = LoginChoice(login, read_only=read_only)
        self._register = Register()
        self._loops = MachineLoops(
            lambda pi: MachineLoop(pi, self, self._discovery.mac_of), self._loop_failed
        )
        self._nodes: tuple[NodeView, ...] = ()
        self._problem: dict[str, str] = {}
        self._dirty = True
        self._wall = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)

    # -- what the user asks for ------------------------------------------------------------------

    @property
    def looks(self) -> bool:
        """Whether any machine is spoken to: on NOWHERE none is."""
        return self._name != NOWHERE

    def add(self, text: str) -> None:
        """Watch the machine at an address, or of a name; raises BadAddress."""
        place = parse_place(text)
        if isinstance(place, Endpoint):
            self.observe(Evidence(self.now(), place, added=True))
        else:
            self._discovery.want(place)
        self._file.changed = self._dirty = True

    def drop_name(self, name: str) -> None:
        """Look no more for a name that was added and never found."""
        self._discovery.unwant(name)
        self._file.changed = self._dirty = True

    def forget(self, pi: str) -> None:
        """Forget a machine and its key; if it is still there it comes back as a new one.

        Raises UnknownPi and HostKeyError.
        """
        machine = self._machine(pi)
        self.known_hosts.forget(machine.id)
        self._file.forget(machine.id)
        self.drop_name(machine.announced)
        self._forget(machine.id)

    def keep(self) -> None:
        """Have what is watched on the disk when this returns; raises WatchListError."""
        told = self._file.save(self._register.machines.values(), self._discovery.names)
        self._say("file", "")
        self._take_over(told)

    def _take_over(self, told: Elsewhere) -> None:
        """What other squarms were told meanwhile."""
        for machine in told.changed:
            self._set(rules.tell(self._register, machine))
            self._loops[machine.id].wake()
        for name in told.dropped:
            self._discovery.unwant(name)
        for name in told.added:
            self._discovery.want(name)
        for pi in told.forgotten & self._register.machines.keys():
            self._forget(pi)

    def accept_key(self, pi: str, fingerprint: str = "") -> HostKey:
        """Trust the key that a machine shows now, as after a re-flash, and return it.

        `fingerprint`: of the key that the user has looked at; it may have changed again since.
        Raises UnknownPi where there is no such machine, or it shows no such key; HostKeyError.
        """
        machine = self._machine(pi)
        name = machine.name or pi
        if machine.key is None:
            raise UnknownPi(f"{name} has shown no host key yet: wait until it answers.")
        if fingerprint not in ("", machine.key.fingerprint):
            raise UnknownPi(f"{name} shows yet another key now: look at it again.")
        self.known_hosts.trust(machine.id, machine.key)
        trusting = rules.trust(self._register, machine.id, machine.key)
        self._set(rules.approve(trusting, machine.id))
        self._file.changed = True
        self._loops[machine.id].wake()
        return machine.key

    def set_login(self, login: Login | None, pi: str | None = None) -> None:
        """Log in so from now on: to one machine, or to all for which nothing else was said.

        A password goes to machines whose key is trusted: `accept_key` first, or `offer_to_new`.
        """
        if pi is None:
            self._logins.usual = login
        else:
            machine = self._machine(pi)
            pi = machine.id
            new = None if login is None else login.to(machine.user)
            same = new is not None and self.login(pi) in (new, new.unasked())
            self._logins.say(pi, login)
            self._set(rules.approve(self._register, pi))
            self._file.changed = True
            if not same:
                # Whether it lets us in so is seen at once, not when the connection breaks.
                self._loops[pi].another_login()
        for each in self._loops:
            self._loops[each].wake()

    def log_in_as_before(self, logins: Mapping[str, Login]) -> None:
        """Take over what was said of machines, by id, to the fleet that watched before this one."""
        self._logins.take_over(logins)

    def shell_command(self, pi: str) -> list[str]:
        """OpenSSH's command for a shell there, held to the trusted key; raises UnknownPi."""
        machine = self._machine(pi)
        name = machine.name or pi
        if machine.key_changed or machine.trusted is None:
            raise UnknownPi(f"The host key of {name} is not trusted: accept it first.")
        if machine.endpoint is None:
            raise UnknownPi(f"{name} has no address now: wait until it is seen again.")
        options = host_key_options(alias(machine.id), self.known_hosts.path)
        return ssh_command(machine.endpoint, self._logins.for_shell(machine), options)

    def set_nodes(self, nodes: Iterable[NodeView]) -> None:
        """The swarm's nodes as its engine sees them now."""
        self._nodes = tuple(nodes)
        self._dirty = True

    async def sweep(self, cidr: str) -> int:
        """Knock at every address of a range on the interface's network; returns how many answer.

        Raises BadSweep and NoInterface.
        """

        def found(endpoint: Endpoint) -> None:
            mac = self._discovery.mac_of(endpoint)
            self.observe(Evidence(self.now(), endpoint, mac=mac, answered=True))

        return await self._discovery.sweep(cidr, found)

    def addresses_of(self, cidr: str) -> tuple[str, ...]:
        """Those of a range that a sweep would knock at; raises BadSweep and NoInterface."""
        return self._discovery.addresses_of(cidr)

    def id_now(self, pi: str) -> str:
        """The id by which a machine goes now: two ids may have proved to be one machine's."""
        machine = self._register.find(pi)
        return machine.id if machine else pi

    def connection(self, pi: str) -> asyncssh.SSHClientConnection | None:
        """The one connection to a machine, for who wants a channel on it; None while there is none.

        Raises UnknownPi.
        """
        loop = self._loops.get(self._machine(pi).id)
        return loop.connection if loop else None

    def snapshot(self) -> FleetSnapshot:
        """Everything as it is now."""
        at = self.now()
        interface = self._discovery.interface
        measured = {pi: self._loops[pi].measured for pi in self._loops}
        return FleetSnapshot(
            interface=self._name,
            network=str(interface.network) if interface else "",
            pis=views(self._register.machines, measured, self._nodes, at),
            missing=self._discovery.missing,
            taken=at,
            problem=next((text for text in self._problem.values() if text), ""),
        )

    # -- running ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch until cancelled; then everything is closed, and what is known is kept."""
        if self.looks:
            self._loops.run_from_now_on()
        self._restore()
        try:
            async with asyncio.TaskGroup() as group:
                if self.looks:
                    group.create_task(self._discovery.run())
                group.create_task(self._tick())
        finally:
            try:
                await self._loops.close()
            finally:
                # Also where whoever waits for the end waits no longer.
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
            if self.now() - saved_at > _SAVE_SECONDS:
                saved_at = self.now()
                if self._file.changed:
                    self._save()
                elif self._file.changed_elsewhere:
                    self._look()

    def _seen(self, sighting: Sighting) -> bool:
        """Take in a sighting; whether it is of what is taken for a Pi."""
        added = self._discovery.found(sighting.name)
        self.observe(
            Evidence(
                self.now(),
                sighting.endpoint,
                sighting.name,
                claimed=sighting.mac,
                whole=sighting.whole,
                added=added,
            )
        )
        machine = self._register.at(sighting.endpoint)
        if machine is None:
            return False
        self._loops[machine.id].sighted()
        return bool(machine.recognised)

    # -- what the machines' loops ask and tell ----------------------------------------------------

    def now(self) -> float:
        """Seconds since the epoch, which no correction of the clock sets back or ahead.

        They go on while this machine is suspended: what is known then grows old.
        """
        return self._wall + time.clock_gettime(time.CLOCK_BOOTTIME)

    def machine(self, pi: str) -> Machine | None:
        """The machine of exactly this id."""
        return self._register.machines.get(pi)

    def login(self, pi: str) -> Login | None:
        """How to log in to it; None for not at all."""
        return self._logins.of(pi, self.machine(pi))

    def observe(self, evidence: Evidence) -> None:
        """Take in what was learnt."""
        before = self._register
        self._set(rules.observe(before, evidence))
        machine = self._register.at(evidence.endpoint)
        if machine is None:
            return
        old = before.machines.get(machine.id)
        if old is not None and old.announced != machine.announced:
            # Where it was looked for by that name, nothing answers to it any more.
            self._discovery.unwant(old.announced)
        if machine.watched and (old is None or lasting(old) != lasting(machine)):
            self._file.changed = True

    def alive(self, pi: str, hostname: str, node: str | None) -> None:
        """A sample came in."""
        # Each second, of each machine: nothing can have come, gone or moved.
        self._register = rules.hear(self._register, pi, self.now(), hostname, node)
        self._dirty = True

    def lost(self, pi: str) -> None:
        """It does not answer."""
        machine = self.machine(pi)
        if machine is not None and machine.announced:
            # It may have lost this address and kept another.
            self._discovery.ask(machine.announced)
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
        for pi in before.machines.keys() - register.machines.keys():
            self._part(pi)
        for pi, machine in register.machines.items():
            old = before.machines.get(pi)
            if old is machine:
                continue
            if old is None:
                self._start(pi)
            elif old.endpoints != machine.endpoints:
                self._loops[pi].moved()

    def _forget(self, pi: str) -> None:
        self._logins.forget(pi)
        self._set(rules.forget(self._register, pi))

    def _start(self, pi: str) -> None:
        self._file.keep(pi)
        self._loops.start(pi)

    def _loop_failed(self, pi: str, error: BaseException) -> None:
        _LOG.error("The loop of %s has failed", pi, exc_info=error)
        self._say("fault", f"{pi} is watched no more, by squarm's own fault: {error!r:.100}")

    def _part(self, pi: str) -> None:
        """A machine was forgotten, or merged into another, which then inherits its trust."""
        heir = self._register.find(pi)
        if heir is not None:
            self._inherit(pi, heir)
        self._loops.stop(pi)

    def _inherit(self, pi: str, heir: Machine) -> None:
        self._file.forget(pi)
        self._logins.inherit(pi, heir.id)
        if self._read_only:
            return
        try:
            if heir.trusted is not None:
                self.known_hosts.trust(heir.id, heir.trusted)
            self.known_hosts.forget(pi)
        except HostKeyError as error:
            self._say("keys", str(error))

    def _restore(self) -> None:
        try:
            kept = self._file.load()
            keys = self.known_hosts.read()
        except FleetError as error:
            self._say("file", str(error))
        else:
            machines = [replace(machine, trusted=keys.get(machine.id)) for machine in kept.machines]
            self._set(rules.restore(self._register, machines))
            for name in kept.names:
                self._discovery.want(name)
        for pi in self._register.machines:
            self._start(pi)

    def _save(self) -> None:
        try:
            self.keep()
        except WatchListError as error:
            self._say("file", str(error))

    def _look(self) -> None:
        try:
            self._take_over(self._file.look(self._register.machines.values()))
        except WatchListError as error:
            self._say("file", str(error))

    def _machine(self, pi: str) -> Machine:
        machine = self._register.find(pi)
        if machine is None:
            raise UnknownPi(f"There is no Pi {clean_text(pi, 40)!r}.")
        return machine

    def _say(self, about: str, sentence: str) -> None:
        if self._problem.get(about, "") != sentence:
            self._dirty = True
            if sentence:
                _LOG.warning("%s", sentence)
        self._problem[about] = sentence
