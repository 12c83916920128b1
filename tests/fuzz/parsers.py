"""Every parser that meets text from outside, as a function of bytes: all but a refusal is a defect.

`SEEDS` are right ones, from which a fuzzer begins.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest

from base.audit import Audit
from base.errors import SquarmError
from chat.bot.commands import Route
from chat.bot.commands import parse as parse_command
from chat.settings import load as load_slack
from fleet.discovery.announcements import Announcements
from fleet.discovery.interface import parse_neighbours
from fleet.endpoint import parse_mac, parse_place
from fleet.metrics.samples import Meter
from fleet.ssh.host_keys import HostKey, KnownHosts
from fleet.watch_list import load as load_watch_list
from provision import inventory_file
from provision.probe import read_knocks, read_probe
from provision.runs.events import decode as decode_event
from provision.runs.events import from_runner
from provision.runs.folder import RunFolder
from results.copies.importing import Import
from results.store import Store
from serve import health
from solver.formats.reading import read as read_squares
from solver.question import Question
from solver.record_reader import BadRecord, decode
from solver.records import Checkpoint, SquareRecord, encode
from solver.search.units import Unit, search
from swarm.docker.address import Address, BadDockerHost
from swarm.docker.frames import Demultiplexer, LineJoiner, LogStreamError
from swarm.docker.images import FOLLOWED
from swarm.docker.rollout import state as rollout
from swarm.job import JobSpec
from swarm.local import job_folders
from tui.console.input.command_line import parse as parse_line
from tui.console.input.job_form import parse_filters
from tui.console.terminal.driver import InputParser
from tui.settings import read as read_settings

REFUSALS = (SquarmError, BadDockerHost, BadRecord, LogStreamError)
"""What says in one sentence that it cannot be read."""
Parser = Callable[[bytes], object]
_FOLDER = Path(tempfile.mkdtemp(prefix="squarm-fuzz-"))
_PAIR = next(
    record
    for record in search(Unit(Question(4), 1, seed=1), lambda: 0.0, lambda: False)
    if isinstance(record, SquareRecord)
)
_LINE = encode(_PAIR).encode()


def _text(parse: Callable[[str], object]) -> Parser:
    return lambda data: parse(data.decode(errors="replace"))


def _file(parse: Callable[[Path], object], name: str = "file") -> Parser:
    def from_file(data: bytes) -> object:
        path = _FOLDER / name
        path.write_bytes(data)
        path.chmod(0o600)
        return parse(path)

    return from_file


def _frames(data: bytes) -> object:
    streams, lines = Demultiplexer(), LineJoiner()
    half = len(data) // 2
    found = [
        line
        for part in (data[:half], data[half:])
        for frame in streams.feed(part)
        for line in lines.feed(frame)
    ]
    return [*found, *lines.rest()]


def _samples(data: bytes) -> object:
    meter = Meter()
    for at, line in enumerate(data.split(b"\n")):
        meter = meter.take(line, float(at), 1e9 + at)
    return meter


def _announcements(data: bytes) -> object:
    known = Announcements(lambda address: address.startswith("10."))
    for at, line in enumerate(data.decode(errors="replace").split("\n")):
        match line.split("\t"):
            case ["P", instance]:
                known.pointer(instance)
            case ["S", instance, host, port] if port.isascii() and port.isdigit():
                known.service(instance, host, int(port[:9]), float(at))
            case ["A", host, address]:
                known.address(host, address, float(at))
    return known.questions(), known.strays


def _runner(data: bytes) -> object:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return from_runner(event, 0.0) if isinstance(event, dict) else None


def _checkpoint(text: str) -> object:
    try:
        return Checkpoint.parse(text)
    except ValueError as error:
        raise BadRecord(str(error)) from None


def _context(data: bytes) -> object:
    """Docker's settings name a context, whose file is the same text."""
    (_FOLDER / "config.json").write_bytes(data)
    meta = _FOLDER / "contexts" / "meta" / hashlib.sha256(b"pis").hexdigest()
    meta.mkdir(parents=True, exist_ok=True)
    (meta / "meta.json").write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DOCKER_HOST", raising=False)
        patch.setenv("DOCKER_CONFIG", str(_FOLDER))
        found = Address.find()
        patch.setenv("DOCKER_CONTEXT", "pis")
        return found, Address.find()


