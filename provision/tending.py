"""Tending one machine: knock, read its key, log in, listen to it; again when that ends."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Protocol

import asyncssh

from provision.box import Box, Contact, Evidence
from provision.decision import PROBE_SECONDS, Patience, Step, next_step, probe_wait
from provision.endpoint import Endpoint
from provision.history import Recorder
from provision.host_keys import HostKey
from provision.link import SILENT_SECONDS, LinkEnded, follow_loop
from provision.metrics import Meter
from provision.snapshot import Measured
from provision.ssh import CONNECT_SECONDS, Dialler, KeyChanged, Login, LoginRefused, SshTrouble
from provision.sweep import answers

_LEAST_WAIT = 2.0
"""However often a machine is announced, it is not dialled more often than this."""
_SOON_SECONDS = 10.0
_LATER_SECONDS = 300.0
_SOON_TIMES = 3
"""A Pi that is starting up refuses everybody for a while (pam_nologin), and one that was never
entered may ban who knocks too often."""


class Ward(Protocol):
    """The fleet, as one machine's tender sees it."""

    dialler: Dialler

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def box(self, pi: str) -> Box | None:
        """The machine, None when it was forgotten or merged into another."""
        ...

    def login(self, pi: str) -> Login | None:
        """How to log in to it."""
        ...

    def observe(self, evidence: Evidence) -> None:
        """Something was learnt."""
        ...

    def alive(self, pi: str, hostname: str) -> None:
        """A sample came in."""
        ...

    def lost(self, pi: str) -> None:
        """It does not answer."""
        ...

    def try_next(self, pi: str) -> None:
        """Its address does not answer, and never did."""
        ...

    def shut_out(self, pi: str) -> None:
        """It answers, but lets nobody in."""
        ...

    def trust(self, pi: str, key: HostKey) -> bool:
        """Trust a key and store it; False where it cannot be stored."""
        ...

    def changed(self) -> None:
        """What a snapshot shows has changed."""
        ...


