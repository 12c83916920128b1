"""What new jobs run from, and what is on its way: kept in the swarm, so that all consoles agree.

It is the swarm's label `squarm.image`, as JSON. `squarm.image.follow` beside it names the image in
its registry; it is a label of its own, for the playbooks set it, too, and so is `squarm.image.key`,
which outlives that. What was noted under another name or key than those of now counts no more.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from base.errors import MALFORMED
from base.text import clean_text
from swarm.docker.images import FOLLOWED, KEY, LOADED_MARK, Image
from swarm.docker.rollout import blobs
from swarm.docker.rollout.blobs import Blob, Platform, platform_of

NOTED = "squarm.image"
LOADED = "127.0.0.1:5099/squarm-solver"
"""The name of images that are loaded from a file. Each node pulls them from its own loopback, while
they are loaded: to all but the one that is loaded, the port is dead."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NODE = re.compile(r"[a-z0-9]{1,64}")
_PLATFORM = re.compile(r"[a-z0-9]{1,16}/[a-z0-9_]{1,16}")
_WORDS = 400
"""Characters of a reason that are kept."""


@dataclass(frozen=True, slots=True)
class Release:
    """What a registry had under the followed name: its digest, and what it is made for.

    `tested`: ids of the nodes on which its self-test has passed. `blobs`: what travels of it, where
    its registry told. `loaded`: from a file, so that it is in no registry.
    """

    digest: str
    platforms: tuple[Platform, ...] = ()
    tested: frozenset[str] = frozenset()
    blobs: Mapping[Platform, tuple[Blob, ...]] = field(default_factory=dict)
    loaded: bool = False

    @property
    def mark(self) -> str:
        """The label of a node that has it, where it was loaded."""
        return f"{LOADED_MARK}{self.digest.partition(':')[2][:12]}"

    def fits(self, platform: str) -> bool:
        """Whether a node of a platform such as linux/arm/v7 can run it."""
        return not self.platforms or platform_of(platform) in self.platforms

    def beyond(self, platform: str, others: Iterable["Release"]) -> int | None:
        """Bytes that a node of a platform lacks of it, which has these others; None: not known."""
        placed = platform_of(platform)
        wanted = self.blobs.get(placed)
        if not wanted:
            return None
        there = {blob.digest for other in others for blob in other.blobs.get(placed, ())}
        return sum(blob.size for blob in wanted if blob.digest not in there)

    @property
    def made_for(self) -> str:
        """Its platforms, for a sentence."""
        return ", ".join("/".join(platform) for platform in self.platforms) or "any platform"


@dataclass(frozen=True, slots=True)
class RefusedDigest:
    """A digest that is not to be rolled out by itself, and why.

    `node`: the id of the one on which it failed, '' where that was none's doing. `unsigned`: for
    want of a signature, which may come later than the image.
    """

    digest: str
    why: str
    node: str = ""
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Rollout:
    """New jobs run from `current`, once there is one; `target` is being tested node by node.

    `pinned`: what the registry has under the followed name is of no interest. `cleaned`: ids of the
    nodes that hold no older image than `previous`. `full`: in a sentence, by id, why an image does
    not fit on a node: it pulls none. `insisted`: a person wants `target` whatever the room. `key`:
    what an image of the registry must be signed with; '' for nothing.
    """

    follow: str = ""
    current: Release | None = None
    previous: Release | None = None
    target: Release | None = None
    refused: RefusedDigest | None = None
    pinned: bool = False
    cleaned: frozenset[str] = frozenset()
    full: Mapping[str, str] = field(default_factory=dict)
    insisted: bool = False
    key: str = ""

    @property
    def signer(self) -> str:
        """The beginning of the SHA-256 of the key, in DER, by which people compare it."""
        try:
            return hashlib.sha256(base64.b64decode(self.key, validate=True)).hexdigest()[:16]
        except ValueError:
            return "that makes no sense"

    def must_be_signed(self, digest: str) -> bool:
        """Whether a signature of the registry's image is to be looked for, and was not before."""
        known = [one.digest for one in (self.current, self.target) if one and not one.loaded]
        if self.refused is not None and not self.refused.unsigned:
            known.append(self.refused.digest)
        return bool(self.key) and digest not in known

    @property
    def empty(self) -> bool:
        """Whether jobs run from what nodes were given by hand, and will."""
        return not (self.follow or self.current or self.target)

    @property
    def image(self) -> Image | None:
        """What a new job runs from; None where nothing was rolled out yet."""
        if self.current is None:
            return None
        return self.image_of(self.current)

    def to_pull(self, node: str, platform: str) -> int | None:
        """Bytes at most that a node, by its id, has still to pull of what is rolled out.

        None where the registry did not tell.
        """
        release = self.target or self.current
        if release is None or node in release.tested:
            return 0
        others = (self.current, self.previous)
        return release.beyond(platform, [one for one in others if one and node in one.tested])

    def image_of(self, release: Release) -> Image:
        """A release as a service names it."""
        placed = [{"OS": system, "Architecture": name} for system, name in release.platforms]
        name = LOADED if release.loaded else self.follow.partition("@")[0]
        having = (f"node.labels.{release.mark}==yes",) if release.loaded else ()
        return Image(f"{name}@{release.digest}", tuple(placed), having)


