"""What a Pi's loop printed, as facts and samples. Pure; every byte of it may be a lie.

Counters are differences between two readings, made here. A value that cannot be read, or makes no
sense, is None: it is shown as unknown, never as zero.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from base.text import clean_text
from fleet.machine import Identity

LINE_LIMIT = 4096
_MOST = 2**62
_TEXT_LIMIT = 120
_CORES = 16
_CARDS = 4
_DRIFT_SECONDS = 0.001
_FASTEST = 20_000_000_000
_NODE = re.compile(r"[0-9a-z]{25}")


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What does not change while a machine runs; '' where unknown, `bits` 0."""

    kernel: str = ""
    os: str = ""
    arch: str = ""
    bits: int = 0


@dataclass(frozen=True, slots=True)
class Throttle:
    """`vcgencmd get_throttled`: what is limited now, and what was since the machine started."""

    bits: int

    @property
    def now(self) -> tuple[str, ...]:
        """What holds at this moment."""
        return _limits(self.bits)

    @property
    def since_boot(self) -> tuple[str, ...]:
        """What has held at some moment since the machine started."""
        return _limits(self.bits >> 16)


@dataclass(frozen=True, slots=True)
class Sample:
    """One second of one machine: sizes in bytes, rates in bytes a second, temperature in Celsius.

    `cpu` and each of `cores`: busy share from 0 to 1 since the sample before. `clock`: the
    processor's, in Hz, as it runs. `skew`: seconds by which its wall clock is ahead of ours.
    `read_only`: whether nothing can be written to the card. `temperature`, `clock` and `throttle`
    are None where the machine has no such thing.
    """

    at: float
    cpu: float | None = None
    cores: tuple[float, ...] = ()
    load: tuple[float, float, float] | None = None
    memory: int | None = None
    memory_used: int | None = None
    swap: int | None = None
    swap_used: int | None = None
    disk: int | None = None
    disk_used: int | None = None
    read_only: bool | None = None
    temperature: float | None = None
    clock: int | None = None
    received: float | None = None
    sent: float | None = None
    uptime: float | None = None
    skew: float | None = None
    throttle: Throttle | None = None
    hostname: str = ""


