"""Sends hostile mDNS answers: `python -m tests.fleet.flood ADDRESS RECORDS_PER_SECOND SECONDS`.

Run inside a test's network namespace only: it multicasts from the address that it is given.
"""

import random
import socket
import struct
import sys
import time

GROUP = ("224.0.0.251", 5353)
_PTR, _A, _SRV = 12, 1, 33
_PER_PACKET = 10

LABELS = (
    b"\x1b[2J\x1b]52;c;AAAA\x07",
    b"[bold red]x[/]",
    "raspberrypi\u202egnp.exe".encode(),
    b"\xff\xfe\xc3\x28" * 15,
    b"x" * 63,
    b"a.b\\.c",
    b"",
    b"raspberrypi",
    b"line\nbreak\rtab\t\x00",
    "\U000e0001\u200b\u2066".encode(),
)


def name(*labels: bytes) -> bytes:
    """A name on the wire; a label of no length ends it early, as an attacker's may."""
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\x00"


def record(dice: random.Random, network: bytes) -> bytes:
    """One hostile answer; `network`: the first three bytes of the addresses there."""
    label = dice.choice(LABELS) + str(dice.randrange(100_000)).encode()
    label = label[:63]
    host = name(label, b"local")
    kind = dice.randrange(5)
    if kind == 0:
        long = name(*[dice.randbytes(60) for _ in range(64)])
        return (
            name(b"_ssh", b"_tcp", b"local") + struct.pack("!HHIH", _PTR, 1, 4500, len(long)) + long
        )
    if kind == 1:
        instance = name(
            label + b" [b8:27:eb:00:00:99]"[: 63 - len(label)], b"_workstation", b"_tcp", b"local"
        )
        head = struct.pack("!HHIH", _PTR, 1, 4500, len(instance))
        return name(b"_workstation", b"_tcp", b"local") + head + instance
    if kind == 2:
        body = struct.pack("!HHH", 0, 0, dice.randrange(65536)) + host
        instance = name(label, b"_ssh", b"_tcp", b"local")
        return instance + struct.pack("!HHIH", _SRV, 0x8001, 120, len(body)) + body
    address = network + bytes([dice.randrange(100, 255)]) if kind == 3 else dice.randbytes(4)
    return host + struct.pack("!HHIH", _A, 0x8001, 120, 4) + address


def packet(dice: random.Random, network: bytes) -> bytes:
    """Some answers; now and then the packet is cut or garbled."""
    answers = [record(dice, network) for _ in range(_PER_PACKET)]
    whole = struct.pack("!HHHHHH", 0, 0x8400, 0, len(answers), 0, 0) + b"".join(answers)
    match dice.randrange(10):
        case 0:
            return whole[: dice.randrange(12, len(whole))]
        case 1:
            place = dice.randrange(len(whole))
            return whole[:place] + dice.randbytes(8) + whole[place + 8 :]
    return whole


def main(address: str, rate: int, seconds: float) -> None:
    """Send until the time is over."""
    dice = random.Random(1)  # noqa: S311 - the same flood each time
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    sender.bind((address, GROUP[1]))
    inside = socket.inet_aton(address)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, inside)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sender.sendto(packet(dice, inside[:3])[:8900], GROUP)
        time.sleep(_PER_PACKET / rate)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
