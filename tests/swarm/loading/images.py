"""Small images for tests: OCI layouts of a few files, in a folder."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def layout(folder: Path, *, architecture: str = "amd64", layers: Sequence[bytes] = ()) -> Path:
    """A layout of an image whose layers hold a file each, of these contents."""
    (folder / "blobs/sha256").mkdir(parents=True)
    tars = [_layer(f"file{number}", content) for number, content in enumerate(layers)]
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _kept(folder, json.dumps(config).encode(), "image.config.v1+json"),
        # The same bytes at any time, or one layer in two images is two layers.
        "layers": [
            _kept(folder, gzip.compress(tar, mtime=0), "image.layer.v1.tar+gzip") for tar in tars
        ],
    }
    entry = _kept(folder, json.dumps(manifest).encode(), "image.manifest.v1+json")
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return folder


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def noise(size: int) -> bytes:
    """Bytes that no packing makes less of."""
    return os.urandom(size)


def _layer(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _kept(folder: Path, content: bytes, kind: str) -> dict[str, Any]:
    digest = digest_of(content)
    (folder / "blobs/sha256" / digest.partition(":")[2]).write_bytes(content)
    return {
        "mediaType": f"application/vnd.oci.{kind}",
        "digest": digest,
        "size": len(content),
    }