def followed(name: str, key: str = "") -> Rollout:
    """The beginning of following a name, signed with a key: nothing of another counts."""
    return Rollout(name, key=key)


def seen(
    rollout: Rollout,
    release: Release,
    *,
    asked: bool = False,
    insisted: bool = False,
    unsigned: str = "",
) -> Rollout:
    """The registry has `release` under the followed name: it becomes the target if it is new.

    `asked`: a person wants it, though it was refused before, or another is pinned; `insisted`: and
    though room is scarce. `unsigned`: why it does not count as signed, where it must be.
    """
    if asked:
        full = {} if insisted else rollout.full
        rollout = replace(rollout, pinned=False, refused=None, full=full, insisted=insisted)
    known = (rollout.current, rollout.target)
    there = [one for one in known if one is not None]
    kept = rollout.pinned or (not asked and any(one.loaded for one in there))
    if kept or release.digest in [one.digest for one in there]:
        current, target = (_sized(one, release) for one in known)
        return replace(rollout, current=current, target=target)
    if unsigned:
        return replace(rollout, refused=RefusedDigest(release.digest, unsigned, unsigned=True))
    refused = rollout.refused
    if refused is not None and refused.digest == release.digest and not refused.unsigned:
        return rollout
    former = rollout.previous
    if former is not None and former.digest == release.digest:
        release = replace(release, tested=former.tested)
    return replace(rollout, target=release, refused=None, insisted=insisted)


def _sized(known: Release | None, release: Release) -> Release | None:
    """A release with its size, which its registry may not have told before."""
    if known is None or known.digest != release.digest or known.blobs:
        return known
    return replace(known, blobs=release.blobs)


def measured(rollout: Rollout, found: Mapping[str, str]) -> Rollout:
    """Why an image does not fit on nodes, by id; '' for those on which it does."""
    if rollout.insisted:
        return rollout
    full = {node: why for node, why in {**rollout.full, **found}.items() if why}
    return replace(rollout, full=full)


def pinned(rollout: Rollout, release: Release, *, insisted: bool = False) -> Rollout:
    """Stay with one release, whatever the registry has; it is tested as any other."""
    return replace(seen(rollout, release, asked=True, insisted=insisted), pinned=True)


def loaded(rollout: Rollout, release: Release, full: Mapping[str, str]) -> Rollout:
    """Stay with a release that is being loaded; `full`: why nodes pull none, by id.

    The one that jobs run from may be loaded once more, for nodes that were away.
    """
    now = rollout.current
    if now is not None and now.loaded and now.digest == release.digest:
        release = replace(release, tested=now.tested)
    return replace(rollout, target=release, refused=None, full=dict(full), insisted=True)


def broken_off(rollout: Rollout, digest: str) -> Rollout:
    """A release is loaded no more; as it is where that is not under way.

    Where it was loaded once more, for nodes that were away, some may have it now.
    """
    target, now = rollout.target, rollout.current
    if target is None or not target.loaded or target.digest != digest:
        return rollout
    if now is not None and now.digest == digest:
        return replace(rollout, current=target, target=None, full={}, insisted=False)
    return given_up(rollout, RefusedDigest(digest, "Loading it was broken off."))


def given_up(rollout: Rollout, refused: RefusedDigest) -> Rollout:
    """The target is refused: what held nodes up, or was insisted on, for its sake is over."""
    full = {} if rollout.target is not None and rollout.target.loaded else rollout.full
    return replace(rollout, target=None, refused=refused, full=full, insisted=False)


