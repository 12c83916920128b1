"""Tending one machine: knock, read its key, log in, listen to it; again when that ends."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from typing import Protocol

import asyncssh

from fleet.decision import PROBE_SECONDS, NextStep, Patience, next_step, probe_wait
from fleet.discovery.sweep import answers
from fleet.endpoint import USUAL_USER, Endpoint
from fleet.machine import Contact, Evidence, Machine
from fleet.metrics.history import Recorder
from fleet.metrics.samples import Meter
from fleet.metrics.stream import SILENT_SECONDS, Flooded, StreamEnded, follow_loop
from fleet.snapshot import Measured
from fleet.ssh.connection import (
    CONNECT_SECONDS,
    Dialler,
    Floods,
    KeyChanged,
    Login,
    LoginRefused,
    SshError,
)
from fleet.ssh.flood_guard import FLOODS
from fleet.ssh.host_keys import HostKey

_LOG = logging.getLogger(__name__)
_LEAST_WAIT = 2.0
"""However often a machine is announced, it is not dialled more often than this."""
_SOON_SECONDS = 10.0
_LATER_SECONDS = 300.0
_SOON_TIMES = 3
"""A Pi that is starting up refuses everybody for a while (pam_nologin), and one that was never
entered may ban who knocks too often."""


class LoopHost(Protocol):
    """The fleet, as one machine's tender sees it."""

    dialler: Dialler

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def machine(self, pi: str) -> Machine | None:
        """The machine, None when it was forgotten or merged into another."""
        ...

    def login(self, pi: str) -> Login | None:
        """How to log in to it."""
        ...

    def observe(self, evidence: Evidence) -> None:
        """Something was learnt."""
        ...

    def alive(self, pi: str, hostname: str, node: str | None) -> None:
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


