"""A new image on three virtual Pis without a registry: how long it takes, and what travels.

`python -m benchmarks.images`; needs root, what the lab needs, and the image that the tests build.
The second image is the first with one line more in the solver.
"""

import asyncio
import hashlib
import io
import json
import os
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
from lab.host import LabError
from lab.lab import Lab, temporary
from lab.pi import Pi
from lab.plan import PASSWORD, USER, PiPlan, State
from operations.image_loading import load
from operations.images import rollouts_here
from operations.nodes import Cluster, manager_here
from operations.operation import Door
from swarm.docker.loading.layout import opened
from swarm.engine import NodeView
from tests.dockerd import saved_solver
from tests.operations.agreeing import AgreeingUser

COUNT = 3
_CHANGED = "squarm/solver/score.py"


def main() -> None:
    """Print the figures."""
    print(f"A new image on {COUNT} virtual Pis, without a registry")
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
        try:
            with temporary([PiPlan(State.SWARM)] * COUNT) as lab:
                asyncio.run(_load(lab, folder, first, second))
        except LabError as error:
            print(f"left out: {error}")


async def _load(lab: Lab, folder: Path, *images: Path) -> None:
    manager = lab.pis[0]
    socket = f"/proc/{manager.power.leader()}/root/run/docker.sock"
    os.environ["DOCKER_HOST"] = f"unix://{socket}"
    door = Door(AgreeingUser(), read_only=False, audit=Audit(folder / "audit"))
    for what, image in zip(("the first", "one line changed"), images, strict=True):
        began = time.monotonic()
        done = await door.perform(load(rollouts_here, _cluster(lab), [str(image)]))
        seconds = time.monotonic() - began
        print(f"{what}: {seconds:.0f} s until all have it. {done.sentence if done else ''}")


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
