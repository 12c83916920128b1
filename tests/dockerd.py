"""Real Docker daemons for tests: Debian's dockerd, each with a network namespace of its own.

Bridges, firewall rules and Swarm's own networks all live in that namespace and go with it; data,
socket and containerd live in one temporary folder; containers in a cgroup of their own. Nothing
else on the machine is touched.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import psutil
from docker.errors import APIError, DockerException

from swarm.docker.images import MARK, mark
from tests.debian_base import Bases, bases, cache_folder, locked
from tests.needs import need
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parent.parent
IMAGE = "squarm-solver:under-test"
MANAGER_ADDRESS = "10.213.77.1"
"""On the loopback of the manager's namespace: its swarm needs an address before any cable."""
CABLE = ("10.213.78.1", "10.213.78.2")
"""The two ends of the cable between the namespaces of two daemons."""
HEARTBEAT_NANOSECONDS = 10**9
"""So that a node counts as down after 3 s, not 15."""
NAMESPACES = Path("/run/netns")
_START_SECONDS = 60


@dataclass(slots=True)
class Dockerd:
    """A running dockerd and the way to it; `process` is another one after a `restart`."""

    name: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def socket(self) -> Path:
        """Its API socket."""
        return self.folder / "docker.sock"

    @property
    def host(self) -> str:
        """What DOCKER_HOST would be."""
        return f"unix://{self.socket}"

    def api(self) -> docker.APIClient:
        """A client of the API."""
        return docker.APIClient(base_url=self.host, version="auto", timeout=180)

    def log(self) -> str:
        """The end of what dockerd has said."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]


def need_docker() -> None:
    """Skips the calling test where no daemon can be started; fails it instead in CI."""
    missing = [name for name in ("dockerd", "mmdebstrap", "ip", "nsenter") if not _which(name)]
    if os.geteuid() != 0:
        need("starting a Docker daemon takes root")
    elif missing:
        need(f"not installed: {', '.join(missing)} (Debian: docker.io mmdebstrap iproute2)")
    _sweep_after_the_dead()


@contextmanager
def daemon(label: str) -> Iterator[Dockerd]:
    """A dockerd that is ready; stopped, with all it made, when the block ends."""
    name = f"squarm-{os.getpid()}-{label}"
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    _run("ip", "netns", "add", name)
    try:
        _inside(name, "ip", "link", "set", "lo", "up")
        started = _start(name, folder)
        try:
            _wait_ready(started)
            yield started
        finally:
            _stop(started)
    finally:
        _run("ip", "netns", "delete", name)
        _sweep(name, folder)


def restart(running: Dockerd, *, hard: bool = False, anew: bool = False) -> None:
    """Stops a daemon, as a power cut does where `hard`, and starts it on the same data.

    `anew`: it is in no swarm then, and knows of no networks but its own.
    """
    if hard:
        running.process.kill()
        running.process.wait()
        _kill_left_behind(running.name, running.folder)
        # /run is empty after a power cut.
        shutil.rmtree(running.folder / "exec", ignore_errors=True)
    else:
        _stop(running)
    if anew:
        (running.folder / "data/network/files/local-kv.db").unlink(missing_ok=True)
        shutil.rmtree(running.folder / "data/swarm", ignore_errors=True)
    running.process = _start(running.name, running.folder).process
    _wait_ready(running)


@contextmanager
def cable(manager: Dockerd, worker: Dockerd) -> Iterator[None]:
    """Connects two daemons' namespaces; the ends' addresses are in `CABLE`."""
    ends = ("type", "veth", "peer", "name", "cable", "netns", worker.name)
    _inside(manager.name, "ip", "link", "add", "cable", *ends)
    try:
        for end, address in zip((manager, worker), CABLE, strict=True):
            _inside(end.name, "ip", "address", "add", f"{address}/24", "dev", "cable")
            _inside(end.name, "ip", "link", "set", "cable", "up")
        _inside(worker.name, "ip", "route", "add", MANAGER_ADDRESS, "via", CABLE[0])
        yield
    finally:
        _inside(manager.name, "ip", "link", "delete", "cable")


def make_swarm(on: Dockerd) -> None:
    """Makes `on` the manager of a swarm of its own, at `MANAGER_ADDRESS`."""
    _inside(on.name, "ip", "address", "replace", f"{MANAGER_ADDRESS}/32", "dev", "lo")
    api = on.api()
    api.init_swarm(
        advertise_addr=MANAGER_ADDRESS,
        swarm_spec=api.create_swarm_spec(dispatcher_heartbeat_period=HEARTBEAT_NANOSECONDS),
    )


def usual_heartbeat(manager: Dockerd) -> None:
    """Docker's own, of 5 s, for tests that restart a worker; before it joins.

    Docker 20.10 writes down what it learns of nodes ten times a second, the last word on each: a
    node that is back in the very moment in which it counts as down may stay down for good.
    """
    api = manager.api()
    swarm = api.inspect_swarm()
    spec = {**swarm["Spec"], "Dispatcher": {"HeartbeatPeriod": 5 * HEARTBEAT_NANOSECONDS}}
    api.update_swarm(swarm["Version"]["Index"], spec)


def join_swarm(worker: Dockerd, manager: Dockerd) -> None:
    """Makes `worker`, to which there is a cable, a node of the manager's swarm."""
    token = manager.api().inspect_swarm()["JoinTokens"]["Worker"]
    worker.api().join_swarm(
        remote_addrs=[f"{MANAGER_ADDRESS}:2377"], join_token=token, advertise_addr=CABLE[1]
    )


