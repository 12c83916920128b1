"""Finds out which of the swarm's ports a firewall keeps closed: `listen` here, `ask` from there."""

import socket
import sys
import threading

SECONDS = 40
PORTS = ((7946, "tcp"), (7946, "udp"), (4789, "udp"))
GREETING = b"squarm"


def listen(address: str) -> None:
    """Answers on each port until its time is over; one that is in use is left alone."""
    threads = [
        threading.Thread(target=answer, args=(address, *port), daemon=True) for port in PORTS
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS / len(PORTS))


def answer(address: str, port: int, kind: str) -> None:
    """Greets whoever comes, at any address of the same kind."""
    with open_socket(address, kind) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("", port))
        server.settimeout(SECONDS)
        while True:
            if kind == "udp":
                _, sender = server.recvfrom(64)
                server.sendto(GREETING, sender)
                continue
            server.listen()
            with server.accept()[0] as connection:
                connection.sendall(GREETING)


def ask(address: str) -> None:
    """Prints the ports that do not answer."""
    print(", ".join(f"{port}/{kind}" for port, kind in PORTS if not answers(address, port, kind)))


def answers(address: str, port: int, kind: str) -> bool:
    """Whether it greets."""
    # UDP may lose a packet; a listener may still be starting.
    return any(answers_once(address, port, kind) for _ in range(4))


def answers_once(address: str, port: int, kind: str) -> bool:
    """Whether it greets at the first try."""
    with open_socket(address, kind) as client:
        client.settimeout(1.5)
        try:
            client.connect((address, port))
            if kind == "udp":
                client.send(GREETING)
            return client.recv(64) == GREETING
        except OSError:
            threading.Event().wait(0.5)
            return False


def open_socket(address: str, kind: str) -> socket.socket:
    """A new socket for an address of IPv4 or IPv6, tcp or udp."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)


if sys.argv[1] == "listen":
    listen(sys.argv[2])
else:
    ask(sys.argv[2])
