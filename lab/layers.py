"""The root file systems that Pis start from, as layers of an overlay, cached between runs."""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path

from lab.host import LabError, run
from lab.plan import PiBoard, State, Variant

_HERE = Path(__file__).parent / "layers"
_REPOSITORY = Path(__file__).parent.parent
_DEBIAN = (
    "systemd,systemd-sysv,dbus,libpam-systemd,avahi-daemon,avahi-utils,openssh-server,sudo,"
    "python3-minimal,python3-apt,iproute2,iptables,procps,ca-certificates,curl,kmod,apt-utils,"
    "iputils-ping"
)
_MIRROR = "http://deb.debian.org/debian"
_UBUNTU = "ubuntu-base"
_UBUNTU_MIRROR = "http://archive.ubuntu.com/ubuntu"
_UBUNTU_KEY = _HERE / "ubuntu-archive-key.asc"
"""The archive's of 2018, F6EC B376 2474 EDA9 D21B 7022 8719 20D1 991B C93C: Debian has it not."""
_UBUNTU_SOURCES = _HERE / "ubuntu.sources"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_LAYERED = (
    Variant.DOCKER_28,
    Variant.SUDO_RS,
    Variant.DROPBEAR,
    Variant.NO_VIDEO_GROUP,
    Variant.CLOUD_INIT,
    Variant.UBUNTU,
)
"""What takes other packages or users: lab/layers/VARIANT.sh."""
_BUILD = """
set -eu
mount -t overlay overlay "$1/root" -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work"
[ ! -d "$3" ] || cp -r --no-preserve=ownership "$3/." "$1/root/"
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount --bind "$1/inputs" "$1/root/mnt"
touch "$1/root/etc/resolv.conf"
mount --bind /etc/resolv.conf "$1/root/etc/resolv.conf"
printf '#!/bin/sh\\nexit 101\\n' >"$1/root/usr/sbin/policy-rc.d"
chmod 755 "$1/root/usr/sbin/policy-rc.d"
env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    chroot "$1/root" sh -eu -s /mnt
rm "$1/root/usr/sbin/policy-rc.d"
"""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what its script, with its files and inputs, makes of those below."""

    name: str
    suite: str
    parent: "Layer | None" = None
    architecture: str = ""
    """Debian's name for it; empty: this machine's."""
    inputs: tuple[Path, ...] = ()
    _key: list[str] = field(default_factory=list, compare=False, repr=False)

    @property
    def key(self) -> str:
        """Changes with everything that the layer and those below are made of."""
        if not self._key:
            told = hashlib.sha256((self.parent.key if self.parent else _DEBIAN).encode())
            script, files = _HERE / f"{self.name}.sh", _HERE / f"{self.name}.files"
            for path in (script, *sorted(files.rglob("*")), *self.inputs):
                if path.is_file():
                    told.update(f"{path.name}\0{path.stat().st_mode}\0".encode())
                    told.update(path.read_bytes())
            self._key.append(told.hexdigest()[:10])
        return self._key[0]

    @property
    def kind(self) -> str:
        """What it has in common with older ones of its kind: all layers, architecture, suite."""
        names = [layer.name for layer in reversed(self.chain()) if layer.parent] or [self.name]
        return "-".join(filter(None, ("+".join(names), self.architecture, self.suite)))

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return cache_folder() / f"{self.kind}-{self.key}"

    def above(self, name: str, *inputs: Path) -> "Layer":
        """What the script of that name makes of this one."""
        return Layer(name, self.suite, self, self.architecture, inputs)

    def chain(self) -> list["Layer"]:
        """This layer and those below it, this one first."""
        return [self, *(self.parent.chain() if self.parent else ())]


def cache_folder() -> Path:
    """Where layers are kept between runs."""
    return user_cache_path("squarm") / "lab"


def layer_for(board: PiBoard) -> Layer:
    """What a host starts from."""
    plan = board.plan
    layer = Layer("debian", plan.suite, architecture=plan.architecture)
    if Variant.UBUNTU in plan.variants:
        layer = Layer(_UBUNTU, plan.suite, inputs=(_UBUNTU_KEY, _UBUNTU_SOURCES))
    layer = layer.above("pi", *((_AUTHORITIES,) if _AUTHORITIES.exists() else ()))
    if board.is_master or plan.state is not State.FRESH:
        layer = layer.above("docker")
    for variant in _LAYERED:
        if variant in plan.variants:
            layer = layer.above(variant)
    if board.is_master:
        inputs = ("requirements/build.txt", "requirements/run.txt", "packaging/install-locked")
        layer = layer.above("master", *(_REPOSITORY / each for each in inputs))
    return layer


def lower_folders(board: PiBoard) -> str:
    """The layers a host starts from, as overlay mounts name them; built where missing."""
    return built(layer_for(board))


def fresh_card(suite: str) -> Layer:
    """What an image with cloud-init has before its first boot: no user, no keys, no name."""
    return Layer("debian", suite).above(Variant.CLOUD_INIT)


def built(layer: Layer) -> str:
    """A layer and those below it, as overlay mounts name them; built where missing."""
    wanted = layer.chain()
    if not all(each.folder.exists() for each in wanted):
        with locked("layers"):
            for each in reversed(wanted):
                if not each.folder.exists():
                    _build(each)
    return ":".join(str(each.folder) for each in wanted)


@contextmanager
def locked(what: str) -> Iterator[None]:
    """Alone, among all processes and threads of this user, with `what`."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(layer: Layer) -> None:
    for old in cache_folder().glob("partial-*"):
        shutil.rmtree(old, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=cache_folder()))
    partial.chmod(0o755)
    if layer.parent is None:
        made = partial / "root"
        _bootstrap(layer, made)
    else:
        made = partial / "upper"
        for name in ("upper", "work", "root", "inputs"):
            (partial / name).mkdir(parents=True)
        for path in layer.inputs:
            shutil.copyfile(path, partial / "inputs" / path.name)
        below = ":".join(str(lower.folder) for lower in layer.parent.chain())
        script = (_HERE / f"{layer.name}.sh").read_text()
        run("unshare", "--mount", "--propagation", "private", "sh", "-c", _BUILD, "build",
            partial, below, _HERE / f"{layer.name}.files", input=script)  # fmt: skip
    if not any(made.iterdir()):
        raise LabError(f"the layer {layer.name} came out empty")
    made.rename(layer.folder)
    shutil.rmtree(partial, ignore_errors=True)
    for old in cache_folder().glob(f"{layer.kind}-*"):
        if old != layer.folder and not _in_use(old):
            shutil.rmtree(old, ignore_errors=True)


def _bootstrap(layer: Layer, root: Path) -> None:
    """Makes the lowest layer: a distribution's packages."""
    told = [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    mirror = []
    if layer.architecture:
        # Another that this machine's processor runs by itself; not all mirrors have its updates.
        told += [f"--architectures={layer.architecture}", "--skip=check/qemu"]
        mirror = [_MIRROR]
    if layer.name == _UBUNTU:
        told += [f"--keyring={_UBUNTU_KEY}", "--components=main,universe"]
        mirror = [_UBUNTU_MIRROR]
    run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={_DEBIAN}", *told,
        layer.suite, root, *mirror)  # fmt: skip
    if layer.name == _UBUNTU:
        (root / "etc/apt/sources.list").unlink()
        shutil.copy(_UBUNTU_SOURCES, root / "etc/apt/sources.list.d")


def _in_use(folder: Path) -> bool:
    """Whether a host that is on has it as a layer: run-pi is told of them all."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(folder).encode() in command.read_bytes():
                return True
    return False