def leave_swarm(leaving: Dockerd) -> None:
    """Has a daemon leave its swarm, though it has no time for that any more."""
    try:
        leaving.api().leave_swarm(force=True)
    except APIError:
        # Docker 20.10 comes to a stand there under load: it would be in that swarm for good.
        restart(leaving, hard=True, anew=True)


@contextmanager
def joined(worker: Dockerd, manager: Dockerd) -> Iterator[None]:
    """`worker` is a node of the manager's swarm; without a cable it would take 12 s to leave."""
    with cable(manager, worker):
        join_swarm(worker, manager)
        try:
            yield
        finally:
            leave_swarm(worker)


def mark_nodes(manager: Dockerd) -> None:
    """As provisioning does for each node that has the image."""
    api = manager.api()
    made = mark(api.inspect_image(IMAGE))
    for node in api.nodes():
        spec: Any = {**node["Spec"], "Labels": {MARK: made}}
        api.update_node(node["ID"], node["Version"]["Index"], spec)


_KEPT_IMAGES = 8


def build_solver(to: Dockerd) -> str:
    """The image of Dockerfile.solver in `to`: built there, or the cached build of this source."""
    api = to.api()
    made = bases(REPOSITORY / "requirements" / "build.txt")
    saved = saved_solver()
    with locked(cache_folder()):
        if not saved.exists():
            _build(to, made)
            old = cache_folder().glob("solver-*.tar")
            # Other working copies have theirs.
            for image in sorted(old, key=lambda path: path.stat().st_mtime)[:-_KEPT_IMAGES]:
                image.unlink()
            partial = saved.with_suffix(".partial")
            with partial.open("wb") as file:
                for chunk in api.get_image(IMAGE):
                    file.write(chunk)
            partial.rename(saved)
        else:
            with saved.open("rb") as file:
                for _ in api.load_image(file):
                    pass
    return IMAGE


def built_solver(name: str) -> Path:
    """The file of the image of this source, built by a daemon of this name where there is none."""
    if not saved_solver().exists():
        with daemon(name) as builder:
            build_solver(builder)
    return saved_solver()


def saved_solver() -> Path:
    """Where the built image of this source is kept."""
    made = bases(REPOSITORY / "requirements" / "build.txt")
    return cache_folder() / f"solver-{_source_key(made)}.tar"


def _build(to: Dockerd, made: Bases) -> None:
    api = to.api()
    for tag, tarball in (("run", made.run), ("build", made.build)):
        api.import_image(src=str(tarball), repository="squarm-base", tag=tag)
    said = list(
        api.build(
            path=str(REPOSITORY),
            dockerfile="Dockerfile.solver",
            tag=IMAGE,
            buildargs={"BASE": "squarm-base:run", "BUILD_BASE": "squarm-base:build"},
            rm=True,
            decode=True,
            timeout=900,
        )
    )
    if errors := [line["error"] for line in said if "error" in line]:
        output = "".join(line.get("stream", "") for line in said)
        raise RuntimeError(f"building {IMAGE}: {errors[0]}\n{output[-3000:]}")


