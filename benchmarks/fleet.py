"""What watching a Pi costs the master: processor time, bytes, memory, from 3 to 200 Pis.

`python -m benchmarks.fleet [COUNT...]`. Each Pi is a real sshd on loopback, with a host key and an
identity of its own, in which the real loop runs; the master is the real fleet, in a process of its
own, so that what the servers take is not counted.
"""

import asyncio
import json
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.terminal import ROOT
from fleet.fleet import Fleet
from fleet.snapshot import FleetSnapshot
from tests.fleet.sshds import Sshd, make_sshd

COUNTS = (3, 20, 60, 200)
SETTLE = 5.0
WATCHED = 20.0
_PATIENCE = 600.0
_BYTES = struct.Struct("=QQ")
_BYTES_AT = 120
"""Where `bytes_acked` and `bytes_received` stand in Linux's `struct tcp_info`."""


def main(counts: tuple[int, ...] = COUNTS) -> None:
    """Print the figures."""
    print("Fleet: the master, for each Pi that it watches at 1 Hz")
    for count in counts:
        with tempfile.TemporaryDirectory() as name, _servers(Path(name), count) as servers:
            places = json.dumps([server.place for server in servers])
            (Path(name) / "places").write_text(places)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.fleet", "--watch", name, servers[0].login.user],
                cwd=ROOT, capture_output=True, text=True, check=False,
            )  # fmt: skip
            print(f"{count:4} Pis: {done.stdout.strip() or done.stderr.strip()[-400:]}", flush=True)


@contextmanager
def _servers(folder: Path, count: int) -> Iterator[list[Sshd]]:
    servers = [make_sshd(folder, f"pi{number}", _own_identity(folder / f"pi{number}"))
               for number in range(count)]  # fmt: skip
    try:
        for server in servers:
            _identify(server.folder)
            server.start()
        for server in servers:
            server.ready()
        yield servers
    finally:
        for server in servers:
            server.stop()


def _own_identity(folder: Path) -> str:
    """Runs the loop with other paths, as if in a machine of its own."""
    paths = {"/etc/machine-id": "machine-id", "/proc/sys/kernel/random/boot_id": "boot-id"}
    changes = "; ".join(f"s#{path}#{folder / name}#" for path, name in paths.items())
    return f"ForceCommand sed '{changes}' | exec sh -s"


def _identify(folder: Path) -> None:
    (folder / "machine-id").write_text(uuid.uuid4().hex + "\n")
    (folder / "boot-id").write_text(f"{uuid.uuid4()}\n")


async def watch(folder: Path, user: str) -> str:
    """Watch the servers in this process; what that took, once all are measured."""
    from fleet.ssh.connection import Login

    newest: list[FleetSnapshot] = []

    def take(snapshot: FleetSnapshot) -> None:
        newest[:] = [snapshot]

    places = json.loads((folder / "places").read_text())
    login = Login(user=user, keys=(folder / "user_key",), agent=False)
    fleet = Fleet("lo", take, login=login, folder=folder / "data")
    for place in places:
        fleet.add(place)
    running = asyncio.create_task(fleet.run())
    began, spent = time.monotonic(), time.process_time()
    while not newest or sum(pi.sample is not None for pi in newest[0].pis) < len(places):
        if time.monotonic() - began > _PATIENCE:
            return f"not all were measured within {_PATIENCE:.0f} s"
        await asyncio.sleep(0.1)
    came = time.monotonic() - began
    dialled = time.process_time() - spent
    await asyncio.sleep(SETTLE)

    before, spent, began = _moved(fleet, newest[0]), time.process_time(), time.monotonic()
    await asyncio.sleep(WATCHED)
    seconds, busy = time.monotonic() - began, time.process_time() - spent
    sent, received = (
        (now - then) / seconds / len(places)
        for now, then in zip(_moved(fleet, newest[0]), before, strict=True)
    )
    fresh = sum(time.time() - pi.sampled < 3 for pi in newest[0].pis)
    resident = psutil.Process().memory_info().rss / 1e6
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return (
        f"{busy / seconds / len(places):.3%} of a core each ({busy / seconds:.1%} in all), "
        f"{received:.0f} B/s in and {sent:.0f} B/s out each, {resident:.0f} MB; "
        f"all measured after {came:.1f} s, {dialled / len(places) * 1000:.0f} ms of a core each; "
        f"{fresh} fresh in the end"
    )


def _moved(fleet: Fleet, snapshot: FleetSnapshot) -> tuple[int, int]:
    """Bytes sent and received over all connections so far."""
    sent = received = 0
    for pi in snapshot.pis:
        connection = fleet.connection(pi.id)
        if connection is None:
            continue
        link: socket.socket = connection.get_extra_info("socket")
        info = link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_AT + _BYTES.size)
        one = _BYTES.unpack_from(info, _BYTES_AT)
        sent, received = sent + one[0], received + one[1]
    return sent, received


if __name__ == "__main__":
    if sys.argv[1:2] == ["--watch"]:
        print(asyncio.run(watch(Path(sys.argv[2]), sys.argv[3])))
    else:
        main(tuple(map(int, sys.argv[1:])) or COUNTS)
