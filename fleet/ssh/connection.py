"""SSH to one machine: its host key, and a connection that checks it. Built on asyncssh.

Host keys are always checked, against one key given by the caller; no ambient configuration or
known_hosts file has a say. Passwords exist in memory only and in no message.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import asyncssh

from base.errors import FleetError
from base.text import clean_text
from fleet.endpoint import USUAL_USER, Endpoint
from fleet.ssh.flood_guard import FLOODS, FloodGuard, timeout_or_flood
from fleet.ssh.host_keys import HostKey
from fleet.ssh.own_key import in_agent, key_files, own_key, public_half

CONNECT_SECONDS = 3.0
BANNER_SECONDS = 8.0
HANDSHAKE_SECONDS = 12.0
KEEPALIVE_SECONDS = 15
_AT_A_TIME = 24
"""Handshakes at a time: they cost processor time here, where waiting for an answer costs none."""
_KEY_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_KEY_EXCHANGES = "*25519*,ecdh-sha2-nistp*"
"""Those over curves alone: a server begins as many as it likes, and one in a large group costs some
twenty times as much. Every sshd since 2011 has one of these."""


class SshError(FleetError):
    """A connection that did not come about: one sentence, with the way out."""


class Unreachable(SshError):
    """Nothing answers there, or it stops answering before the login is done."""


class Floods(SshError):
    """Who is there sends far more than belongs to a login: every further attempt costs time."""


class LoginRefused(SshError):
    """It answers but does not let us in: trying again is no use until something changes."""


class KeyChanged(SshError):
    """It shows another host key than the trusted one: nothing was sent to it.

    `trusted` and `shown` are the two keys; accepting the new one is the caller's to offer.
    """

    def __init__(self, trusted: HostKey, shown: HostKey) -> None:
        self.trusted = trusted
        self.shown = shown
        super().__init__(changed_sentence(trusted, shown))


def changed_sentence(trusted: HostKey, shown: HostKey) -> str:
    """What a changed host key means and what to do about it."""
    return (
        f"its host key has changed from {trusted.fingerprint} to {shown.fingerprint}: if you wrote "
        "its card anew, accept the new key; if not, another machine may be posing as it, so keep "
        "away."
    )


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in, kept in memory only: with these key files, the agent, or a password.

    `user` '': the one whom the machine has let in before, else `USUAL_USER`.
    `keys` None: the usual files in ~/.ssh, and squarm's own; where files are named, the agent is
    asked for those alone. `offer_to_new`: give the password also to machines whose host key nobody
    has looked at yet.
    """

    user: str = ""
    password: str | None = field(default=None, repr=False)
    keys: tuple[Path, ...] | None = None
    passphrase: str | None = field(default=None, repr=False)
    agent: bool = True
    offer_to_new: bool = False

    def to(self, before: str) -> "Login":
        """To a machine that has let in the user `before`, '' where it has let in nobody yet."""
        return replace(self, user=self.user or before)

    def unasked(self) -> "Login | None":
        """What of it goes to a machine of which the user has said nothing; None for nothing.

        Each key that is offered tells who one is, and each agent may ask its user: only the keys
        that were named, and squarm's own.
        """
        own = own_key()
        keys = (*(self.keys or ()), *((own,) if own.is_file() else ()))
        password = self.password if self.offer_to_new else None
        if not keys and password is None:
            return None
        return replace(self, keys=keys, password=password)


class Dialler:
    """Opens connections, so many at a time, and reads host keys."""

    def __init__(self) -> None:
        self._handshakes = asyncio.Semaphore(_AT_A_TIME)
        self._opening = asyncio.Lock()

    async def host_key(self, endpoint: Endpoint) -> HostKey:
        """The key a server shows, without logging in; raises Unreachable."""
        async with self._socket(endpoint) as sock:
            return await self._shown_key(sock)

    async def connect(
        self, endpoint: Endpoint, trusted: HostKey, login: Login
    ) -> asyncssh.SSHClientConnection:
        """A logged-in connection to the server that holds the trusted key.

        Raises KeyChanged, LoginRefused or Unreachable.
        """
        try:
            async with self._socket(endpoint) as sock:
                return await self._log_in(endpoint, sock, trusted, login)
        except _KeyMismatch:
            pass
        shown = await self.host_key(endpoint)
        if shown == trusted:
            raise Unreachable("It hangs up in the middle of the handshake.")
        raise KeyChanged(trusted, shown)

    @asynccontextmanager
    async def _socket(self, endpoint: Endpoint) -> AsyncIterator[socket.socket]:
        """A connected socket and a turn to shake hands on it; closed where nobody took it over."""
        family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        guard: FloodGuard | None = None
        try:
            sock.setblocking(False)
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(
                    sock, (endpoint.address, endpoint.port)
                )
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(BANNER_SECONDS):
                await _readable(sock)
            async with self._handshakes, timeout_or_flood(sock, HANDSHAKE_SECONDS) as guard:
                yield sock
        except TimeoutError:
            sock.close()
            if guard is not None and guard.flooded():
                raise Floods(f"{FLOODS}.") from None
            raise Unreachable("SSH does not answer in time.") from None
        except OSError as error:
            sock.close()
            raise Unreachable(_no_answer(error)) from None
        except BaseException:
            sock.close()
            raise

    async def _shown_key(self, sock: socket.socket) -> HostKey:
        try:
            found = await asyncssh.get_server_host_key(
                sock=sock,
                server_host_key_algs=_KEY_ALGORITHMS,
                kex_algs=_KEY_EXCHANGES,
                config=None,
            )
        except (asyncssh.Error, ValueError) as error:
            raise Unreachable(_broken(error)) from None
        key = _host_key(found)
        if key is None:
            raise Unreachable("It shows no host key that can be checked.")
        return key

    async def _log_in(
        self, endpoint: Endpoint, sock: socket.socket, trusted: HostKey, login: Login
    ) -> asyncssh.SSHClientConnection:
        # A locked key takes its time by design: once, and on no event loop.
        async with self._opening:
            keys, agent = await asyncio.to_thread(_client_keys, login)
        try:
            async with _held_by(agent) as held:
                return await asyncssh.connect(
                    endpoint.address,
                    endpoint.port,
                    sock=sock,
                    known_hosts=([asyncssh.import_public_key(str(trusted))], [], []),
                    username=login.user or USUAL_USER,
                    password=login.password,
                    # To asyncssh an empty list means the usual files.
                    client_keys=[*held, *keys] or None,
                    agent_path=None,
                    config=None,
                    preferred_auth="publickey,password,keyboard-interactive",
                    keepalive_interval=KEEPALIVE_SECONDS,
                    keepalive_count_max=3,
                    login_timeout=HANDSHAKE_SECONDS,
                    kex_algs=_KEY_EXCHANGES,
                    compression_algs=None,
                )
        except asyncssh.HostKeyNotVerifiable:
            raise _KeyMismatch from None
        except (asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionResetError):
            # A server with no key of the trusted one's kind has changed its key, too. Either side
            # may be the first to see that, and hang up.
            raise _KeyMismatch from None
        except asyncssh.PermissionDenied:
            raise LoginRefused(_refused(login)) from None
        except (asyncssh.Error, ValueError) as error:
            raise Unreachable(_broken(error)) from None