def _source_key(made: Bases) -> str:
    """Changes with everything the image is made of."""
    key = hashlib.sha256(made.build.name.encode())
    names = ("Dockerfile.solver", ".dockerignore", "setup.py", "requirements/build.txt")
    sources = [REPOSITORY / name for name in names]
    for path in (*sources, *sorted((REPOSITORY / "solver").rglob("*.py"))):
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    return key.hexdigest()[:12]


def _start(name: str, folder: Path) -> Dockerd:
    config = folder / "daemon.json"
    config.write_text("{}")
    # A test run that is killed takes its daemons with it.
    command = ["setpriv", "--pdeathsig", "TERM", "nsenter", f"--net={NAMESPACES / name}"]
    command += [_which("dockerd") or "dockerd"]
    command += ["--config-file", str(config), "--host", f"unix://{folder}/docker.sock"]
    command += ["--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
    command += ["--pidfile", str(folder / "pid"), "--exec-opt", "native.cgroupdriver=cgroupfs"]
    command += ["--cgroup-parent", f"/{name}", "--containerd-namespace", name]
    command += ["--containerd-plugins-namespace", f"{name}-plugins", "--shutdown-timeout", "1"]
    # It starts itself anew several times for each container, and a quarter of each is garbage.
    environment = {**os.environ, "DOCKER_TMPDIR": str(folder / "tmp"), "GOGC": "400"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    return Dockerd(name, folder, process)


def _wait_ready(started: Dockerd) -> None:
    def answers() -> bool:
        assert started.process.poll() is None, f"dockerd has ended:\n{started.log()}"
        with suppress(DockerException, OSError):
            return bool(started.api().ping())
        return False

    wait_until(answers, _START_SECONDS, started.log)


def _stop(running: Dockerd) -> None:
    running.process.terminate()
    try:
        running.process.wait(30)
    except subprocess.TimeoutExpired:
        running.process.kill()
        running.process.wait()


def _sweep(name: str, folder: Path) -> None:
    """What a daemon that was killed leaves: processes, mounts, cgroups, files."""
    _kill_left_behind(name, folder)
    for group in _cgroups(name):
        with suppress(OSError):
            group.rmdir()
    shutil.rmtree(folder, ignore_errors=True)


def _cgroups(name: str) -> list[Path]:
    """A daemon's, the deepest first. Others come and go meanwhile, which os.walk does not mind."""
    found = (Path(folder) for folder, _, _ in os.walk("/sys/fs/cgroup"))
    return sorted((group for group in found if name in group.parts), reverse=True)


def _kill_left_behind(name: str, folder: Path) -> None:
    """Its containers and its containerd; what they had mounted is let go.

    They are gone when this returns: a new containerd does not start beside the old one.
    """
    killed: list[int] = []
    for group in _cgroups(name):
        with suppress(OSError):
            killed += map(int, (group / "cgroup.procs").read_text().split())
    for pidfile in folder.glob("exec/containerd/*.pid"):
        with suppress(ValueError):
            killed.append(int(pidfile.read_text()))
    # A container's shim is in no group of its own: its arguments name the daemon.
    killed += [each.pid for each in psutil.process_iter() if name in _arguments(each)]
    for pid in killed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(_lives, killed)), _START_SECONDS)
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted(mounts, reverse=True):
        if mount.startswith(f"{folder}/"):
            _run("umount", "--lazy", mount)


def _arguments(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def _lives(pid: int) -> bool:
    """Whether a process is there, and not only its entry until somebody asks how it ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _sweep_after_the_dead() -> None:
    """What test runs have left that were killed."""
    with locked(cache_folder() / "sweep"):
        for namespace in NAMESPACES.glob("squarm-*-*"):
            run = namespace.name.split("-")[1]
            if run.isdigit() and not Path("/proc", run).exists():
                _run("ip", "netns", "delete", namespace.name)
                for folder in Path(tempfile.gettempdir()).glob(f"{namespace.name}-*"):
                    _sweep(namespace.name, folder)


def _which(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _inside(namespace: str, *command: str) -> None:
    # Not `ip netns exec`: it mounts a /sys of its own and hides the cgroups.
    _run("nsenter", f"--net={NAMESPACES / namespace}", *command)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
