"""What a Pi says of itself before anything is changed: two scripts, and what they printed, read.

The first runs as the user, the second as root. Every byte may be a lie; reading is pure.

    P   key=value                   user:  arch bits id like version os machine serial boot host
                                           cgroup cmdline boots disk now throttled root sshd python
                                           snap uid way
                                    root:  docker swarm node manager managers nodes
    T   address  port  state        from the third: open, refused, silent, unknown
"""

import ipaddress
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from base.text import clean_text
from fleet.metrics.samples import Throttle

PORTS = (2377, 7946)
"""What a swarm's nodes ask of each other by TCP: its managers, and the nodes' gossip."""

USER_SCRIPT = r"""
exec 2>/dev/null
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/bin:/usr/sbin:/bin:/sbin:/opt/vc/bin
say() { printf 'P\t%s=%.300s\n' "$1" "$2"; }
first() { line=; [ -r "$1" ] && read -r line <"$1"; [ -n "$line" ]; }
say uid "$(id -u)"
say arch "$(uname -m)"
say bits "$(getconf LONG_BIT)"
say host "$(uname -n)"
first /etc/machine-id && say machine "$line"
first /proc/sys/kernel/random/boot_id && say boot "$line"
serial=$(tr -d '\0' </sys/firmware/devicetree/base/serial-number)
[ "$serial" ] || serial=$(sed -n 's/^Serial[^:]*: *//p' /proc/cpuinfo)
say serial "$serial"
if [ -r /etc/os-release ]; then
    . /etc/os-release
    say id "$ID"; say like "$ID_LIKE"; say version "$VERSION_ID"; say os "$PRETTY_NAME"
fi
if [ -r /sys/fs/cgroup/cgroup.controllers ]; then
    case " $(cat /sys/fs/cgroup/cgroup.controllers) " in
    *' memory '*) say cgroup on ;;
    *) say cgroup off ;;
    esac
else
    case $(awk '$1 == "memory" {print $4}' /proc/cgroups) in
    1) say cgroup on ;;
    *) say cgroup off ;;
    esac
fi
for file in /boot/firmware/current/cmdline.txt /boot/firmware/cmdline.txt /boot/cmdline.txt; do
    [ -f "$file" ] && say cmdline "$file" && break
done
boots=
while read -r device place type options rest; do
    case $file in
    "$place"/*) case ,$options, in *,ro,*) boots=read-only ;; *) boots=writable ;; esac ;;
    esac
done </proc/mounts
say boots "$boots"
say disk "$(df -Pk /var/lib | awk 'NR == 2 {print $4}')"
say now "$(date +%s)"
throttled=$(vcgencmd get_throttled)
# Outside of the group video vcgencmd is there and says only that it may not.
case $throttled in
throttled=*) ;;
*) for place in /sys/devices/platform/soc*/soc*:firmware/get_throttled; do
    first "$place"; throttled=$line
done ;;
esac
say throttled "$throttled"
while read -r device place type options rest; do
    [ "$place" = / ] || continue
    case $type,$options, in
    overlay,*lowerdir=/media/root-ro,* | overlay,*lowerdir=/lower,*) root=overlay ;;
    *,ro,*) root=read-only ;;
    *) root=writable ;;
    esac
done </proc/mounts
say root "$root"
[ -d /etc/ssh/sshd_config.d ] && say sshd settings || say sshd other
# The one that Ansible is told to use, whatever else the user has.
version='import sys; print("%d.%d" % sys.version_info[:2])'
[ -x /usr/bin/python3 ] && say python "$(/usr/bin/python3 -c "$version")" || say python no
[ -e /snap/docker/current ] && say snap yes || say snap no
if [ "$master" ] && command -v ip >/dev/null; then
    ip route get "$master" >/dev/null && say way yes || say way no
fi
"""

