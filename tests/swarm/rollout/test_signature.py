"""A key that images must be signed with: what of cosign's forms counts, and what never does."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from base.errors import UsageError
from swarm.docker.rollout import state
from swarm.docker.rollout.history import events
from swarm.docker.rollout.signature import Signed, key_of, not_signed, tag_of
from swarm.docker.rollout.state import Release, Rollout
from tests.examples import examples

NAME = "ghcr.io/me/squarm-solver:latest"
DIGEST, OTHER = (f"sha256:{digit * 64}" for digit in "ab")
OURS, THEIRS = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


def public(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


KEY = key_of(public(OURS))


def payload(digest: str, kind: str = "cosign container image signature") -> bytes:
    """As cosign writes it."""
    critical = {
        "identity": {"docker-reference": "ghcr.io/me/squarm-solver"},
        "image": {"docker-manifest-digest": digest},
        "type": kind,
    }
    return json.dumps({"critical": critical, "optional": None}).encode()


def signed(body: bytes, key: ec.EllipticCurvePrivateKey = OURS) -> Signed:
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    return Signed(body, base64.b64encode(signature).decode())


def test_what_its_key_has_signed_counts_also_beside_what_others_have() -> None:
    good = signed(payload(DIGEST))
    assert not_signed(KEY, DIGEST, [good]) == ""
    nonsense = Signed(b"", "!")
    assert not_signed(KEY, DIGEST, [nonsense, signed(payload(DIGEST), THEIRS), good]) == ""
    assert tag_of(DIGEST) == f"sha256-{'a' * 64}.sig"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "not signed"),
        ([signed(payload(DIGEST), THEIRS)], "another key"),
        ([Signed(payload(DIGEST), "")], "wrongly"),
        ([replace(signed(payload(OTHER)), payload=payload(DIGEST))], "wrongly"),
        ([signed(payload(OTHER))], "of another image"),
        ([signed(payload(DIGEST, "atomic container signature"))], "of another image"),
        ([signed(DIGEST.encode())], "of another image"),
    ],
)
def test_what_is_not_signed_so_does_not_count(found: list[Signed], said: str) -> None:
    assert said in not_signed(KEY, DIGEST, found)


@pytest.mark.parametrize("key", ["nonsense", "", base64.b64encode(b"nonsense").decode()])
def test_where_the_swarm_s_key_makes_no_sense_nothing_counts(key: str) -> None:
    assert "no sense" in not_signed(key, DIGEST, [signed(payload(DIGEST))])


def test_a_key_is_that_of_cosign_or_refused() -> None:
    der = base64.b64decode(KEY)
    told = Rollout(NAME, key=KEY).signer
    assert hashlib.sha256(der).hexdigest().startswith(told)
    secret = OURS.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(UsageError, match="private key"):
        key_of(secret)
    for other in (
        b"nonsense",
        public(ec.generate_private_key(ec.SECP384R1())),
        public(ed25519.Ed25519PrivateKey.generate()),
    ):
        with pytest.raises(UsageError, match="P-256"):
            key_of(other)


def test_what_is_not_signed_is_refused_until_it_is() -> None:
    begun = state.followed(NAME, KEY)
    release = Release(DIGEST)
    assert begun.must_be_signed(DIGEST)
    refused = state.seen(begun, release, unsigned="It is not signed.")
    assert refused.target is None
    assert refused.refused == state.RefusedDigest(DIGEST, "It is not signed.", unsigned=True)
    assert [event for event, *_ in events(Rollout(), refused)] == [
        "followed",
        "to be signed",
        "refused",
    ]
    # It may be signed after it was pushed: it is looked at again, and told of once.
    assert refused.must_be_signed(DIGEST)
    assert state.seen(refused, release, unsigned="It is not signed.") == refused
    assert state.read(state.labels_of(refused)) == refused
    rolled = state.seen(refused, release)
    assert (rolled.target, rolled.refused) == (release, None)
    assert not rolled.must_be_signed(DIGEST)
    # What has failed its test is not tried again, signed or not.
    failed = state.given_up(rolled, state.RefusedDigest(DIGEST, "On w1: it fails."))
    assert state.seen(failed, release) == failed


def test_a_key_outlives_the_name_that_is_followed_and_what_was_noted_before_it_counts_no_more() -> (
    None
):
    labels = state.labels_of(replace(state.followed(NAME, KEY), current=Release(DIGEST)))
    assert state.read({**labels, "squarm.image.follow": "pi:5000/solver:1"}) == state.followed(
        "pi:5000/solver:1", KEY
    )
    assert state.read({**labels, "squarm.image.key": ""}) == state.followed(NAME)
    assert state.read({**labels, "squarm.image": "{"}) == state.followed(NAME, KEY)


@examples(200)
@given(st.binary(max_size=200), st.binary(max_size=80) | st.text(max_size=20).map(str.encode))
def test_no_payload_and_no_signature_crash_it(body: bytes, signature: bytes) -> None:
    found = [Signed(body, signature.decode("latin-1")), signed(body)]
    assert not_signed(KEY, DIGEST, found)
