"""Whether an image is signed with a key: what cosign keeps beside it in the registry.

Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from base.errors import MALFORMED, UsageError

ANNOTATION = "dev.cosignproject.cosign/signature"
"""Of a layer of the manifest that has an image's signatures: that of the layer's bytes."""
_KIND = "cosign container image signature"


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody has signed, byte for byte, and the signature, in base64 as it was found."""

    payload: bytes
    signature: str


def tag_of(digest: str) -> str:
    """The tag under which the signatures of an image lie beside it."""
    return f"{digest.replace(':', '-')}.sig"


def key_of(pem: bytes) -> str:
    """A public key as the swarm keeps it, from the file that cosign writes.

    Raises UsageError for what is no such key.
    """
    if b"PRIVATE KEY" in pem:
        raise UsageError(
            "That is a private key, which is for whoever signs: name the public one, cosign.pub."
        )
    try:
        key = load_pem_public_key(pem)
    except (*MALFORMED, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UsageError(
            "That is no public key (PEM, ECDSA P-256) as cosign generate-key-pair writes it."
        )
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def not_signed(key: str, digest: str, found: Iterable[Signed]) -> str:
    """Why an image does not count as signed with a key, in a sentence; '' where it does."""
    try:
        public = load_der_public_key(base64.b64decode(key, validate=True))
    except (*MALFORMED, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return "The swarm's key for signatures makes no sense."
    found = tuple(found)
    if not found:
        return "It is not signed."
    ours = [one.payload for one in found if _verified(public, one)]
    if not ours:
        return "It is signed wrongly, or with another key than the swarm's."
    if digest not in map(_signed_digest, ours):
        return "Its signature is that of another image."
    return ""


def _verified(key: ec.EllipticCurvePublicKey, signed: Signed) -> bool:
    try:
        signature = base64.b64decode(signed.signature, validate=True)
        key.verify(signature, signed.payload, ec.ECDSA(SHA256()))
    except (*MALFORMED, InvalidSignature):
        return False
    return True


def _signed_digest(payload: bytes) -> str:
    """The digest of the image that a payload is about; '' where it is none of cosign's."""
    try:
        critical = json.loads(payload)["critical"]
        return str(critical["image"]["docker-manifest-digest"]) if critical["type"] == _KIND else ""
    except MALFORMED:
        return ""