ROOT_SCRIPT = r"""
exec 2>/dev/null
PATH=$PATH:/usr/bin:/usr/sbin:/bin:/sbin
say() { printf 'P\t%s=%.2000s\n' "$1" "$2"; }
command -v docker >/dev/null || { say docker no; exit; }
say docker yes
set -- $(docker info -f '{{with .Swarm}}{{.LocalNodeState}} {{.ControlAvailable}} {{.NodeID}} \
    {{range .RemoteManagers}}{{.Addr}},{{end}}{{end}}')
say swarm "$1"; say manager "$2"; say node "$3"; say managers "$4"
[ "$2" = true ] && say nodes "$(docker node ls -q | tr '\n' ',')"
"""

_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_BOOT_ID = re.compile(r"[0-9a-f-]{36}")
_CMDLINE = re.compile(r"/boot/(?:firmware/(?:current/)?)?cmdline\.txt")
_ROOTS = ("writable", "read-only", "overlay")
_NODE = re.compile(r"[0-9a-z]{20,30}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")


def user_script(master: str) -> str:
    """The script of the user's, which also asks for the way to this address of the swarm's master.

    None is asked for where it is no IP address, or means the master only here: `fe80::7%eth0`.
    """
    place = ""
    with suppress(ValueError):
        place = "" if "%" in master else str(ipaddress.ip_address(master))
    return f"master='{place}'\n{USER_SCRIPT}"


def port_script(targets: Iterable[tuple[str, int]]) -> str:
    """The script that knocks at addresses and ports, all at one time."""
    places = " ".join(f"{ipaddress.ip_address(address)},{port}" for address, port in targets)
    return f"places='{places}'\n{_KNOCK}"


_KNOCK = r"""
LC_ALL=C; export LC_ALL
command -v bash >/dev/null || exit 0
for place in $places; do
    (
        address=${place%,*} port=${place##*,}
        said=$(timeout 3 bash -c ": <>/dev/tcp/$address/$port" 2>&1)
        case $?/$said in
        0/*) state=open ;;
        124/*) state=silent ;;
        *refused*) state=refused ;;
        *) state=silent ;;
        esac
        printf 'T\t%s\t%s\t%s\n' "$address" "$port" "$state"
    ) &
done
wait
"""


@dataclass(frozen=True, slots=True)
class SwarmSide:
    """What Docker there says of its swarm; `nodes`: every node's id, where it is a manager."""

    state: str = ""
    node: str = ""
    manager: bool = False
    managers: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """What a machine says of itself; '' or None where it does not say.

    `memory_cgroup`: whether the kernel enforces memory limits; `cmdline`: the file that turns that
    on, and `boot_read_only` whether that can be written; `disk`: bytes free where Docker keeps its
    data; `now`: its clock, seconds since the epoch. `os_like`: the systems that its own says it is
    like. `root`: `writable`, `read-only`, or `overlay`, where what is written is gone at the next
    start. `sshd_settings`: whether its SSH server reads OpenSSH's settings. `python`: the version
    of the system's own, (0, 0) where it has none. `docker_snap`: whether it has Docker as a snap.
    `has_way`: whether any way leads from it to the swarm's master.
    """

    arch: str = ""
    bits: int = 0
    os_id: str = ""
    os_like: tuple[str, ...] = ()
    os_version: str = ""
    os_name: str = ""
    hostname: str = ""
    machine_id: str = ""
    serial: str = ""
    boot_id: str = ""
    memory_cgroup: bool | None = None
    cmdline: str = ""
    boot_read_only: bool | None = None
    disk: int | None = None
    now: int | None = None
    throttle: Throttle | None = None
    root: str = ""
    sshd_settings: bool | None = None
    python: tuple[int, int] | None = None
    docker: bool | None = None
    docker_snap: bool | None = None
    has_way: bool | None = None
    swarm: SwarmSide = field(default_factory=SwarmSide)


@dataclass(frozen=True, slots=True)
class Knock:
    """One port of another machine, as it is seen from this one: `open`, `refused`, `silent`."""

    address: str
    port: int
    state: str


