"""Real OpenSSH servers on loopback, each with a key, a port and a configuration of its own."""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fleet.endpoint import Endpoint
from fleet.ssh.connection import Login
from fleet.ssh.host_keys import HostKey
from tests.fleet.pis import KEYS_ONLY, make_key
from tests.needs import need
from tests.waiting import answers, wait_until

_CONFIG = f"ListenAddress 127.0.0.1\nPort {{port}}\n{KEYS_ONLY}LogLevel VERBOSE\n"


@dataclass
class Sshd:
    """A running server."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens."""
        return Endpoint("127.0.0.1", self.port)

    @property
    def place(self) -> str:
        """As a user would type it."""
        return str(self.endpoint)

    @property
    def key(self) -> HostKey:
        """Its host key."""
        key = HostKey.parse((self.folder / "host_key.pub").read_text())
        assert key is not None
        return key

    @property
    def login(self) -> Login:
        """The login that it takes."""
        return Login(user=getpass.getuser(), keys=(self.folder.parent / "user_key",), agent=False)

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text(errors="replace")

    def new_key(self) -> None:
        """As after a re-flash: takes effect at the next `start`."""
        for name in ("host_key", "host_key.pub"):
            (self.folder / name).unlink(missing_ok=True)
        make_key(self.folder / "host_key")

    def start(self) -> None:
        """Run it, without waiting."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_program(), "-D", "-e", "-f", str(self.folder / "config")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def ready(self) -> None:
        """Wait until it listens."""
        wait_until(lambda: answers("127.0.0.1", self.port), 60, lambda: self.log)

    def stop(self) -> None:
        """End it; sessions that are open go on."""
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None


def make_sshd(folder: Path, name: str, extra: str = "") -> Sshd:
    """A server that is not yet running; `extra` configuration lines."""
    if not (folder / "user_key").exists():
        make_key(folder / "user_key")
    own = folder / name
    own.mkdir()
    server = Sshd(own, free_port())
    server.new_key()
    keys, host_key = folder / "user_key.pub", own / "host_key"
    config = _CONFIG.format(port=server.port, keys=keys, host_key=host_key)
    (own / "config").write_text(config + extra + "\n")
    return server


@contextmanager
def sshd(folder: Path, extra: str = "") -> Iterator[Sshd]:
    """A running server."""
    _program()
    server = make_sshd(folder, "sshd", extra)
    try:
        server.start()
        server.ready()
        yield server
    finally:
        server.stop()


_GIVEN: set[int] = set()


def free_port() -> int:
    """A port that nobody has, and that was not given before."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = int(server.getsockname()[1])
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def _program() -> str:
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    need("" if program else "sshd is not installed (apt install openssh-server)")
    assert program
    if os.geteuid() == 0:
        # Debian's service makes it; without the service sshd does not start as root.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return program