@dataclass(frozen=True, slots=True)
class Counters:
    """What the next sample is compared to: jiffies (busy, all) by core, bytes by network card.

    `uptime`: the machine's own time, which knows of no stall on the way to us; where it does not
    say, `at` has to do.
    """

    at: float
    uptime: float | None = None
    total: tuple[int, int] | None = None
    cores: tuple[tuple[int, int], ...] = ()
    cards: Mapping[str, tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Meter:
    """What has been read of one machine so far; `take` gives the next.

    `started`: when the machine did, by our time: the earliest that its uptimes have told, since a
    line may come late and never early. `ahead`: of its clock, as the last line on it came in.
    `node`: its id in a swarm, '' outside of one, None where it has not said.
    """

    identity: Identity = field(default_factory=Identity)
    facts: MachineFacts = field(default_factory=MachineFacts)
    occasional: Sample = field(default_factory=lambda: Sample(0.0))
    counters: Counters = field(default_factory=lambda: Counters(0.0))
    sample: Sample | None = None
    started: float | None = None
    ahead: float | None = None
    node: str | None = None

    def take(self, line: bytes, at: float, clock: float) -> "Meter":
        """The meter after one more line; what is no line of ours changes nothing.

        `at`: when it was read, in time that never jumps; `clock`: by the wall clock.
        """
        kind, *fields = line[:LINE_LIMIT].decode("utf-8", "replace").rstrip("\r\n").split("\t")
        match kind:
            case "I":
                return self._fact("\t".join(fields))
            case "X":
                return self._rarely(fields, clock)
            case "S":
                return self._second(fields, at)
        return self

    def _fact(self, said: str) -> "Meter":
        key, _, text = said.partition("=")
        value = clean_text(text, _TEXT_LIMIT).strip().strip("\"'")
        match key:
            case "serial":
                return self._known(serial=_serial(value))
            case "machine":
                return self._known(machine_id=value.lower())
            case "boot":
                return self._known(boot_id=value.lower())
            case "model":
                return self._known(model=value)
            case "host":
                return self._known(hostname=value)
            case "node" if value == "" or _NODE.fullmatch(value):
                return replace(self, node=value)
            case "os":
                return replace(self, facts=replace(self.facts, os=value))
            case "kernel":
                return replace(self, facts=replace(self.facts, kernel=value))
            case "arch":
                return replace(self, facts=replace(self.facts, arch=value))
            case "bits" if value in ("32", "64"):
                return replace(self, facts=replace(self.facts, bits=int(value)))
        return self

    def _known(self, **values: str) -> "Meter":
        return replace(self, identity=replace(self.identity, **values))

    def _rarely(self, fields: list[str], clock: float) -> "Meter":
        values = dict(part.partition("=")[::2] for part in fields)
        now = _whole(values.get("now"))
        return replace(
            self,
            occasional=_occasional(self.occasional, values),
            ahead=self.ahead if now is None else now - clock,
        )

    def _second(self, fields: list[str], at: float) -> "Meter":
        values = dict(part.partition("=")[::2] for part in fields)
        uptime = _decimal(values.get("up"))
        before, started, late = self.counters, self.started, 0.0
        if uptime is not None:
            if started is None or uptime < (before.uptime or 0.0):
                started = at - uptime
            # Clocks run apart by less than a thousandth.
            started = min(started + _DRIFT_SECONDS, at - uptime)
            late = at - uptime - started
        occasional = self.occasional
        if self.ahead is not None:
            # The line on its clock came just before this one, and as late.
            occasional = replace(occasional, skew=self.ahead + late)
        counters = replace(_counters(fields, at), uptime=uptime)
        received, sent = _rates(before, counters)
        memory, available, swap, swap_free = (_kib(text) for text in _parts(values.get("mem"), 4))
        sample = replace(
            occasional,
            at=at,
            cpu=_share(before.total, counters.total),
            cores=_shares(before.cores, counters.cores),
            load=_load(values.get("load")),
            memory=memory,
            memory_used=_difference(memory, available),
            swap=swap,
            swap_used=_difference(swap, swap_free),
            temperature=_temperature(values.get("temp")),
            clock=_running_at(occasional, _clock(values.get("hz"))),
            received=received,
            sent=sent,
            uptime=uptime,
            hostname=clean_text(values.get("host", ""), 64).strip(),
        )
        return replace(
            self,
            counters=counters,
            sample=sample,
            occasional=occasional,
            started=started,
            ahead=None,
        )


_LIMITS = ("under-voltage", "frequency capped", "throttled", "soft temperature limit")


def _limits(bits: int) -> tuple[str, ...]:
    return tuple(name for place, name in enumerate(_LIMITS) if bits >> place & 1)


def _serial(text: str) -> str:
    """A serial number in hexadecimal; '' for none, as machines without one show only zeros."""
    plain = text.lower().strip()
    return plain if plain.strip("0") and plain.isalnum() else ""


def _occasional(before: Sample, values: Mapping[str, str]) -> Sample:
    after = before
    if (text := values.get("thr", "")) and (bits := _hexadecimal(text)) is not None:
        after = replace(after, throttle=Throttle(bits))
    if values.get("root") in ("ro", "rw"):
        after = replace(after, read_only=values["root"] == "ro")
    if "arm" in values:
        hertz = _whole(values["arm"])
        after = replace(after, clock=None if hertz is None or hertz > _FASTEST else hertz)
    if values.get("disk"):
        total, free = (_kib(text) for text in _parts(values["disk"], 2))
        after = replace(after, disk=total, disk_used=_difference(total, free))
    return after


def _counters(fields: list[str], at: float) -> Counters:
    total: tuple[int, int] | None = None
    cores: list[tuple[int, int]] = []
    cards: dict[str, tuple[int, int]] = {}
    for part in fields:
        key, _, text = part.partition("=")
        if key == "c":
            total = _jiffies(text)
        elif key == "C" and len(cores) < _CORES and (core := _jiffies(text)):
            cores.append(core)
        elif key == "net" and len(cards) < _CARDS:
            name, received, sent = _parts(text, 3)
            taken, given = _whole(received), _whole(sent)
            if taken is not None and given is not None:
                cards[name] = (taken, given)
    return Counters(at, None, total, tuple(cores), cards)


def _jiffies(text: str) -> tuple[int, int] | None:
    """Busy and all jiffies of `user,nice,system,idle,iowait,irq,softirq,steal`."""
    numbers = [_whole(part) for part in text.split(",")]
    if len(numbers) != 8:
        return None
    known = [number or 0 for number in numbers]
    if numbers[3] is None:
        return None
    return sum(known) - known[3] - known[4], sum(known)


def _share(before: tuple[int, int] | None, now: tuple[int, int] | None) -> float | None:
    if before is None or now is None or now[1] <= before[1]:
        return None
    return min(1.0, max(0.0, (now[0] - before[0]) / (now[1] - before[1])))


def _shares(
    before: tuple[tuple[int, int], ...], now: tuple[tuple[int, int], ...]
) -> tuple[float, ...]:
    if len(before) != len(now):
        return ()
    # A core that does not count on between two readings slept all the time.
    return tuple(_share(old, new) or 0.0 for old, new in zip(before, now, strict=True))


def _rates(before: Counters, now: Counters) -> tuple[float | None, float | None]:
    """Bytes a second in and out over the cards that both readings have."""
    seconds = now.at - before.at
    if before.uptime is not None and now.uptime is not None:
        seconds = now.uptime - before.uptime
    if not before.cards or not now.cards or seconds <= 0:
        return None, None
    both = [(before.cards[name], card) for name, card in now.cards.items() if name in before.cards]
    # Counters of a card that was reset start again from 0.
    received = sum(max(0, new[0] - old[0]) for old, new in both)
    sent = sum(max(0, new[1] - old[1]) for old, new in both)
    return (received / seconds, sent / seconds) if both else (None, None)


def _parts(text: str | None, count: int) -> list[str]:
    parts = (text or "").split(",")
    return parts if len(parts) == count else [""] * count


def _whole(text: str | None) -> int | None:
    # Python's int() takes signs, underscores and other scripts' digits, and any length.
    if not text or len(text) > 20 or not (text.isascii() and text.isdigit()):
        return None
    value = int(text)
    return value if value < _MOST else None


def _decimal(text: str | None) -> float | None:
    whole, _, part = (text or "").partition(".")
    if _whole(whole) is None or (part and _whole(part) is None):
        return None
    return float(f"{whole}.{part or 0}")


def _hexadecimal(text: str) -> int | None:
    digits = text.removeprefix("0x")
    if not 0 < len(digits) <= 8 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        return None
    return int(digits, 16)


def _kib(text: str) -> int | None:
    value = _whole(text)
    return None if value is None else value * 1024


def _difference(total: int | None, free: int | None) -> int | None:
    return None if total is None or free is None or free > total else total - free


def _load(text: str | None) -> tuple[float, float, float] | None:
    one, five, fifteen = (_decimal(part) for part in _parts(text, 3))
    if one is None or five is None or fifteen is None:
        return None
    return one, five, fifteen


def _temperature(text: str | None) -> float | None:
    """Millidegrees to degrees; None beyond what a board can be in while it runs."""
    sign, digits = (-1, text[1:]) if text and text.startswith("-") else (1, text)
    value = _whole(digits)
    if value is None or value > 150_000:
        return None
    return sign * value / 1000


def _running_at(measured: Sample, asked_for: int | None) -> int | None:
    """The processor's clock: as the firmware measured it, else what the kernel asked for.

    The kernel does not know when the firmware throttles: then what it asked for says nothing.
    """
    if measured.clock is not None:
        return measured.clock
    slowed = measured.throttle is not None and set(measured.throttle.now) & set(_LIMITS[1:])
    return None if slowed else asked_for


def _clock(text: str | None) -> int | None:
    value = _whole(text)
    return None if value is None or value * 1000 > _FASTEST else value * 1000
