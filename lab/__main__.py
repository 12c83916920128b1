"""The lab's command line: python -m lab VERB."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

from lab import registry
from lab.card import SENSORS
from lab.host import LabError
from lab.lab import Lab, down, up
from lab.pi import Pi
from lab.plan import LABS, PASSWORD, State, Variant, plans

PLAIN_VERBS: dict[str, tuple[Callable[[Pi], None], str]] = {
    "power-cut": (Pi.power_cut, "pull the power plug"),
    "power-on": (Pi.power_on, "put the power plug back"),
    "cable-out": (Pi.cable_out, "pull the network cable"),
    "cable-in": (Pi.cable_in, "put the network cable back"),
    "freeze": (Pi.freeze, "hang all programs; the kernel still answers"),
    "thaw": (Pi.thaw, "let a frozen Pi go on"),
    "reboot": (Pi.reboot, "restart in good order"),
    "reflash": (Pi.reflash, "write the card anew: new host keys and machine-id"),
    "free-disk": (Pi.free_disk, "undo fill-disk"),
}
"""What takes nothing but the names of Pis."""


def main() -> int:
    """Does what the command line says."""
    options = _parser().parse_args()
    try:
        return int(options.act(options) or 0)
    except (LabError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m lab", description=__doc__)
    parser.add_argument("--lab", type=int, default=0, choices=range(LABS), metavar="NUMBER",
                        help="which of the labs beside one another (default 0)")  # fmt: skip
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _add_lab_verbs(verbs)
    for name, (act, what) in PLAIN_VERBS.items():
        verb = verbs.add_parser(name, help=what)
        verb.add_argument("pi", nargs="+")
        verb.set_defaults(act=_to_each(act))
    _add_pi_verbs(verbs)
    return parser


def _add_lab_verbs(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser("up", help="bring a lab up")
    verb.add_argument("count", type=int, nargs="?", default=3, metavar="PIS")
    verb.add_argument("--state", type=State, choices=list(State), default=State.FRESH)
    verb.add_argument("--master", action="store_true", help="with a machine to run squarm on")
    verb.add_argument("--vary", action="append", default=[], metavar="PI=VARIANT[,VARIANT...]",
                      help=f"let a Pi differ: {', '.join(Variant)}")  # fmt: skip
    verb.set_defaults(act=_up)
    verbs.add_parser("down", help="remove all of it").set_defaults(act=lambda o: down(o.lab))
    verb = verbs.add_parser("status", help="say what is there")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(act=_status)
    verb = verbs.add_parser("console", help="squarm on the master, over SSH, as a person would")
    verb.add_argument("arguments", nargs=argparse.REMAINDER)
    verb.set_defaults(act=_console)
    verb = verbs.add_parser("registry", help="a registry at 127.0.0.1:5000 of each Pi")
    verb.set_defaults(act=_registry)
    verb = verbs.add_parser("registry-off", help="end it; what was pushed stays")
    verb.set_defaults(act=lambda options: registry.stop(Lab.open(options.lab).site))
    verb = verbs.add_parser("slack", help="a Slack of your own on the master, for squarm there")
    verb.set_defaults(act=_slack)


def _add_pi_verbs(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    def add(name: str, act: Callable[[Pi, argparse.Namespace], object], what: str) -> _Add:
        verb = verbs.add_parser(name, help=what)
        verb.add_argument("pi")
        verb.set_defaults(act=lambda options: act(Lab.open(options.lab)[options.pi], options))
        return verb.add_argument

    argument = add("clone", _clone, "make another Pi's card a copy of this one's")
    argument("to", metavar="OTHER-PI")
    argument("--board", action="store_true", help="give it this one's serial number, too")
    argument = add("netem", _netem, "make its link slow or lossy; without options: whole again")
    argument("--delay", type=float, default=0, metavar="MS", help="each way")
    argument("--jitter", type=float, default=0, metavar="MS")
    argument("--loss", type=float, default=0, metavar="PERCENT", help="each way")
    argument("--rate", type=float, default=0, metavar="KBIT", help="kbit/s, each way")
    argument = add("clock", lambda pi, o: pi.clock(o.seconds), "set its clock wrong; 0: right")
    argument("seconds", type=int)
    argument = add("fill-disk", lambda pi, o: pi.fill_disk(o.left), "leave no room on its card")
    argument("--left", type=int, default=0, metavar="MIB")
    argument = add("address", lambda pi, o: pi.readdress(o.address), "give it another address")
    argument("address")
    argument = add("rename", lambda pi, o: pi.rename(o.hostname), "give it another host name")
    argument("hostname")
    argument = add("sense", _sense, "set its simulated sensors")
    for name, at_first in SENSORS.items():
        argument(f"--{name}", help=f"{at_first} at first")
    argument = add("exec", lambda pi, o: _inside(pi, o.command), "run a command inside, as root")
    argument("command", nargs=argparse.REMAINDER)
    add("shell", lambda pi, _: _inside(pi, ["bash", "-l"]), "open a shell inside, as root")


_Add = Callable[..., argparse.Action]


def _to_each(act: Callable[[Pi], None]) -> Callable[[argparse.Namespace], None]:
    def to_each(options: argparse.Namespace) -> None:
        lab = Lab.open(options.lab)
        for name in options.pi:
            act(lab[name])

    return to_each


def _up(options: argparse.Namespace) -> None:
    started = time.monotonic()
    varied = dict(pair.split("=", 1) for pair in options.vary if "=" in pair)
    variants = {pi: [Variant(name) for name in names.split(",")] for pi, names in varied.items()}
    made = plans(options.count, options.state, variants)
    lab = up(made, number=options.lab, master=options.master, say=print)
    users = " or ".join(sorted({host.user for host in lab.hosts.values()}))
    print(f"Up after {time.monotonic() - started:.1f} s. User {users}, password {PASSWORD}.")
    _table(lab)


def _status(options: argparse.Namespace) -> None:
    lab = Lab.open(options.lab)
    if options.json:
        print(json.dumps([host.facts() for host in lab.hosts.values()], indent=1))
    else:
        _table(lab)


def _table(lab: Lab) -> None:
    rows = [list(host.facts().values()) for host in lab.hosts.values()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)))


def _console(options: argparse.Namespace) -> int:
    lab = Lab.open(options.lab)
    return subprocess.call([*lab.master.ssh("-t"), "squarm", *options.arguments])


def _registry(options: argparse.Namespace) -> None:
    lab = Lab.open(options.lab)
    registry.start(lab.site, [pi.name for pi in lab.pis if pi.is_on])


def _slack(options: argparse.Namespace) -> int:
    lab = Lab.open(options.lab)
    run = "cd /opt/squarm && PYTHONDONTWRITEBYTECODE=1 /opt/venv/bin/python -m lab.slack"
    return subprocess.call([*lab.master.ssh("-t"), f"{run} ~/.config/squarm/slack.toml"])


def _clone(pi: Pi, options: argparse.Namespace) -> None:
    pi.clone_to(Lab.open(options.lab)[options.to], board=options.board)


def _netem(pi: Pi, options: argparse.Namespace) -> None:
    pi.link(delay=options.delay, jitter=options.jitter, loss=options.loss, rate=options.rate)


def _sense(pi: Pi, options: argparse.Namespace) -> None:
    given = {name: getattr(options, name) for name in SENSORS}
    pi.sense(**{name: value for name, value in given.items() if value is not None})


def _inside(pi: Pi, command: list[str]) -> int:
    return subprocess.call([*pi.shell_command(), *command])


if __name__ == "__main__":
    sys.exit(main())