def _health(data: bytes) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(_FOLDER))
        path = health.path()
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return health.read()


def _job_folder(data: bytes) -> object:
    folder = _FOLDER / "mols10-3fa2c1"
    folder.mkdir(exist_ok=True)
    (folder / "spec.json").write_bytes(data)
    return job_folders.read(folder)


def _run_folder(data: bytes) -> object:
    run = RunFolder(_FOLDER)
    run.request.write_bytes(data)
    return run.read()


def _squares(data: bytes) -> object:
    return list(read_squares(data.splitlines(keepends=True)))


def _imported(data: bytes) -> object:
    with Store.open(_FOLDER / "results.sqlite3") as store:
        refused: list[str] = []
        bring_in = Import(store, read_squares(data.splitlines(keepends=True)), refused.append)
        while bring_in.step():
            pass
        return bring_in.kept


def _keys(data: bytes) -> object:
    parser = InputParser()
    # Nothing typed is the end, which comes once.
    typed = [*parser.feed(data.decode(errors="replace"))] if data else []
    return [*typed, *parser.tick(), *parser.feed("")]


PARSERS: MappingProxyType[str, Parser] = MappingProxyType(
    {
        "announcements": _announcements,
        "arp": _text(lambda text: parse_neighbours(text, "eth0")),
        "audit": _file(lambda path: Audit(path).read(50)),
        "checkpoint": _text(_checkpoint),
        "command-line": _text(parse_line),
        "docker-context": _context,
        "frames": _frames,
        "health": _health,
        "host-key": _text(HostKey.parse),
        "import": _imported,
        "inventory": _file(inventory_file.read),
        "job": _text(JobSpec.from_json),
        "job-folder": _job_folder,
        "job-filters": _text(parse_filters),
        "keys": _keys,
        "known-hosts": _file(lambda path: KnownHosts(path).read()),
        "knocks": lambda data: read_knocks(data, [("10.0.0.2", 22)]),
        "mac": _text(parse_mac),
        "place": _text(parse_place),
        "probe": read_probe,
        "record": _text(decode),
        "rollout": _text(lambda text: rollout.read({rollout.NOTED: text, FOLLOWED: "a:1"})),
        "run-event": decode_event,
        "run-folder": _run_folder,
        "runner-event": _runner,
        "samples": _samples,
        "settings": _file(read_settings),
        "slack-command": _text(lambda text: [parse_command(text, route) for route in Route]),
        "slack-settings": _file(load_slack),
        "squares": _squares,
        "watch-list": _file(load_watch_list),
    }
)


_KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1kTgKV8ah0sZ4dpLqjYxMlCwhvQFNWpRcVoHfcOQ1b x\n"
_SAMPLE = (
    b"I\tserial=10000000abcdef01\nI\tmodel=Raspberry Pi 4 Model B Rev 1.4\nI\tnode=\n"
    b"X\tdisk=30000000\tused=4000000\nS\t10 20 30\n"
)
_INVENTORY = (
    b"all:\n  children:\n    swarm_master:\n      hosts:\n        pi1: {ansible_host: 10.0.0.2,"
    b" ansible_user: pi}\n    swarm_hosts:\n      hosts:\n        pi2: {ansible_host: 10.0.0.3}\n"
)
_SEEDS: dict[str, tuple[bytes, ...]] = {
    "announcements": (
        b"P\tpi._ssh._tcp.local.\nS\tpi._ssh._tcp.local.\tpi.local.\t22\nA\tpi.local.\t10.0.0.2\n",
    ),
    "arp": (b"IP HW Flags Mac Mask Dev\n10.0.0.2 0x1 0x2 dc:a6:32:01:02:03 * eth0\n",),
    "audit": (
        b'{"at":1.0,"who":"me","where":"here","what":"x","target":"y","result":"done","said":""}\n',
    ),
    "checkpoint": (str(Checkpoint("0" * 16, "0.2.0", 1, 2, 3, 4, 5)).encode(),),
    "command-line": (b"new 9 count=5", b"reboot pi3", b"sort cpu"),
    "docker-context": (
        (
            b'{"currentContext":"pis","Endpoints":{"docker":{"Host":"ssh://pi@master",'
            b'"SkipTLSVerify":false}}}'
        ),
    ),
    "health": (
        (
            b'{"pid":1,"taken":4e9,"engine":"local","jobs":0,"kept":0,"slack":"set up","waiting":0,'
            b'"failed":0,"problems":["x"]}'
        ),
    ),
    "job-folder": (b'{"created":1.0,"spec":%s}' % JobSpec(Question(10)).to_json().encode(),),
    "rollout": (
        b'{"follow":"a:1","current":{"digest":"sha256:%s"},"refused":{"digest":"sha256:0",'
        b'"why":"x"},"pinned":true}' % (b"0" * 64),
    ),
    "run-folder": (
        (
            b'{"playbook":"site.yml","inventory":"/x","hosts":{"a":"b"},"check":false,"settings":{},'
            b'"who":"me","audit":null,"playbooks":null,"started":1.0}'
        ),
    ),
    "frames": (b"\1\0\0\0\0\0\0\x0a2026 line\n",),
    "host-key": (
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1kTgKV8ah0sZ4dpLqjYxMlCwhvQFNWpRcVoHfcOQ1b x",
    ),
    "import": (_LINE + b"\n",),
    "inventory": (_INVENTORY,),
    "job": (JobSpec(Question(10)).to_json().encode(),),
    "job-filters": (b"diagonal", b"mols=3 symmetric"),
    "keys": (b"\x1b[1081::113;;1081u\x1b[<0;10;5M\x1b[200~pasted\x1b[201~q",),
    "known-hosts": (
        b"abc ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1kTgKV8ah0sZ4dpLqjYxMlCwhvQFNWpRcVoHfcOQ1b\n",
    ),
    "knocks": (b"T\t10.0.0.2\t22\topen\n",),
    "mac": (b"dc:a6:32:01:02:03",),
    "place": (b"10.0.0.2:22", b"pi3.local", b"[fe80::1]:22"),
    "probe": (b"P\tarch=aarch64\nP\tbits=64\nP\tdisk=1000\nP\tthrottled=0x50005\n",),
    "record": (_LINE,),
    "run-event": (
        b'{"at":1.0,"host":"pi1","role":"r","task":"t","state":"ok","message":"m"}',
        b'{"at":1.0,"end":"done","failed":["pi1"],"message":"m"}',
    ),
    "runner-event": (
        (
            b'{"event":"runner_on_ok","event_data":{"host":"pi1","res":{"msg":"m"},'
            b'"role":"r","task":"t"}}'
        ),
    ),
    "samples": (_SAMPLE,),
    "settings": (b'[console]\ntheme = "dark"\n[keys]\nquit = "Q"\n',),
    "slack-command": (
        b"mols 10 x5 set of 3",
        b"cancel mols10-3fa2c1",
        b"_analyse_\nA0 B1\nB1 A0",
        b"why mols10-3fa2c1",
        b"csv mols10-3fa2c1",
    ),
    "slack-settings": (b'channel = "#mols"\nwebhook = "https://hooks.slack.com/services/T/B/x"\n',),
    "squares": (
        b"A0 B1 C2\nB2 C0 A1\nC1 A2 B0\n",
        b"0 1 2\n1 2 0\n2 0 1\n",
        b"[[0,1],[1,0]]\n",
        b"order,unit\n",
        _LINE + b"\n",
    ),
    "watch-list": (b'{"version":1,"pis":[{"id":"a","address":"10.0.0.2"}],"names":["pi"]}',),
}
SEEDS = MappingProxyType(_SEEDS)


def try_on(name: str, data: bytes) -> None:
    """Read `data` by the parser of that name; raises what is no refusal."""
    try:
        PARSERS[name](data)
    except REFUSALS as error:
        sentence = str(error)
        assert sentence, "a refusal says nothing"
        assert "\n" not in sentence, f"a refusal is one sentence: {sentence!r}"
