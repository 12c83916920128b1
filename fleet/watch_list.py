"""The watched machines, kept from one run to the next in one JSON file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from base import paths, regular_file, safe_file
from base.errors import MALFORMED, FleetError
from base.safe_file import locked
from base.text import clean_text
from fleet.endpoint import BadAddress, Endpoint, parse_mac, parse_place
from fleet.machine import Contact, Identity, Machine
from fleet.ssh.host_keys import HostKey

VERSION = 1
_IDENTITY = ("serial", "machine_id", "boot_id", "model", "hostname", "node")


class WatchListError(FleetError):
    """The file of watched machines cannot be used: one sentence, with the way out."""


@dataclass(frozen=True, slots=True)
class WatchList:
    """Machines as they were last seen, and host names asked for by the user."""

    machines: tuple[Machine, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other squarms have done to the file: ids of machines forgotten, names dropped, added.

    `changed`: our machines with what their users have said of them meanwhile.
    """

    forgotten: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    changed: tuple[Machine, ...] = ()


def default_path() -> Path:
    """Where the watched machines are kept (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "pis.json"


class WatchListFile:
    """The file as a fleet keeps it; `changed`: there is something to be written.

    With `read_only` it is never written. `path` None: the user's (`XDG_DATA_HOME` is honoured).
    """

    def __init__(self, path: Path | None, *, read_only: bool) -> None:
        self.changed = False
        self._path = path or default_path()
        self._read_only = read_only
        self._forgotten: set[str] = set()
        self._known = WatchList()
        self._stamp = 0

    @property
    def changed_elsewhere(self) -> bool:
        """Whether another squarm has written it since."""
        return not self._read_only and _stamp(self._path) != self._stamp

    def load(self) -> WatchList:
        """What it holds; raises WatchListError."""
        self._stamp = _stamp(self._path)
        self._known = load(self._path)
        return self._known

    def forget(self, pi: str) -> None:
        """Have this machine in it no more."""
        self._forgotten.add(pi)
        self.changed = True

    def keep(self, pi: str) -> None:
        """Undo `forget`: the id is a machine's again."""
        self._forgotten.discard(pi)

    def save(self, machines: Iterable[Machine], names: Iterable[str]) -> Elsewhere:
        """Write those machines that are watched, and the names; raises WatchListError.

        What others have forgotten in the meantime is not written again, and told.
        """
        if self._read_only:
            return Elsewhere()
        ours = tuple(machine for machine in machines if machine.watched)
        try:
            with locked(self._path):
                found = load(self._path)
                told = _elsewhere(self._known, found, ours)
                agreed = {m.id: m for m in (*ours, *told.changed) if m.id not in told.forgotten}
                kept = {m.id: m for m in (*found.machines, *agreed.values())}
                kept = {pi: m for pi, m in kept.items() if pi not in self._forgotten}
                wanted = {*names, *told.added} - told.dropped
                self._known = WatchList(tuple(kept.values()), tuple(sorted(wanted)))
                _write(self._path, self._known)
                self._stamp = _stamp(self._path)
        except OSError as error:
            raise _refused(self._path, error) from None
        self.changed = False
        return told

    def look(self, machines: Iterable[Machine]) -> Elsewhere:
        """What others have written since, where there is nothing of ours; raises WatchListError.

        Two that wrote whenever the other has would do so for ever.
        """
        before = self._known
        return _elsewhere(before, self.load(), machines)


def _elsewhere(before: WatchList, now: WatchList, ours: Iterable[Machine]) -> Elsewhere:
    old, new = ({each.id: each for each in one.machines} for one in (before, now))
    names = frozenset(before.names), frozenset(now.names)
    agreed = ((each, _agreed(each, old.get(each.id), new.get(each.id))) for each in ours)
    return Elsewhere(
        frozenset(old.keys() - new.keys()),
        names[0] - names[1],
        names[1] - names[0],
        tuple(after for each, after in agreed if after != each),
    )


def _agreed(ours: Machine, before: Machine | None, theirs: Machine | None) -> Machine:
    """A machine with what was said of it elsewhere: a login is not taken back by who had none."""
    if theirs is None:
        return ours
    new = ours.user != (before.user if before else "")
    return replace(
        ours,
        user=ours.user if new else theirs.user or ours.user,
        approved=ours.approved or theirs.approved,
    )


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _refused(path: Path, error: OSError) -> WatchListError:
    return WatchListError(f"{path} cannot be written ({error.strerror}): make it yours.")


