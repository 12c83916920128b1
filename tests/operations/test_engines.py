"""How an engine is reached."""

import subprocess
import sys

_PROBE = """
import asyncio, sys
from operations.engines import reach_docker
from swarm.docker.address import Address
here = Address.find("unix:///run/docker.sock")
assert asyncio.run(reach_docker(here)) == here
print(*sys.modules)
"""


def test_a_daemon_on_this_machine_is_reached_without_what_speaks_ssh() -> None:
    """That takes longer to load than all else that `squarm jobs` needs."""
    command = [sys.executable, "-c", _PROBE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not {"asyncssh", "fleet"} & set(done.stdout.split())