class MachineLoop:
    """One machine's task. `run` ends when the machine is forgotten, or merged into another."""

    def __init__(self, pi: str, host: LoopHost, mac_of: Callable[[Endpoint], str]) -> None:
        self.pi = pi
        self.connection: asyncssh.SSHClientConnection | None = None
        self._host = host
        self._mac_of = mac_of
        self._woken = asyncio.Event()
        self._patience = Patience()
        self._refused: Login | None = None
        self._retry_at = 0.0
        self._refusals = 0
        self._alone_until = 0.0
        self._welcomed: Login | None = None
        self._endpoint: Endpoint | None = None
        self._meter = Meter()
        self._recorder = Recorder()
        self._problem = ""
        self._tried = False
        self._met = False
        self._quiet = False
        self._sighted = 0.0

    @property
    def measured(self) -> Measured:
        """What this machine yielded so far."""
        meter, history = self._meter, self._recorder.history()
        refused = self._refused and ("password" if self._refused.password else "key")
        said = (self._problem, refused or "", self._tried)
        return Measured(meter.facts, meter.sample, history, *said)

    def sighted(self) -> None:
        """It was announced: where nothing was heard of it, that is the moment to try."""
        self._sighted = self._host.now()
        machine = self._host.machine(self.pi)
        if machine is not None and machine.contact in (Contact.SILENT, Contact.NONE):
            self.wake()

    def wake(self) -> None:
        """Something happened that makes another attempt worthwhile now."""
        if self._quiet:
            self.hang_up()
        self._woken.set()

    def another_login(self) -> None:
        """It is to be tried with another login: what it said to the one before is old."""
        if self._refused is not None:
            self._problem = ""
        self.hang_up()

    def moved(self) -> None:
        """Its addresses changed: a connection to one that is no more its own is dropped.

        Also one by IPv6, where IPv4 is to be used by now.
        """
        machine = self._host.machine(self.pi)
        place = self._endpoint
        if machine is None or (
            place is not None
            and (
                place not in machine.endpoints
                or (place.is_ipv6 and machine.endpoint is not None and not machine.endpoint.is_ipv6)
            )
        ):
            self.hang_up()
        self.wake()

    def hang_up(self) -> None:
        """Drop the connection, if there is one."""
        if self.connection is not None:
            self.connection.abort()

    async def run(self) -> None:
        """Tend until there is nothing to tend."""
        while (machine := self._host.machine(self.pi)) is not None:
            before = self._problem
            wait = await self._attend(machine)
            if self._problem not in ("", before):
                _LOG.info("%s: %s", self.pi, self._problem)
            self._tried = True
            self._host.changed()
            await self._pause(wait, at_once=machine.contact is Contact.NONE)

    async def _pause(self, wait: float, *, at_once: bool) -> None:
        """Wait, or until woken; a wake-up during an attempt counts only for a while after it."""
        least = min(wait, 0.2 if at_once else _LEAST_WAIT)
        await asyncio.sleep(least)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), max(0.0, wait - least))
        self._woken.clear()

    async def _attend(self, machine: Machine) -> float:
        """One attempt; returns how long to wait before the next."""
        login = self._host.login(self.pi)
        refused = self._refused if self._host.now() < self._retry_at else None
        step = next_step(machine, login, refused)
        endpoint = machine.endpoint
        if step is NextStep.REST or endpoint is None:
            return PROBE_SECONDS
        if step is NextStep.KNOCK or self._host.now() < self._alone_until:
            return await self._knock(machine, endpoint)
        try:
            if step is NextStep.READ_KEY or login is None:
                return await self._read_key(machine, endpoint)
            key = machine.trusted or machine.key
            if key is None or (step is NextStep.TRUST and not self._host.trust(self.pi, key)):
                return PROBE_SECONDS
            await self._visit(endpoint, key, login)
        except KeyChanged as error:
            self._problem = ""
            self._learn(endpoint, key=error.shown)
            return PROBE_SECONDS
        except LoginRefused as error:
            self._problem = str(error)
            self._learn(endpoint)
            self._host.shut_out(self.pi)
            return self._shut_out(login)
        except (Floods, Flooded):
            return self._leave_alone()
        except SshError as error:
            return self._failed(machine, str(error))
        except StreamEnded:
            # The connection was good until now: an attempt at once tells a reboot from a hiccup.
            pass
        return self._patience.wait(random.random())  # noqa: S311 - spreads load, hides nothing

    def _leave_alone(self) -> float:
        """Listening to it costs too much; returns how long to wait before the next attempt."""
        self._problem = f"{FLOODS}: it is left alone for a while."
        self._alone_until = self._host.now() + _LATER_SECONDS
        self._host.shut_out(self.pi)
        return PROBE_SECONDS

    def _shut_out(self, login: Login | None) -> float:
        """It refused this login; returns how long to wait before the next attempt."""
        self._refusals += 1
        machine = self._host.machine(self.pi)
        known = bool(login and machine and machine.user == login.user)
        soon = (known or login == self._welcomed) and self._refusals <= _SOON_TIMES
        self._refused = login
        self._retry_at = self._host.now() + (_SOON_SECONDS if soon else _LATER_SECONDS)
        return _SOON_SECONDS if soon else PROBE_SECONDS

    async def _knock(self, machine: Machine, endpoint: Endpoint) -> float:
        if await answers(endpoint, CONNECT_SECONDS):
            self._patience = Patience()
            self._learn(endpoint)
        else:
            self._patience = self._patience.failed()
            if machine.contact is Contact.ANSWERS and self._patience.failures < 2:
                pass
            elif machine.contact is Contact.NONE and not machine.added:
                self._problem = "it is announced, but SSH does not answer: turn SSH on there."
                self._host.try_next(self.pi)
            else:
                self._host.lost(self.pi)
        now = self._host.machine(self.pi) or machine
        return probe_wait(now, self._patience, random.random())  # noqa: S311

    async def _read_key(self, machine: Machine, endpoint: Endpoint) -> float:
        key = await self._host.dialler.host_key(endpoint)
        self._patience = Patience()
        first = machine.key is None
        self._problem = ""
        self._learn(endpoint, key=key)
        return 0.0 if first else PROBE_SECONDS

    async def _visit(self, endpoint: Endpoint, key: HostKey, login: Login) -> None:
        """Log in and listen until that ends; raises StreamEnded or SshError."""
        connection = await self._host.dialler.connect(endpoint, key, login)
        self.connection, self._endpoint, self._met = connection, endpoint, False
        self._meter = Meter(occasional=self._meter.occasional)
        try:
            await follow_loop(
                connection, lambda line: self._line(line, endpoint, key, login), self._fell_silent
            )
        except StreamEnded as error:
            if not self._quiet:
                self._problem = str(error)
            if not self._met:
                self._patience = self._patience.failed()
                self._host.lost(self.pi)
            elif self._silent():
                self._host.lost(self.pi)
            raise
        finally:
            _LOG.info("%s: SSH to %s has ended", self.pi, endpoint)
            self.connection = self._endpoint = None
            self._quiet = False
            connection.abort()

    def _fell_silent(self) -> None:
        """The connection stays for a while, unless the machine is elsewhere, or started anew."""
        self._quiet = True
        self._problem = f"it has said nothing for {SILENT_SECONDS:.0f} seconds."
        self._host.lost(self.pi)
        machine = self._host.machine(self.pi)
        announced = self._sighted > self._host.now() - SILENT_SECONDS + _LEAST_WAIT
        if machine is None or len(machine.endpoints) > 1 or announced:
            self.hang_up()

    def _silent(self) -> bool:
        """Whether the last sample is so old that the machine is gone, not just the connection."""
        sample = self._meter.sample
        return sample is None or self._host.now() - sample.at > _LEAST_WAIT * 2

    def _line(self, line: bytes, endpoint: Endpoint, key: HostKey, login: Login) -> None:
        before = self._meter.sample
        self._meter = self._meter.take(line, self._host.now(), time.time())
        sample = self._meter.sample
        if sample is None or sample is before:
            return
        if self._quiet:
            self._quiet, self._problem = False, ""
        if not self._met:
            self._met = True
            _LOG.info("%s: SSH to %s works", self.pi, endpoint)
            self._welcomed, self._refused, self._refusals = login.to(USUAL_USER), None, 0
            self._patience = Patience()
            self._problem = ""
            self._learn(endpoint, key=key, user=self._welcomed.user)
        self._recorder.add(sample)
        self._host.alive(self.pi, sample.hostname, self._meter.node)

    def _failed(self, machine: Machine, why: str) -> float:
        self._patience = self._patience.failed()
        self._problem = why
        if machine.contact is Contact.NONE and not machine.added:
            self._host.try_next(self.pi)
        else:
            self._host.lost(self.pi)
        return self._patience.wait(random.random())  # noqa: S311 - spreads load, hides nothing

    def _learn(self, endpoint: Endpoint, key: HostKey | None = None, user: str = "") -> None:
        """It answers; `user`: it has let that one in."""
        self._host.observe(
            Evidence(
                at=self._host.now(),
                endpoint=endpoint,
                mac=self._mac_of(endpoint),
                answered=True,
                key=key,
                identity=self._meter.identity if user else None,
                user=user,
            )
        )
