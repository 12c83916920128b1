"""The lab's wiring: one bridge, a cable and a network namespace per host, a way out."""

from pathlib import Path

from lab.host import LabError, attempt, run
from lab.layers import locked
from lab.plan import LABS, PiBoard, Site

_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_NAMESPACES = Path("/run/netns")


def make_bridge(site: Site) -> None:
    """Makes the bridge, this machine's address on it, and the way out."""
    if site.bridge in _links():
        raise LabError(f"there is a bridge {site.bridge} that is not this lab's")
    routes = run("ip", "-4", "route", "show", "root", str(site.network))
    if routes.strip():
        raise LabError(f"{site.network} is in use on this machine: {routes.splitlines()[0]}")
    # Without an address of its own it has the lowest of its cables', which changes when one is
    # pulled: whoever talks to this machine would then fall silent until ARP finds it again.
    own = f"52:54:00:77:{site.number:02x}:01"
    run("ip", "link", "add", site.bridge, "address", own, "type", "bridge", "mcast_snooping", "0")
    run("ip", "address", "add", f"{site.gateway}/24", "dev", site.bridge)
    run("ip", "address", "add", f"{site.network6[1]}/64", "dev", site.bridge, "nodad")
    run("ip", "link", "set", site.bridge, "up")
    _route(site)
    for rule in _rules(site):
        run("iptables", "-w", "-I", *rule)


def _rules(site: Site) -> list[list[str]]:
    """This lab's firewall rules: a dockerd beside it would let nothing through."""
    mark = ["-m", "comment", "--comment", site.tag]
    inside = str(site.network)
    # Frames that stay on the bridge also pass here where Docker has loaded br_netfilter.
    out = ["!", "-o", site.bridge]
    return [
        ["FORWARD", "-i", site.bridge, *mark, "-j", "ACCEPT"],
        ["FORWARD", "-o", site.bridge, *mark, "-j", "ACCEPT"],
        ["POSTROUTING", "-t", "nat", "-s", inside, *out, *mark, "-j", "MASQUERADE"],
    ]


def plug(site: Site, board: PiBoard) -> None:
    """A new network namespace for a host, with its cable in the bridge, and its Wi-Fi."""
    unplug(site, board.name)
    namespace = site.namespace(board.name)
    run("ip", "netns", "add", namespace)
    run("ip", "-netns", namespace, "link", "set", "lo", "up")
    _connect(site, namespace, site.port(board.name), "eth0", board.mac, board.address)
    if board.wifi:
        port = site.wifi_port(board.name)
        _connect(site, namespace, port, "wlan0", board.wifi_mac, board.wifi, metric=600)


def _connect(
    site: Site, namespace: str, port: str, name: str, mac: str, address: str, metric: int = 0
) -> None:
    """An interface in a namespace, its other end in the bridge; metric: as NetworkManager's."""
    told = [f"address add {address}/24 broadcast + dev {name}", f"link set {name} up"]
    told.append(f"route add default via {site.gateway} dev {name} metric {metric}")
    if ":" in address:
        told[0] = f"address add {address}/64 dev {name} nodad"
        del told[2]
    if "%" in address:
        del told[0]
    run("ip", "-batch", "-", input=f"""
        link add {port} type veth peer name {name} address {mac} netns {namespace}
        link set {port} master {site.bridge} up
    """)  # fmt: skip
    run("ip", "-netns", namespace, "-batch", "-", input="\n".join(told))


def unplug(site: Site, host: str) -> None:
    """Removes a host's namespace and, with it, its cable and its Wi-Fi."""
    for port in {site.port(host), site.wifi_port(host)} & _links():
        run("ip", "link", "delete", port)
    for namespace in (site.namespace(host), site.link_namespace(host)):
        if (_NAMESPACES / namespace).exists():
            run("ip", "netns", "delete", namespace)


def readdress(site: Site, board: PiBoard, address: str) -> None:
    """Gives a host another address, as a router does when a lease has run out."""
    run("ip", "-netns", site.namespace(board.name), "-batch", "-", input=f"""
        address flush dev eth0 scope global
        address add {address}/24 broadcast + dev eth0
        route add default via {site.gateway} dev eth0
    """)  # fmt: skip


def cable(site: Site, host: str, *, plugged: bool) -> None:
    """Pulls a host's cable out of the bridge, or puts it back."""
    run("ip", "link", "set", site.port(host), "up" if plugged else "down")


def tear_down(site: Site) -> None:
    """Removes all wiring of this lab, whatever state it is in."""
    hosts = {
        link.removeprefix(site.port("")) for link in _links() if link.startswith(site.port(""))
    }
    spaces = site.namespace("")
    found = _NAMESPACES.iterdir() if _NAMESPACES.exists() else ()
    hosts |= {path.name.removeprefix(spaces) for path in found if path.name.startswith(spaces)}
    for host in hosts:
        unplug(site, host)
    if site.bridge in _links():
        run("ip", "link", "delete", site.bridge)
    for rule in _rules(site):
        while attempt("iptables", "-w", "-D", *rule):
            pass
    _route_no_more(site)


def _route(site: Site) -> None:
    """Lets this machine route, and notes for the last lab to go what it did before."""
    with locked("routing"):
        noted = site.run.parent / "ip_forward"
        if not noted.exists():
            noted.write_text(_FORWARDING.read_text())
        _FORWARDING.write_text("1")


def _route_no_more(site: Site) -> None:
    with locked("routing"):
        noted = site.run.parent / "ip_forward"
        links = _links()
        # Not their folders: of two labs that go at one time each would see the other's.
        others = any(Site(number).bridge in links for number in range(LABS))
        if others or not noted.exists():
            return
        # A dockerd started meanwhile may count on it.
        if noted.read_text().strip() == "0" and "DOCKER" not in run("iptables", "-w", "-S"):
            _FORWARDING.write_text("0")
        noted.unlink()


def _links() -> set[str]:
    return {path.name for path in Path("/sys/class/net").iterdir()}
