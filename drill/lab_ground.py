"""The virtual Pi lab as a drill ground: its machines fail by its own verbs."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from drill.ground import REGISTRY_IMAGE, Act, DrillError
from drill.lies import lies
from fleet.docker_socket import reach
from fleet.ssh.host_keys import HostKey
from fleet.ssh.own_key import key_to_install, public_file
from swarm.docker.address import Address

_LAB = Path(__file__).parent.parent / "lab"
_USER = "pi"
_TASK = (
    'tries=0; until id=$(docker ps -q | head -n 1) && [ -n "$id" ]; do tries=$((tries + 1)); '
    '[ "$tries" -lt 300 ] || { echo "no task came to it" >&2; exit 1; }; sleep 0.2; done; '
    "pid=$(docker inspect -f '{{.State.Pid}}' $id) && out=/proc/$pid/fd/1"
)
"""The container of a task that runs there, its solver, and what that writes to.

A minute is waited for one: the job may be over, or have none there.
"""
_INSIDE = {
    Act.RESTART_DOCKER: "systemctl restart docker",
    Act.KILL_DOCKER: "pkill -KILL -x dockerd",
    Act.KILL_SOLVER: "docker ps -q | head -n 1 | xargs docker kill",
    # Until the limit of its cgroup, where the kernel kills whom it is told to like least.
    Act.STARVE_SOLVER: (
        f"{_TASK} && echo 1000 >/proc/$pid/oom_score_adj && docker exec $id python3 -c "
        "'held = []\nwhile True: held.append(bytearray(1 << 20))' || true"
    ),
    # As after more lines than Docker keeps of a log.
    Act.ROTATE_LOGS: "truncate -s 0 /var/lib/docker/containers/*/*-json.log",
    Act.REMOVE_IMAGE: (
        "cd /var/tmp && docker images -f reference='squarm-solver*' "
        "--format '{{.Repository}}:{{.Tag}}' >names && "
        "xargs docker save <names >image && xargs docker rmi -f <names"
    ),
    Act.RESTORE_IMAGE: "cd /var/tmp && docker load <image && rm image names",
    Act.MDNS_OFF: "systemctl stop avahi-daemon.socket avahi-daemon.service",
    Act.MDNS_ON: "systemctl start avahi-daemon.socket avahi-daemon.service",
    Act.DNS_OFF: (
        "cd /etc && cp -n resolv.conf resolv.conf.right && echo nameserver 192.0.2.1 >resolv.conf"
    ),
    Act.DNS_ON: "cd /etc && cp resolv.conf.right resolv.conf",
    # What its Docker says to the manager is answered with a reset: the manager's end stays open.
    Act.RENEW_SESSION: (
        "rule='OUTPUT -p tcp --dport 2377 -j REJECT --reject-with tcp-reset'; "
        "iptables -w -I $rule && sleep 1.5; iptables -w -D $rule"
    ),
    # What a task has written when its unit ends is enough.
    Act.FORGE: f"{_TASK} && cat >$out || true",
    Act.LONG_LINE: (
        f"{_TASK} && {{ head -c 100000000 /dev/zero | tr '\\0' x; echo; }} >$out || true"
    ),
    Act.FLOOD: f"{_TASK} && yes {'flood ' * 16} | head -n 500000 >$out || true",
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
        self._nodes: dict[str, str] = {}
        """The nodes that machines were before their cards were written anew."""

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
        await ground._let_in(ground._names)
        await ground._reach()
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
        elif act is Act.FORGE:
            await self._inside(machine, _INSIDE[act], await asyncio.to_thread(lies))
        elif act in _INSIDE:
            await self._inside(machine, _INSIDE[act])
        elif act is Act.CLONE:
            self._nodes[machine] = await self._node(machine)
            await _lab(self._number, "clone", self.workers[0], machine)
        elif act is Act.REFLASH:
            # A copy of another's card would name that one's node.
            self._nodes.setdefault(machine, await self._node(machine))
            await _lab(self._number, "reflash", machine)
        elif act is Act.REJOIN:
            await self._rejoin(machine)
        elif act is Act.REGISTRY_ON:
            await self._fill_registry()
        elif act is Act.REGISTRY_OFF:
            await _lab(self._number, "registry-off")
        elif act is Act.REMOVE_SERVICE:
            await self._inside(self.manager, f"docker service rm {machine}")
        elif act is Act.REMOVE_NETWORK:
            # Docker refuses it while tasks are on it: whoever tries by hand is told so.
            await self._inside(self.manager, f"docker network rm {machine} || true")
        else:
            node = await self._node(machine)
            await self._inside(self.manager, _OF_NODES[act].format(node=node))

    async def ask_task(self, machine: str, job: str, program: str) -> str:
        """By Docker there; it is given the manager's places: SSH's, and the swarm's."""
        places = f"{self._address}:22 {self._address}:2377"
        find = f"docker ps -q -f label=com.docker.swarm.service.name={job} | head -n 1"
        run = f'task=$({find}) && docker exec -i "$task" python3 - {places}'
        return await self._inside(machine, run, program.encode())

    async def _inside(self, machine: str, command: str, given: bytes = b"") -> str:
        return await _lab(self._number, "exec", machine, "sh", "-c", command, given=given)

    async def _node(self, machine: str) -> str:
        return (await self._inside(machine, _NODE_ID)).strip()

    async def _rejoin(self, machine: str) -> None:
        """Have a Pi whose card was written anew in the swarm again, as provisioning would."""
        await self._let_in((machine,))
        token = (await self._inside(self.manager, "docker swarm join-token -q worker")).strip()
        await self._inside(machine, _JOIN.format(token=token, manager=self._address))
        await self._bring_image(machine)
        node = await self._node(machine)
        labels = f"docker node update $(docker node inspect self -f '{_LABELS}') {node}"
        await self._inside(self.manager, labels)
        await self._inside(self.manager, f"docker node rm --force {self._nodes.pop(machine)}")

    async def _fill_registry(self) -> None:
        """Start a registry, and have each node fetch the solver's image there."""
        await _lab(self._number, "registry")
        await self._inside(self.manager, _PUSH)
        for name in self.workers:
            await self._inside(name, f"docker pull -q {REGISTRY_IMAGE}")

    async def _bring_image(self, machine: str) -> None:
        """From the manager."""
        save, load = (
            _command(self._number, "exec", name, "sh", "-c", command)
            for name, command in ((self.manager, _SAVE), (machine, "docker load"))
        )
        reading, writing = os.pipe()
        saving = await asyncio.create_subprocess_exec(*save, cwd=_LAB.parent, stdout=writing)
        os.close(writing)
        loading = await asyncio.create_subprocess_exec(
            *load, cwd=_LAB.parent, stdin=reading, stdout=asyncio.subprocess.DEVNULL
        )
        os.close(reading)
        if await saving.wait() or await loading.wait():
            raise DrillError(f"The solver's image could not be brought to {machine}.")

    async def _let_in(self, names: Sequence[str]) -> None:
        """Have squarm's key on each, as provisioning would."""
        key = await asyncio.to_thread(_public_key)
        home = f"/home/{_USER}/.ssh"
        for name in names:
            await self._inside(
                name,
                f"install -d -m 700 -o {_USER} {home} && echo '{key}' >>{home}/authorized_keys && "
                f"chown {_USER} {home}/authorized_keys && usermod -aG docker {_USER}",
            )

    async def _reach(self) -> None:
        """Ask the manager's Docker from now on, in this process and in those that collect."""
        shown = HostKey.parse(
            await self._inside(self.manager, "cat /etc/ssh/ssh_host_ed25519_key.pub")
        )
        if shown is None:
            raise DrillError(f"{self.manager} has no host key yet: wait a moment.")
        there = Address.find(f"ssh://{_USER}@{self._address}")
        os.environ["DOCKER_HOST"] = (await reach(there, shown)).here


