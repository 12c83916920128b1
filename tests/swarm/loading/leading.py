"""A port on the loopback of a test daemon's namespace that leads to a socket here, as by SSH."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.dockerd import NAMESPACES, Dockerd

_LEAD = """
import asyncio, sys
async def pump(source, target):
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()
async def one(reader, writer):
    there = await asyncio.open_unix_connection(sys.argv[2])
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer), return_exceptions=True)
async def main():
    server = await asyncio.start_server(one, "127.0.0.1", int(sys.argv[1]))
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def leading_to(daemon: Dockerd, port: int, socket: Path) -> Iterator[None]:
    """The port on the loopback of a daemon's namespace leads to a socket, as SSH would have it."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", "nsenter", f"--net={NAMESPACES / daemon.name}",
         sys.executable, "-c", _LEAD, str(port), str(socket)],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.terminate()
        process.wait()