def cleaned(rollout: Rollout, node: str, seen_: Rollout) -> Rollout:
    """A node holds nothing older than what `seen_` has, unless more has been rolled out since."""
    if (rollout.current, rollout.previous) != (seen_.current, seen_.previous):
        return rollout
    return replace(rollout, cleaned=rollout.cleaned | {node})


def rolled_back(rollout: Rollout) -> Rollout:
    """New jobs run from what they ran from before; nothing is pulled. As it is where nothing was.

    What is left behind, or was under way, is not rolled out again by itself.
    """
    left = rollout.target or rollout.current
    back = rollout.current if rollout.target else rollout.previous
    if left is None or back is None:
        return rollout
    return replace(
        rollout,
        current=back,
        previous=rollout.previous if rollout.target else rollout.current,
        target=None,
        refused=RefusedDigest(left.digest, "It was rolled back."),
        full={} if left.loaded else rollout.full,
        insisted=False,
    )


def read(labels: Mapping[str, str]) -> Rollout:
    """The rollout that a swarm's labels tell of; what makes no sense in them is as if not there."""
    follow = clean_text(labels.get(FOLLOWED, ""), 300)
    key = clean_text(labels.get(KEY, ""), 300)
    nothing = followed(follow, key)
    try:
        body = json.loads(labels.get(NOTED, "{}"))
        noted = (body.get("follow", ""), body.get("key", ""))
        if noted != (follow, key):
            return nothing
        return Rollout(
            follow,
            _release(body.get("current")),
            _release(body.get("previous")),
            _release(body.get("target")),
            _refused(body.get("refused")),
            body.get("pinned") is True,
            frozenset(_matching(_NODE, node) for node in body.get("cleaned", ())),
            {
                _matching(_NODE, node): clean_text(str(why), _WORDS)
                for node, why in body.get("full", {}).items()
            },
            body.get("insisted") is True,
            key,
        )
    except MALFORMED:
        return nothing


def labels_of(rollout: Rollout) -> dict[str, str]:
    """The labels by which a rollout is read again."""
    body = {
        "follow": rollout.follow,
        "current": _body(rollout.current),
        "previous": _body(rollout.previous),
        "target": _body(rollout.target),
        "refused": _refused_body(rollout.refused),
        "pinned": rollout.pinned,
        "cleaned": sorted(rollout.cleaned),
        "full": dict(rollout.full),
        "insisted": rollout.insisted,
        "key": rollout.key,
    }
    kept = {key: value for key, value in body.items() if value}
    noted = json.dumps(kept, separators=(",", ":"))
    return {FOLLOWED: rollout.follow, KEY: rollout.key, NOTED: noted}


def _body(release: Release | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "digest": release.digest,
        "platforms": ["/".join(platform) for platform in release.platforms],
        "tested": sorted(release.tested),
        "blobs": blobs.body_of(release.blobs),
        "loaded": release.loaded,
    }


def _release(body: Any) -> Release | None:  # noqa: ANN401 - anything may stand there
    if not body:
        return None
    platforms: list[Platform] = []
    for text in body["platforms"]:
        system, _, name = _matching(_PLATFORM, text).partition("/")
        platforms.append((system, name))
    tested = frozenset(_matching(_NODE, node) for node in body["tested"])
    return Release(
        _digest(body["digest"]),
        tuple(platforms),
        tested,
        blobs.read(body.get("blobs")),
        body.get("loaded") is True,
    )


def _refused_body(refused: RefusedDigest | None) -> dict[str, Any] | None:
    if refused is None:
        return None
    told = {**asdict(refused), "why": refused.why[:_WORDS]}
    return {key: value for key, value in told.items() if value}


def _refused(body: Any) -> RefusedDigest | None:  # noqa: ANN401 - anything may stand there
    if not body:
        return None
    node = _matching(_NODE, body["node"]) if "node" in body else ""
    why = clean_text(str(body.get("why", "")), _WORDS)
    return RefusedDigest(_digest(body["digest"]), why, node, body.get("unsigned") is True)


def _digest(text: object) -> str:
    return _matching(_DIGEST, text)


def _matching(form: re.Pattern[str], text: object) -> str:
    if not isinstance(text, str) or not form.fullmatch(text):
        raise ValueError(text)
    return text
