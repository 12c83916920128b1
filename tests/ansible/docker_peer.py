"""A Docker daemon as its HTTP API shows it: what some system's Docker answers, on a socket."""

import io
import json
import socketserver
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(slots=True)
class DockerPeer:
    """What it says of itself: `arch` as in `docker version`, and `images` by name.

    `refuses`: why it builds nothing; `saved`: what it saves; `loaded`: what there is after a
    `docker load`; `came`: the archives that it was given, of which it takes none without `needs`.
    `node`: its id in a swarm; `labels`: those of the nodes it manages, by id, and `updates` how
    often they were set.
    """

    arch: str
    images: dict[str, dict[str, object]] = field(default_factory=dict)
    refuses: str = ""
    loaded: dict[str, dict[str, object]] = field(default_factory=dict)
    came: list[bytes] = field(default_factory=list)
    needs: str = ""
    saved: bytes = b"an image's layers"
    node: str = ""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    updates: int = 0

    def answer(self, method: str, path: str, sent: bytes) -> tuple[int, object]:
        """The status and the body for a request; bytes go out as they are."""
        _, _, rest = path.strip("/").partition("/")
        if path.endswith("/version"):
            kernel = {"arm": "aarch64", "arm64": "aarch64"}.get(self.arch, self.arch)
            said = {"Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24"}
            return 200, {**said, "Arch": self.arch, "Os": "linux", "KernelVersion": kernel}
        if path.endswith("/info"):
            swarm = {"NodeID": self.node, "ControlAvailable": bool(self.labels)}
            return 200, {"Architecture": "aarch64", "MemTotal": 7_900 << 20, "Swarm": swarm}
        if rest == "swarm":
            return 200, {"ID": "s1"}
        if rest == "nodes":
            return 200, [self._answer_node(node, b"")[1] for node in self.labels]
        if rest.startswith("nodes/"):
            return self._answer_node(rest.split("/")[1], sent)
        if rest == "build" and method == "POST":
            why = {"message": self.refuses}
            return 200, json.dumps({"errorDetail": why, "error": self.refuses}).encode() + b"\r\n"
        if rest == "images/load":
            self.came.append(sent)
            if self.needs and self.needs not in files_of(sent):
                return 200, json.dumps({"stream": f"{self.needs}: not found\n"}).encode()
            self.images |= self.loaded
            said_loaded = "".join(f"Loaded image: {name}\n" for name in self.loaded)
            return 200, json.dumps({"stream": said_loaded}).encode()
        if rest == "images/json":
            return 200, [
                {"Id": said["Id"], "RepoTags": [name]} for name, said in self.images.items()
            ]
        if rest == "images/get":
            return 200, self.saved
        name = unquote(rest).removeprefix("images/")
        wanted = name.removesuffix("/json")
        for called, image in self.images.items():
            if wanted in (called, image["Id"]):
                return 200, image
        return 404, {"message": f"No such image: {wanted}"}

    def _answer_node(self, node: str, sent: bytes) -> tuple[int, object]:
        if sent:
            self.labels[node] = json.loads(sent)["Labels"]
            self.updates += 1
        spec = {"Role": "worker", "Availability": "active", "Labels": self.labels[node]}
        return 200, {
            "ID": node, "Version": {"Index": 1}, "Spec": spec, "Status": {"State": "ready"},
        }  # fmt: skip


def archive(layers: Mapping[str, bytes]) -> bytes:
    """What Docker saves of an image with these layers, by their digests."""
    config = {"rootfs": {"type": "layers", "diff_ids": [f"sha256:{name}" for name in layers]}}
    blobs = [f"blobs/sha256/{name}" for name in layers]
    files = {
        "manifest.json": json.dumps([{"Config": "config.json", "Layers": blobs}]).encode(),
        "config.json": json.dumps(config).encode(),
        **dict(zip(blobs, layers.values(), strict=True)),
    }
    with io.BytesIO() as made:
        with tarfile.open(fileobj=made, mode="w") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return made.getvalue()


def files_of(packed: bytes) -> list[str]:
    """The names of the files in an archive."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return tar.getnames()


@contextmanager
def serving(peer: DockerPeer, socket: Path) -> Iterator[None]:
    """Have it listen on a socket until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            sent = self._sent()
            status, body = peer.answer(self.command, urlsplit(self.path).path, sent)
            said = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Api-Version", "1.45")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_GET = do_POST = do_HEAD = handle_one  # noqa: N815 - http.server's names

        def _sent(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                sent += self.rfile.read(size + 2)[:size]
            self.rfile.readline()
            return sent

        def address_string(self) -> str:
            return "a socket"

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with socketserver.ThreadingUnixStreamServer(str(socket), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
