"""The virtual Pi lab as a drill ground: its machines fail by its own verbs."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from drill.ground import Act, DrillError
from fleet.docker_socket import reach
from fleet.ssh.host_keys import HostKey
from fleet.ssh.own_key import key_to_install, public_file
from swarm.docker.address import Address

_LAB = Path(__file__).parent.parent / "lab"
_USER = "pi"
_INSIDE = {
    Act.RESTART_DOCKER: "systemctl restart docker",
    Act.KILL_DOCKER: "pkill -KILL -x dockerd",
    Act.KILL_SOLVER: "docker ps -q | head -n 1 | xargs docker kill",
    Act.STARVE_SOLVER: (
        "docker ps -q | head -n 1 | xargs docker update --memory 8m --memory-swap 8m"
    ),
    # As after more lines than Docker keeps of a log.
    Act.ROTATE_LOGS: "truncate -s 0 /var/lib/docker/containers/*/*-json.log",
    Act.REMOVE_IMAGE: (
        "cd /var/tmp && docker images -f reference='squarm-solver*' "
        "--format '{{.Repository}}:{{.Tag}}' >names && "
        "xargs docker save <names >image && xargs docker rmi -f <names"
    ),
    Act.RESTORE_IMAGE: "cd /var/tmp && docker load <image && rm image names",
}
"""What is done inside a machine, as root."""
_VERBS = {
    Act.POWER_CUT,
    Act.POWER_ON,
    Act.REBOOT,
    Act.CABLE_OUT,
    Act.CABLE_IN,
    Act.FREEZE,
    Act.THAW,
    Act.FILL_DISK,
    Act.FREE_DISK,
}
"""The lab's verbs that take a machine and nothing else."""


class LabGround:
    """A lab whose Pis are a swarm, the first of them its manager."""

    def __init__(self, number: int, names: Sequence[str], address: str) -> None:
        self._number = number
        self._names = names
        self._address = address

    @classmethod
    async def open(cls, number: int) -> "LabGround":
        """The lab of that number; this process then asks its manager. Raises DrillError."""
        told = json.loads(await _lab(number, "status", "--json"))
        pis = [host for host in told if host["name"].startswith("pi")]
        if len(pis) < 2:
            raise DrillError(
                "A drill needs a manager and a worker: python -m lab up 3 --state swarm."
            )
        ground = cls(number, [host["name"] for host in pis], pis[0]["address"])
        await ground._let_in()
        return ground

    @property
    def manager(self) -> str:
        """The first Pi."""
        return self._names[0]

    @property
    def workers(self) -> Sequence[str]:
        """The other Pis."""
        return self._names[1:]

    @property
    def interface(self) -> str:
        """The lab's bridge."""
        return f"pibr{self._number}"

    def can(self, act: Act) -> bool:
        """Everything."""
        return isinstance(act, Act)

    async def do(self, act: Act, machine: str, value: float) -> None:
        """By a verb of the lab, or a command inside."""
        if act in _VERBS:
            await _lab(self._number, str(act), machine)
        elif act is Act.LOSS:
            loss = ["--loss", f"{value:g}"] if value else []
            await _lab(self._number, "netem", machine, *loss)
        elif act is Act.CLOCK:
            await _lab(self._number, "clock", machine, "--", f"{value:.0f}")
        elif act in _INSIDE:
            await self._inside(machine, _INSIDE[act])
        elif act is Act.REMOVE_SERVICE:
            await self._inside(self.manager, f"docker service rm {machine}")
        elif act is Act.REMOVE_NETWORK:
            # Docker refuses it while tasks are on it: whoever tries by hand is told so.
            await self._inside(self.manager, f"docker network rm {machine} || true")
        else:
            node = (await self._inside(machine, _NODE_ID)).strip()
            await self._inside(self.manager, _OF_NODES[act].format(node=node))

    async def _inside(self, machine: str, command: str) -> str:
        return await _lab(self._number, "exec", machine, "sh", "-c", command)

    async def _let_in(self) -> None:
        """Have squarm's key on each, as provisioning would, and reach the manager's Docker."""
        key = await asyncio.to_thread(_public_key)
        home = f"/home/{_USER}/.ssh"
        for name in self._names:
            await self._inside(
                name,
                f"install -d -m 700 -o {_USER} {home} && echo '{key}' >>{home}/authorized_keys && "
                f"chown {_USER} {home}/authorized_keys && usermod -aG docker {_USER}",
            )
        shown = HostKey.parse(
            await self._inside(self.manager, "cat /etc/ssh/ssh_host_ed25519_key.pub")
        )
        if shown is None:
            raise DrillError(f"{self.manager} has no host key yet: wait a moment.")
        there = Address.find(f"ssh://{_USER}@{self._address}")
        # For this process and for those that collect: what they ask is the manager's Docker.
        os.environ["DOCKER_HOST"] = (await reach(there, shown)).here


_NODE_ID = "timeout 60 sh -c 'until docker info -f {{.Swarm.NodeID}}; do sleep 1; done' 2>/dev/null"
"""Of a machine whose Docker may be about to start."""
_OF_NODES = {
    Act.DRAIN: "docker node update --availability drain {node}",
    Act.ACTIVATE: "docker node update --availability active {node}",
    Act.LABEL: "docker node update --label-add squarm.drill=yes {node}",
    # Docker gives up after some seconds where a manager is busy or still catching up; and one that
    # is cut off while it is joining takes the majority with it.
    Act.PROMOTE: (
        "timeout 180 sh -c 'until docker node promote {node} && docker node inspect {node} "
        "-f {{{{.ManagerStatus.Reachability}}}} | grep -qx reachable; do sleep 2; done'"
    ),
    Act.DEMOTE: "timeout 180 sh -c 'until docker node demote {node}; do sleep 2; done'; sleep 5",
}
"""What is done with a node, on the manager."""


def _public_key() -> str:
    file = key_to_install()
    if public_file(file).is_file():
        return public_file(file).read_text().strip()
    key = asyncssh.read_private_key(str(file)).export_public_key()
    return key.decode().strip()


async def _lab(number: int, *arguments: str) -> str:
    """What the lab's command prints; raises DrillError."""
    if not _LAB.is_dir():
        raise DrillError("The lab is not part of an installed squarm: run this in its source tree.")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lab", "--lab", str(number), *arguments),
        cwd=_LAB.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    if process.returncode:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise DrillError(f"The lab: {arguments[0]}: {last[0]}")
    return said.decode(errors="replace")