class Tender:
    """One machine's task. `run` ends when the machine is forgotten, or merged into another."""

    def __init__(self, pi: str, ward: Ward, mac_of: Callable[[Endpoint], str]) -> None:
        self.pi = pi
        self.connection: asyncssh.SSHClientConnection | None = None
        self._ward = ward
        self._mac_of = mac_of
        self._woken = asyncio.Event()
        self._patience = Patience()
        self._refused: Login | None = None
        self._retry_at = 0.0
        self._refusals = 0
        self._welcomed: Login | None = None
        self._endpoint: Endpoint | None = None
        self._meter = Meter()
        self._recorder = Recorder()
        self._trouble = ""
        self._tried = False
        self._met = False
        self._quiet = False
        self._sighted = 0.0

    @property
    def measured(self) -> Measured:
        """What this machine yielded so far."""
        meter, history = self._meter, self._recorder.history()
        refused = self._refused and ("password" if self._refused.password else "key")
        said = (self._trouble, refused or "", self._tried)
        return Measured(meter.facts, meter.sample, history, *said)

    def sighted(self) -> None:
        """It was announced: where nothing was heard of it, that is the moment to try."""
        self._sighted = self._ward.now()
        box = self._ward.box(self.pi)
        if box is not None and box.contact in (Contact.SILENT, Contact.NONE):
            self.wake()

    def wake(self) -> None:
        """Something happened that makes another attempt worthwhile now."""
        if self._quiet:
            self.hang_up()
        self._woken.set()

    def moved(self) -> None:
        """Its addresses changed: a connection to one that is no more its own is dropped."""
        box = self._ward.box(self.pi)
        if box is None or (self._endpoint is not None and self._endpoint not in box.endpoints):
            self.hang_up()
        self.wake()

    def hang_up(self) -> None:
        """Drop the connection, if there is one."""
        if self.connection is not None:
            self.connection.abort()

    async def run(self) -> None:
        """Tend until there is nothing to tend."""
        while (box := self._ward.box(self.pi)) is not None:
            wait = await self._attend(box)
            self._tried = True
            self._ward.changed()
            await self._pause(wait, at_once=box.contact is Contact.NONE)

    async def _pause(self, wait: float, *, at_once: bool) -> None:
        """Wait, or until woken; a wake-up during an attempt counts only for a while after it."""
        least = min(wait, 0.2 if at_once else _LEAST_WAIT)
        await asyncio.sleep(least)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), max(0.0, wait - least))
        self._woken.clear()

    async def _attend(self, box: Box) -> float:
        """One attempt; returns how long to wait before the next."""
        login = self._ward.login(self.pi)
        refused = self._refused if self._ward.now() < self._retry_at else None
        step = next_step(box, login, refused)
        endpoint = box.endpoint
        if step is Step.REST or endpoint is None:
            return PROBE_SECONDS
        if step is Step.KNOCK:
            return await self._knock(box, endpoint)
        try:
            if step is Step.READ_KEY or login is None:
                return await self._read_key(box, endpoint)
            key = box.trusted or box.key
            if key is None or (step is Step.TRUST and not self._ward.trust(self.pi, key)):
                return PROBE_SECONDS
            await self._visit(endpoint, key, login)
        except KeyChanged as error:
            self._trouble = ""
            self._learn(endpoint, key=error.shown)
            return PROBE_SECONDS
        except LoginRefused as error:
            self._trouble = str(error)
            self._learn(endpoint)
            self._ward.shut_out(self.pi)
            return self._shut_out(login)
        except SshTrouble as error:
            return self._failed(box, str(error))
        except LinkEnded:
            # The connection was good until now: an attempt at once tells a reboot from a hiccup.
            pass
        return self._patience.wait(random.random())  # noqa: S311 - spreads load, hides nothing

    def _shut_out(self, login: Login | None) -> float:
        """It refused this login; returns how long to wait before the next attempt."""
        self._refusals += 1
        soon = login == self._welcomed and self._refusals <= _SOON_TIMES
        self._refused = login
        self._retry_at = self._ward.now() + (_SOON_SECONDS if soon else _LATER_SECONDS)
        return _SOON_SECONDS if soon else PROBE_SECONDS

    async def _knock(self, box: Box, endpoint: Endpoint) -> float:
        if await answers(endpoint, CONNECT_SECONDS):
            self._patience = Patience()
            self._learn(endpoint)
        else:
            self._patience = self._patience.failed()
            if box.contact is Contact.ANSWERS and self._patience.failures < 2:
                pass
            elif box.contact is Contact.NONE and not box.added:
                self._trouble = "it is announced, but SSH does not answer: turn SSH on there."
                self._ward.try_next(self.pi)
            else:
                self._ward.lost(self.pi)
        now = self._ward.box(self.pi) or box
        return probe_wait(now, self._patience, random.random())  # noqa: S311

    async def _read_key(self, box: Box, endpoint: Endpoint) -> float:
        key = await self._ward.dialler.host_key(endpoint)
        self._patience = Patience()
        first = box.key is None
        self._trouble = ""
        self._learn(endpoint, key=key)
        return 0.0 if first else PROBE_SECONDS

    async def _visit(self, endpoint: Endpoint, key: HostKey, login: Login) -> None:
        """Log in and listen until that ends; raises LinkEnded or SshTrouble."""
        connection = await self._ward.dialler.connect(endpoint, key, login)
        self.connection, self._endpoint, self._met = connection, endpoint, False
        self._meter = Meter(occasional=self._meter.occasional)
        try:
            await follow_loop(
                connection, lambda line: self._line(line, endpoint, key), self._fell_silent
            )
        except LinkEnded as error:
            if not self._quiet:
                self._trouble = str(error)
            if not self._met:
                self._patience = self._patience.failed()
                self._ward.lost(self.pi)
            elif self._silent():
                self._ward.lost(self.pi)
            raise
        finally:
            self.connection = self._endpoint = None
            self._quiet = False
            connection.abort()

    def _fell_silent(self) -> None:
        """The connection stays for a while, unless the machine is elsewhere, or started anew."""
        self._quiet = True
        self._trouble = f"it has said nothing for {SILENT_SECONDS:.0f} seconds."
        self._ward.lost(self.pi)
        box = self._ward.box(self.pi)
        announced = self._sighted > self._ward.now() - SILENT_SECONDS + _LEAST_WAIT
        if box is None or len(box.endpoints) > 1 or announced:
            self.hang_up()

    def _silent(self) -> bool:
        """Whether the last sample is so old that the machine is gone, not just the connection."""
        sample = self._meter.sample
        return sample is None or self._ward.now() - sample.at > _LEAST_WAIT * 2

    def _line(self, line: bytes, endpoint: Endpoint, key: HostKey) -> None:
        before = self._meter.sample
        self._meter = self._meter.take(line, self._ward.now())
        sample = self._meter.sample
        if sample is None or sample is before:
            return
        if self._quiet:
            self._quiet, self._trouble = False, ""
        if not self._met:
            self._met = True
            self._welcomed, self._refused, self._refusals = self._ward.login(self.pi), None, 0
            self._patience = Patience()
            self._trouble = ""
            self._learn(endpoint, key=key, identity=True)
        self._recorder.add(sample)
        self._ward.alive(self.pi, sample.hostname)

    def _failed(self, box: Box, why: str) -> float:
        self._patience = self._patience.failed()
        self._trouble = why
        if box.contact is Contact.NONE and not box.added:
            self._ward.try_next(self.pi)
        else:
            self._ward.lost(self.pi)
        return self._patience.wait(random.random())  # noqa: S311 - spreads load, hides nothing

    def _learn(
        self, endpoint: Endpoint, key: HostKey | None = None, *, identity: bool = False
    ) -> None:
        self._ward.observe(
            Evidence(
                at=self._ward.now(),
                endpoint=endpoint,
                mac=self._mac_of(endpoint),
                answered=True,
                key=key,
                identity=self._meter.identity if identity else None,
            )
        )
