"""Debian's docker-registry for tests, on the loopback of a test daemon's own network namespace.

Docker takes a registry on 127.0.0.1 without TLS, so that no daemon needs a setting for it.
"""

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.dockerd import IMAGE, NAMESPACES, Dockerd
from tests.needs import need
from tests.waiting import wait_until

HOST = "127.0.0.1:5000"
INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
_START_SECONDS = 20
_AMD = ({"architecture": "amd64", "os": "linux"}, {"architecture": "unknown", "os": "unknown"})


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that answers at `HOST` inside the namespace of the daemon `beside`."""

    beside: Dockerd
    process: "subprocess.Popen[bytes]"

    def push(self, image: str, name: str, *, platforms: Sequence[dict[str, str]] = ()) -> str:
        """Pushes an image of the daemon's under a name such as squarm-solver:1; its reference.

        With `platforms` the name leads to an index with an entry for each, all the same image.
        """
        api = self.beside.api()
        reference = f"{HOST}/{name}"
        api.tag(image, f"{HOST}/{name.partition(':')[0]}", name.partition(":")[2])
        errors = [line for line in api.push(reference, stream=True, decode=True) if "error" in line]
        assert not errors, errors
        if platforms:
            self._put_index(name, platforms)
        api.remove_image(reference)
        return reference

    def sign(self, name: str, digest: str, key: ec.EllipticCurvePrivateKey) -> None:
        """Puts a signature beside an image, as `cosign sign --key` does."""
        critical = {
            "identity": {"docker-reference": f"{HOST}/{name}"},
            "image": {"docker-manifest-digest": digest},
            "type": "cosign container image signature",
        }
        payload = json.dumps({"critical": critical, "optional": None}).encode()
        signature = base64.b64encode(key.sign(payload, ec.ECDSA(hashes.SHA256()))).decode()
        layer = self._put_blob(name, payload)
        layer["mediaType"] = "application/vnd.dev.cosign.simplesigning.v1+json"
        layer["annotations"] = {"dev.cosignproject.cosign/signature": signature}
        config = self._put_blob(name, b"{}")
        config["mediaType"] = "application/vnd.oci.image.config.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": OCI, "config": config, "layers": [layer]}
        tag = f"{digest.replace(':', '-')}.sig"
        self._curl("--request", "PUT", "--header", f"Content-Type: {OCI}", "--data-binary",
                   json.dumps(manifest), f"http://{HOST}/v2/{name}/manifests/{tag}")  # fmt: skip

    def stop(self) -> None:
        """As if the registry's machine were off."""
        self.process.terminate()
        self.process.wait()

    def _put_index(self, name: str, platforms: Sequence[dict[str, str]]) -> None:
        repository, _, tag = name.partition(":")
        url = f"http://{HOST}/v2/{repository}/manifests/{tag}"
        manifest = self._curl("--header", f"Accept: {MANIFEST}", url)
        entry = {
            "mediaType": MANIFEST,
            "size": len(manifest),
            "digest": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
        }
        entries: list[Any] = [{**entry, "platform": platform} for platform in platforms]
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        self._curl("--request", "PUT", "--header", f"Content-Type: {INDEX}",
                   "--data-binary", json.dumps(index), url)  # fmt: skip

    def _put_blob(self, name: str, content: bytes) -> dict[str, Any]:
        """Its descriptor, but for the media type."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        begun = self._curl("--request", "POST", "--output", "/dev/null",
                           "--write-out", "%header{location}",
                           f"http://{HOST}/v2/{name}/blobs/uploads/")  # fmt: skip
        url = f"{begun.decode()}&digest={digest}"
        self._curl("--request", "PUT", "--header", "Content-Type: application/octet-stream",
                   "--data-binary", content.decode(), url)  # fmt: skip
        return {"digest": digest, "size": len(content)}

    def _curl(self, *arguments: str) -> bytes:
        return subprocess.run(
            [*inside(self.beside), "curl", "--silent", "--fail", "--show-error", *arguments],
            check=True,
            capture_output=True,
        ).stdout


def push_another(to: Registry, name: str, entrypoint: str = "") -> None:
    """Pushes the solver's image, each time another, as an index; with another `entrypoint`."""
    api = to.beside.api()
    lines = [f"FROM {IMAGE}", f"LABEL made={time.time_ns()}"]
    lines += [f"ENTRYPOINT {entrypoint}"] if entrypoint else []
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        body = "\n".join(lines).encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    archive.seek(0)
    said = list(
        api.build(fileobj=archive, custom_context=True, tag="squarm-made:1", rm=True, decode=True)
    )
    assert not [line for line in said if "error" in line]
    to.push("squarm-made:1", name, platforms=_AMD)
    api.remove_image("squarm-made:1")


@contextmanager
def registry(beside: Dockerd, folder: Path) -> Iterator[Registry]:
    """A registry that is ready; it keeps what is pushed in `folder`, which others may share."""
    if shutil.which("docker-registry") is None:
        need("docker-registry is not installed (Debian: docker-registry)")
    folder.mkdir(exist_ok=True)
    settings = folder / "config.yml"
    settings.write_text(
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "error"},
                "storage": {"filesystem": {"rootdirectory": str(folder / "kept")}},
                "http": {"addr": HOST, "secret": "of a test"},
            }
        )
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *inside(beside), "docker-registry", "serve",
             str(settings)],
            stdout=log,
            stderr=log,
        )  # fmt: skip
    running = Registry(beside, process)

    def answers() -> bool:
        assert process.poll() is None, (folder / "log").read_text()
        return _answers(running)

    try:
        wait_until(answers, _START_SECONDS, (folder / "log").read_text)
        yield running
    finally:
        running.stop()


def _answers(running: Registry) -> bool:
    time.sleep(0.05)
    try:
        running._curl(f"http://{HOST}/v2/")
    except subprocess.CalledProcessError:
        return False
    return True


def inside(beside: Dockerd) -> list[str]:
    """What goes before a command to run it where the registry is reached."""
    return ["nsenter", f"--net={NAMESPACES / beside.name}"]