async def _readable(sock: socket.socket) -> None:
    """Wait for the server's first word: a silent one must not take a turn from those that talk."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sock, ready.cancel)
    try:
        await asyncio.wait([ready])
    finally:
        loop.remove_reader(sock)


class _KeyMismatch(Exception):
    """The server did not show the trusted key: it has another, or it hung up."""


class _Agent(NamedTuple):
    """Whether the user's agent is asked, and for which public keys; None for all it has."""

    asked: bool
    only: list[bytes] | None


def _client_keys(login: Login) -> tuple[list[asyncssh.SSHKeyPair], _Agent]:
    """The keys that can be opened here, and what is left to the agent; raises LoginRefused."""
    pairs: list[asyncssh.SSHKeyPair] = []
    only: list[bytes] = []
    for file in key_files(login.keys):
        try:
            stat = file.stat()
            pairs += _opened(file, (stat.st_mtime_ns, stat.st_size), login.passphrase)
        except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            if login.keys is None:
                continue
            if not login.agent or not in_agent(file):
                raise LoginRefused(_bad_key(file, error)) from None
            only.append(asyncssh.import_public_key(public_half(file)).public_data)
    if login.keys is None:
        return pairs, _Agent(login.agent, None)
    return pairs, _Agent(bool(only), only or None)


@asynccontextmanager
async def _held_by(agent: _Agent) -> AsyncIterator[Sequence[asyncssh.SSHKeyPair]]:
    """The keys in the user's agent, which signs with them until the block is left."""
    path = os.environ.get("SSH_AUTH_SOCK")
    if not agent.asked or not path:
        yield ()
        return
    held: Sequence[asyncssh.SSHKeyPair] = ()
    asked: asyncssh.SSHAgentClient | None = None
    with suppress(OSError, ValueError):
        asked = await asyncssh.connect_agent(path)
        held = await asked.get_keys(agent.only)
    try:
        yield held
    finally:
        if asked is not None:
            asked.close()


@lru_cache(maxsize=64)
def _opened(
    file: Path, stamp: tuple[int, int], passphrase: str | None
) -> Sequence[asyncssh.SSHKeyPair]:
    """The key in a file as it was at a `stamp`: one that is locked takes its time each time."""
    del stamp
    # asyncssh takes a tuple for one key and its certificate: what becomes of it is a list.
    return tuple(asyncssh.load_keypairs(str(file), passphrase=passphrase))


def _bad_key(file: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"the key file {file} cannot be read ({error.strerror}): name another."
    return f"the key file {file} cannot be used: give its passphrase, or load it into ssh-agent."


def _host_key(found: asyncssh.SSHKey | None) -> HostKey | None:
    if found is None:
        return None
    return HostKey.parse(found.export_public_key("openssh").decode("ascii", "replace"))


def _refused(login: Login) -> str:
    with_what = "key or password" if login.password else "key"
    whom = clean_text(login.user or USUAL_USER, 32)
    return (
        f"it lets {whom} in with no {with_what} that squarm has: give another user or password, or "
        "put your key on it."
    )


def _no_answer(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "it refuses SSH: turn SSH on there (sudo raspi-config, Interface Options)."
    return f"it cannot be reached ({clean_text(error.strerror or 'no answer', 80)})."


def _broken(error: Exception) -> str:
    if isinstance(error, asyncssh.ConnectionLost):
        # OpenSSH keeps out who failed to log in a few times (PerSourcePenalties, since 9.8).
        return (
            "it hangs up before SSH has begun: after logins that failed an SSH server may keep "
            "this machine out for a while, so try again in a minute."
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return (
            "its SSH server exchanges keys in no way that squarm takes: let it have "
            "curve25519-sha256 (KexAlgorithms in its sshd_config)."
        )
    return f"what answers there does not speak SSH properly ({clean_text(str(error), 120)})."
