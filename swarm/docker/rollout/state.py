"""What new jobs run from, and what is on its way: kept in the swarm, so that all consoles agree.

It is the swarm's label `squarm.image`, as JSON. `squarm.image.follow` beside it names the image in
its registry; it is a label of its own, for the playbooks set it, too. What was noted under another
name than the one that is followed now counts no more.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from base.errors import MALFORMED
from base.text import clean_text
from swarm.docker.images import FOLLOWED, Image

NOTED = "squarm.image"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NODE = re.compile(r"[a-z0-9]{1,64}")
_PLATFORM = re.compile(r"[a-z0-9]{1,16}/[a-z0-9_]{1,16}")
_WORDS = 400
"""Characters of a reason that are kept."""

Platform: TypeAlias = tuple[str, str]
"""Operating system and architecture, as Swarm compares them: ("linux", "armv7l")."""


@dataclass(frozen=True, slots=True)
class Release:
    """What a registry had under the followed name: its digest, and what it is made for.

    `tested`: ids of the nodes on which its self-test has passed.
    """

    digest: str
    platforms: tuple[Platform, ...] = ()
    tested: frozenset[str] = frozenset()

    def fits(self, platform: str) -> bool:
        """Whether a node of a platform such as linux/arm/v7 can run it."""
        system, _, architecture = platform.partition("/")
        named = {"arm/v7": "armv7l", "arm/v6": "armv6l"}.get(architecture, architecture)
        return not self.platforms or (system, named) in self.platforms

    @property
    def made_for(self) -> str:
        """Its platforms, for a sentence."""
        return ", ".join("/".join(platform) for platform in self.platforms) or "any platform"


@dataclass(frozen=True, slots=True)
class Refused:
    """A digest that is not to be rolled out by itself, and why.

    `node`: the id of the one on which it failed, '' where that was none's doing.
    """

    digest: str
    why: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """New jobs run from `current`, once there is one; `target` is being tested node by node.

    `pinned`: what the registry has under the followed name is of no interest. `cleaned`: ids of the
    nodes that hold no older image than `previous`. `full`: in a sentence, by id, why an image does
    not fit on a node: it pulls none. `insisted`: a person wants `target` all the same.
    """

    follow: str = ""
    current: Release | None = None
    previous: Release | None = None
    target: Release | None = None
    refused: Refused | None = None
    pinned: bool = False
    cleaned: frozenset[str] = frozenset()
    full: Mapping[str, str] = field(default_factory=dict)
    insisted: bool = False

    @property
    def image(self) -> Image | None:
        """What a new job runs from; None where nothing was rolled out yet."""
        if self.current is None:
            return None
        return self.image_of(self.current)

    def image_of(self, release: Release) -> Image:
        """A release as a service names it."""
        placed = [{"OS": system, "Architecture": name} for system, name in release.platforms]
        return Image(f"{self.follow.partition('@')[0]}@{release.digest}", tuple(placed))


def followed(name: str) -> Rollout:
    """The beginning of following a name: nothing of another counts."""
    return Rollout(name)


def seen(rollout: Rollout, release: Release, *, asked: bool = False) -> Rollout:
    """The registry has `release` under the followed name: it becomes the target if it is new.

    `asked`: a person wants it, though it was refused before, another is pinned, or room is scarce.
    """
    if asked:
        rollout = replace(rollout, pinned=False, refused=None, full={}, insisted=True)
    known = (rollout.current, rollout.target)
    if rollout.pinned or release.digest in [one.digest for one in known if one is not None]:
        return rollout
    if rollout.refused is not None and rollout.refused.digest == release.digest:
        return rollout
    former = rollout.previous
    if former is not None and former.digest == release.digest:
        release = replace(release, tested=former.tested)
    return replace(rollout, target=release, refused=None, insisted=asked)


def measured(rollout: Rollout, found: Mapping[str, str]) -> Rollout:
    """Why an image does not fit on nodes, by id; '' for those on which it does."""
    if rollout.insisted:
        return rollout
    full = {node: why for node, why in {**rollout.full, **found}.items() if why}
    return replace(rollout, full=full)


def pinned(rollout: Rollout, release: Release) -> Rollout:
    """Stay with one release, whatever the registry has; it is tested as any other."""
    return replace(seen(rollout, release, asked=True), pinned=True)


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
        refused=Refused(left.digest, "It was rolled back."),
    )


def read(labels: Mapping[str, str]) -> Rollout:
    """The rollout that a swarm's labels tell of; what makes no sense in them is as if not there."""
    follow = clean_text(labels.get(FOLLOWED, ""), 300)
    try:
        body = json.loads(labels.get(NOTED, "{}"))
        if not isinstance(body, dict) or body.get("follow") != follow:
            return Rollout(follow)
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
        )
    except MALFORMED:
        return Rollout(follow)


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
    }
    kept = {key: value for key, value in body.items() if value}
    return {FOLLOWED: rollout.follow, NOTED: json.dumps(kept, separators=(",", ":"))}


def _body(release: Release | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "digest": release.digest,
        "platforms": ["/".join(platform) for platform in release.platforms],
        "tested": sorted(release.tested),
    }


def _release(body: Any) -> Release | None:  # noqa: ANN401 - anything may stand there
    if not body:
        return None
    platforms: list[Platform] = []
    for text in body["platforms"]:
        system, _, name = _matching(_PLATFORM, text).partition("/")
        platforms.append((system, name))
    tested = frozenset(_matching(_NODE, node) for node in body["tested"])
    return Release(_digest(body["digest"]), tuple(platforms), tested)


def _refused_body(refused: Refused | None) -> dict[str, str] | None:
    if refused is None:
        return None
    told = {"digest": refused.digest, "why": refused.why[:_WORDS], "node": refused.node}
    return {key: value for key, value in told.items() if value}


def _refused(body: Any) -> Refused | None:  # noqa: ANN401 - anything may stand there
    if not body:
        return None
    node = _matching(_NODE, body["node"]) if "node" in body else ""
    return Refused(_digest(body["digest"]), clean_text(str(body.get("why", "")), _WORDS), node)


def _digest(text: object) -> str:
    return _matching(_DIGEST, text)


def _matching(form: re.Pattern[str], text: object) -> str:
    if not isinstance(text, str) or not form.fullmatch(text):
        raise ValueError(text)
    return text