def read_probe(output: bytes) -> Probe:
    """What both scripts printed, one after the other; what makes no sense is left out."""
    said = dict(_fields(output))
    disk = _whole(said.get("disk"))
    return Probe(
        arch=_text(said.get("arch"), 20),
        bits=int(said["bits"]) if said.get("bits") in ("32", "64") else 0,
        os_id=_text(said.get("id"), 30).lower(),
        os_like=tuple(_text(said.get("like"), 60).lower().split()),
        os_version=_text(said.get("version"), 20),
        os_name=_text(said.get("os"), 80),
        hostname=_matching(_NAME, said.get("host")),
        machine_id=_matching(_MACHINE_ID, said.get("machine")),
        boot_id=_matching(_BOOT_ID, said.get("boot")),
        serial=_serial(said.get("serial")),
        memory_cgroup=_choice(said.get("cgroup"), "on", "off"),
        cmdline=_matching(_CMDLINE, said.get("cmdline")),
        boot_read_only=_choice(said.get("boots"), "read-only", "writable"),
        disk=None if disk is None else disk * 1024,
        now=_whole(said.get("now")),
        throttle=_throttle(said.get("throttled", "")),
        root=root if (root := said.get("root", "")) in _ROOTS else "",
        sshd_settings=_choice(said.get("sshd"), "settings", "other"),
        python=_version(said.get("python")),
        docker=_choice(said.get("docker"), "yes", "no"),
        docker_snap=_choice(said.get("snap"), "yes", "no"),
        has_way=_choice(said.get("way"), "yes", "no"),
        swarm=_swarm(said),
    )


def read_knocks(output: bytes, asked: Iterable[tuple[str, int]]) -> tuple[Knock, ...]:
    """What came of the knocks that were asked for, and of no others."""
    wanted = dict.fromkeys(asked, "")
    for line in output.decode("ascii", "replace").splitlines():
        match line.split("\t"):
            case ["T", address, port, "open" | "refused" | "silent" as state]:
                number = _whole(port)
                if number is not None and (address, number) in wanted:
                    wanted[address, number] = state
    return tuple(Knock(*place, state) for place, state in wanted.items() if state)


def _fields(output: bytes) -> Iterable[tuple[str, str]]:
    for line in output.decode("utf-8", "replace").split("\n")[:200]:
        mark, tab, rest = line.partition("\t")
        key, equals, value = rest.partition("=")
        if mark == "P" and tab and equals:
            yield key, value


def _swarm(said: dict[str, str]) -> SwarmSide:
    states = ("active", "inactive", "pending", "error", "locked")
    state = said.get("swarm", "")
    nodes = tuple(node for node in said.get("nodes", "").split(",") if _NODE.fullmatch(node))
    managers = (clean_text(place, 60) for place in said.get("managers", "").split(",")[:9])
    return SwarmSide(
        state=state if state in states else "",
        node=_matching(_NODE, said.get("node")),
        manager=said.get("manager") == "true",
        managers=tuple(place for place in managers if place),
        nodes=nodes,
    )


def _text(value: str | None, limit: int) -> str:
    return clean_text(value or "", limit).strip()


def _matching(pattern: re.Pattern[str], value: str | None) -> str:
    text = (value or "").strip()
    return text if text.isascii() and pattern.fullmatch(text) else ""


def _serial(value: str | None) -> str:
    text = _matching(re.compile(r"[0-9A-Za-z]{4,40}"), value).lower()
    return text if text.strip("0") else ""


def _whole(text: str | None) -> int | None:
    plain = (text or "").strip()
    usable = plain.isascii() and plain.isdigit() and len(plain) <= 18
    return int(plain) if usable else None


def _choice(value: str | None, yes: str, no: str) -> bool | None:
    return {yes: True, no: False}.get(value or "")


def _version(text: str | None) -> tuple[int, int] | None:
    major, _, minor = (text or "").strip().partition(".")
    if text == "no":
        return 0, 0
    whole = _whole(major), _whole(minor)
    return None if whole[0] is None or whole[1] is None else (whole[0], whole[1])


def _throttle(text: str) -> Throttle | None:
    digits = text.strip().removeprefix("throttled=").removeprefix("0x").lower()
    if not 0 < len(digits) <= 8 or any(digit not in "0123456789abcdef" for digit in digits):
        return None
    return Throttle(int(digits, 16))
