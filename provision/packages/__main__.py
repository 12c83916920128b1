"""`python -m provision.packages FOLDER`: serves apt on loopback until its standard input ends.

Prints the port, and at the end how many bytes came from archives and went to machines.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from provision.packages.proxy import PackageProxy, outward_session
from provision.packages.store import PackageStore


async def serve(folder: Path) -> None:
    """Serve until nobody holds the other end of standard input."""
    store = PackageStore(folder)
    store.tidy()
    async with outward_session() as session:
        proxy = PackageProxy(store, session)
        runner = web.ServerRunner(web.Server(proxy.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await _end_of_input()
        await runner.cleanup()
    print(json.dumps({"fetched": proxy.fetched, "served": proxy.served}), flush=True)


async def _end_of_input() -> None:
    ended = asyncio.Event()

    def read() -> None:
        if not os.read(0, 1):
            ended.set()

    asyncio.get_running_loop().add_reader(0, read)
    await ended.wait()


if __name__ == "__main__":
    # Whoever started it ends it, by its input: it outlives a Ctrl-C that is for Ansible.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(Path(sys.argv[1])))