_JOIN = (
    "timeout 120 sh -c 'until docker swarm join --token {token} {manager}:2377; do sleep 1; done'"
)
_SAVE = (
    "docker images -f reference='squarm-solver*' --format '{{.Repository}}:{{.Tag}}' "
    "| xargs docker save"
)
_PUSH = (
    f"docker images -q -f reference='squarm-solver*' | head -n 1 "
    f"| xargs -I ID docker tag ID {REGISTRY_IMAGE} && "
    f"timeout 60 sh -c 'until docker push -q {REGISTRY_IMAGE}; do sleep 1; done'"
)
_LABELS = "{{range $name, $value := .Spec.Labels}}--label-add {{$name}}={{$value}} {{end}}"
"""Those of the manager: it has the image, too."""
_NODE_ID = "timeout 60 sh -c 'until docker info -f {{.Swarm.NodeID}}; do sleep 1; done' 2>/dev/null"
"""Of a machine whose Docker may be about to start."""
# The swarm may be changing the same node at this moment ("update out of sequence").
_UPDATE = "timeout 30 sh -c 'until docker node update %s {node}; do sleep 1; done'"
_OF_NODES = {
    Act.DRAIN: _UPDATE % "--availability drain",
    Act.ACTIVATE: _UPDATE % "--availability active",
    Act.LABEL: _UPDATE % "--label-add squarm.drill=yes",
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


def _command(number: int, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "lab", "--lab", str(number), *arguments)


async def _lab(number: int, *arguments: str, given: bytes = b"") -> str:
    """What the lab's command prints, `given` what it reads; raises DrillError."""
    if not _LAB.is_dir():
        raise DrillError("The lab is not part of an installed squarm: run this in its source tree.")
    process = await asyncio.create_subprocess_exec(
        *_command(number, *arguments),
        cwd=_LAB.parent,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate(given)
    if process.returncode:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise DrillError(f"The lab: {arguments[0]}: {last[0]}")
    return said.decode(errors="replace")
