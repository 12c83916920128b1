"""A new image on three virtual Pis, from a registry and without: how long it takes, what travels.

`python -m benchmarks.images`; needs root, what the lab needs, and the image that the tests build.
The second image is the first with one line more in the solver.
"""

import asyncio
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from base.audit import Audit
from fleet.endpoint import Endpoint
from fleet.ssh.connection import Dialler, Login
from fleet.ssh.host_keys import HostKey
from fleet.ssh.shell import Shell, SshShell
from lab import registry
from lab.host import LabError
from lab.lab import Lab, temporary
from lab.pi import Pi
from lab.plan import PASSWORD, USER, PiPlan, State
from operations.image_loading import load
from operations.image_rollout import roll
from operations.images import follow, rollouts_here
from operations.nodes import Cluster, manager_here
from operations.operation import Door
from swarm.docker.loading.layout import opened
from swarm.engine import NodeView
from tests.dockerd import IMAGE, saved_solver
from tests.operations.agreeing import AgreeingUser

COUNT = 3
_CHANGED = "squarm/solver/score.py"
_WHAT = ("the first", "one line changed")
_PUSHED = f"{registry.ADDRESS}/squarm-solver:latest"


def main() -> None:
    """Print the figures."""
    print(f"A new image on {COUNT} virtual Pis")
    first = saved_solver()
    if not first.exists():
        print(f"left out: the tests have not built {first.name} (tests/swarm builds it)")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ |= {"XDG_CACHE_HOME": scratch, "XDG_DATA_HOME": scratch}
        second = folder / "second.tar"
        _change_one_line(first, second)
        with opened([first]) as layout:
            sizes = [blob.size for blob in next(iter(layout.blobs.values()))]
            config, *layers = (f"{size / 10**6:.3f}" for size in sizes)
            print(f"the image packed, MB: layers {', '.join(layers)}; configuration {config}")
        for way in (_load, _push):
            try:
                with temporary([PiPlan(State.SWARM)] * COUNT) as lab:
                    socket = f"/proc/{lab.pis[0].power.leader()}/root/run/docker.sock"
                    os.environ["DOCKER_HOST"] = f"unix://{socket}"
                    door = Door(AgreeingUser(), read_only=False, audit=Audit(folder / "audit"))
                    asyncio.run(way(lab, door, first, second))
            except LabError as error:
                print(f"left out: {error}")


async def _load(lab: Lab, door: Door, *images: Path) -> None:
    for what, image in zip(_WHAT, images, strict=True):
        began = time.monotonic()
        done = await door.perform(load(rollouts_here, _cluster(lab), [str(image)]))
        seconds = time.monotonic() - began
        said = done.sentence if done else ""
        print(f"squarm image load, {what}: {seconds:.0f} s until all have it. {said}")


async def _push(lab: Lab, door: Door, *images: Path) -> None:
    registry.start(lab.site, [pi.name for pi in lab.pis])
    for what, image in zip(_WHAT, images, strict=True):
        await asyncio.to_thread(_docker, "load", "--input", str(image))
        await asyncio.to_thread(_docker, "tag", IMAGE, _PUSHED)
        began = time.monotonic()
        await asyncio.to_thread(_docker, "push", _PUSHED)
        if image == images[0]:
            await door.perform(follow(rollouts_here, _PUSHED))
        done = await door.perform(roll(rollouts_here, _cluster(lab)))
        seconds, said = time.monotonic() - began, done.sentence if done else ""
        print(f"docker push and a check, {what}: {seconds:.0f} s until all have it. {said}")


def _docker(*words: str) -> None:
    subprocess.run(["docker", *words], stdout=subprocess.DEVNULL, check=True)


def _cluster(lab: Lab) -> Cluster:
    form = "{{.Swarm.NodeID}}"
    pis = {pi.run("docker", "info", "--format", form).stdout.strip(): pi for pi in lab.pis}

    @asynccontextmanager
    async def shell(node: NodeView) -> AsyncIterator[Shell]:
        connection = await _connect(pis[node.id])
        try:
            yield SshShell(PASSWORD, connection=connection)
        finally:
            connection.abort()

    return Cluster(manager_here, shell)


async def _connect(pi: Pi) -> asyncssh.SSHClientConnection:
    key = HostKey.parse(pi.host_key()) or HostKey("", "")
    login = Login(USER, PASSWORD, keys=(), agent=False)
    return await Dialler().connect(Endpoint(pi.address), key, login)


def _change_one_line(image: Path, to: Path) -> None:
    """What docker save wrote, with a line more in a module of the solver; all else as it was."""
    with tarfile.open(image) as saved:
        files = {one.name: _content(saved, one) for one in saved.getmembers() if one.isfile()}
    (about,) = json.loads(files["manifest.json"])
    config = json.loads(files.pop(about["Config"]))
    layer = about["Layers"][-1]
    files[layer] = _with_a_line(files[layer])
    config["rootfs"]["diff_ids"][-1] = f"sha256:{hashlib.sha256(files[layer]).hexdigest()}"
    written = json.dumps(config).encode()
    about["Config"] = f"{hashlib.sha256(written).hexdigest()}.json"
    files |= {about["Config"]: written, "manifest.json": json.dumps([about]).encode()}
    with tarfile.open(to, "w") as made:
        for name, content in files.items():
            _add(made, tarfile.TarInfo(name), content)


def _with_a_line(layer: bytes) -> bytes:
    packed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(layer)) as before,
        tarfile.open(fileobj=packed, mode="w") as after,
    ):
        for entry in before.getmembers():
            content = _content(before, entry) if entry.isfile() else b""
            if entry.name == _CHANGED:
                content += b"# One line more.\n"
            if entry.isfile():
                _add(after, entry, content)
            else:
                after.addfile(entry)
    return packed.getvalue()


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    return file.read() if file else b""


def _add(archive: tarfile.TarFile, entry: tarfile.TarInfo, content: bytes) -> None:
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    main()