def heard_since(moment: float) -> dict[str, Endpoint]:
    """Where the user's machines were met last, by id, those heard of since; raises WatchListError.

    `moment`: in seconds since the epoch.
    """
    found = WatchListFile(None, read_only=True).load().machines
    return {each.id: each.endpoint for each in found if each.endpoint and each.heard > moment}


def lasting(machine: Machine) -> tuple[object, ...]:
    """What of a machine is worth writing down at once."""
    return (
        machine.endpoints,
        machine.announced,
        machine.macs,
        machine.identity,
        machine.key,
        machine.reflashed,
        machine.added,
        machine.approved,
        machine.user,
    )


def load(path: Path) -> WatchList:
    """What the file holds, every machine of it silent; raises WatchListError.

    A single entry that makes no sense is left out; so are trusted keys, which known_hosts holds.
    """
    try:
        body = json.loads(regular_file.read_text(path, "replace"))
    except FileNotFoundError:
        return WatchList()
    except OSError as error:
        raise WatchListError(f"{path} cannot be read ({error.strerror}): make it yours.") from None
    except MALFORMED:
        raise WatchListError(
            f"{path} is damaged: move it away; the Pis will be found anew."
        ) from None
    if not isinstance(body, dict) or body.get("version") != VERSION:
        raise WatchListError(f"{path} was written by another version of squarm: move it away.")
    entries = [entry for entry in _list(body.get("pis")) if isinstance(entry, dict)]
    names = tuple(text for text in map(_text, _list(body.get("names"))) if text)
    return WatchList(
        tuple(machine for machine in map(_machine, entries) if machine is not None), names
    )


def _write(path: Path, saved: WatchList) -> None:
    entries = [_entry(machine) for machine in saved.machines]
    body = {"version": VERSION, "names": list(saved.names), "pis": entries}
    safe_file.replace(path, json.dumps(body, indent=1) + "\n")


def _entry(machine: Machine) -> dict[str, Any]:
    identity = machine.identity
    return {
        "id": machine.id,
        "first_seen": machine.first_seen,
        "heard": max(machine.heard, machine.alive),
        "addresses": [[place.address, place.port] for place in machine.endpoints],
        "name": machine.announced,
        "macs": list(machine.macs),
        "key": str(machine.key or ""),
        "key_since": machine.key_since,
        "old_key": str(machine.old_key or ""),
        "reflashed": machine.reflashed,
        "added": machine.added,
        "approved": machine.approved,
        "user": machine.user,
        **{name: getattr(identity, name) for name in _IDENTITY},
    }


def _machine(entry: Mapping[str, Any]) -> Machine | None:
    pi = _text(entry.get("id"))
    if not pi or not pi.isascii() or not pi.isalnum():
        return None
    heard = _number(entry.get("heard"))
    return Machine(
        id=pi,
        first_seen=_number(entry.get("first_seen")),
        endpoints=tuple(_endpoints(_list(entry.get("addresses")))),
        announced=_text(entry.get("name")),
        macs=tuple(mac for mac in map(parse_mac, map(_text, _list(entry.get("macs")))) if mac),
        identity=Identity(**{name: _text(entry.get(name)) for name in _IDENTITY}),
        key=HostKey.parse(_text(entry.get("key"), 4096)),
        key_since=_number(entry.get("key_since")),
        old_key=HostKey.parse(_text(entry.get("old_key"), 4096)),
        reflashed=_number(entry.get("reflashed")),
        heard=heard,
        alive=heard,
        contact=Contact.SILENT,
        contact_since=heard,
        added=entry.get("added") is True,
        watched=True,
        # Before there was this field all keys went to whatever was watched.
        approved=entry.get("approved", True) is True,
        user=_text(entry.get("user"), 32),
    )


def _endpoints(pairs: list[Any]) -> Iterable[Endpoint]:
    for pair in pairs[:4]:
        match pair:
            case [str(address), int(port)] if 0 < port < 65536:
                try:
                    place = parse_place(address)
                except BadAddress:
                    continue
                if isinstance(place, Endpoint):
                    yield Endpoint(place.address, port)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object, limit: int = 160) -> str:
    return clean_text(value, limit) if isinstance(value, str) else ""


def _number(value: object) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) if usable and isinstance(value, int | float) else 0.0
