"""`squarm image`: what jobs run from; a new image rolled out, pinned, rolled back."""

import argparse
import json
import time
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from operations import images
from operations.images import rollouts_here
from operations.kinds import Kind
from swarm.docker.rollout.history import RolloutHistory
from swarm.docker.rollout.progress import facts, node_images, remarks
from swarm.docker.rollout.rollouts import NOTHING_FOLLOWED, Status
from swarm.docker.rollout.state import Release
from tui.command.front_end import admit, perform_and_say
from tui.command.machines.login_options import add_login, read_credentials
from tui.command.messages import say
from tui.command.options import add_limit, add_yes, read_limit
from tui.command.parser import Parser, subverbs

if TYPE_CHECKING:
    from operations.nodes import Cluster


def add(parser: Parser) -> None:
    """Define what can be done about the image."""
    action = subverbs(parser, "what to do about the image")
    parser.add_examples(
        ("squarm image follow ghcr.io/ME/squarm-solver:latest", "roll out whatever is put there"),
        ("squarm image status", "what jobs run from, and what is on its way"),
        ("squarm image roll", "roll out what is there now, and see it through"),
        ("squarm image load build/image-linux-arm64", "without a registry, through SSH"),
        ("squarm image pin sha256:...", "stay with this one, whatever comes after it"),
        ("squarm image rollback", "new jobs run from the one before"),
        ("squarm image tidy", "remove from nodes what nothing needs"),
    )
    told = action("status", "say what jobs run from, and how a rollout stands", status)
    told.add_argument("--json", action="store_true", help="one JSON object")
    action("check", "ask the registry whether it has a newer one", check)
    following = action("follow", "follow an image in a registry", follow)
    following.add_argument("reference", metavar="HOST/NAME:TAG", help="its name in the registry")
    signing = following.add_mutually_exclusive_group()
    signing.add_argument(
        "--signed-by",
        type=Path,
        metavar="FILE",
        help="take only what is signed with this public key of cosign's (cosign.pub)",
    )
    signing.add_argument(
        "--unsigned", action="store_true", help="take also what is not signed, from now on"
    )
    add_yes(action("unfollow", "follow none: jobs run from what nodes were given", unfollow))
    rolling = action("roll", "roll out what the registry has now, refused before or not", roll)
    pinning = action("pin", "roll out one digest, and stay with it", pin)
    pinning.add_argument("digest", metavar="DIGEST", help="sha256:...")
    loading = action("load", "bring an image to the nodes without a registry", load)
    loading.add_argument(
        "sources",
        metavar="FILE",
        nargs="+",
        help="an OCI layout, or what docker save writes, one a platform or one for all; or the "
        "name of an image that this manager's Docker has",
    )
    add_yes(loading)
    for pulling in (rolling, pinning, loading):
        pulling.add_argument(
            "--no-room-check",
            action="store_true",
            help="have nodes pull it whether they have room or not",
        )
        add_login(pulling)
    add_yes(action("rollback", "have new jobs run from the image before", rollback))
    tidying = action("tidy", "remove from all nodes the images that nothing needs", tidy)
    add_yes(tidying)
    add_login(tidying)
    past = action("history", "list what became of each image, newest first", history)
    past.add_argument("--json", action="store_true", help="one JSON object a line")
    add_limit(past, 20)


async def status(arguments: argparse.Namespace) -> int:
    """Print what jobs run from, and how a rollout stands."""
    async with rollouts_here() as rollouts:
        told = await rollouts.status()
    if arguments.json:
        print(json.dumps(_as_json(told)))
        return 0
    for line in _lines(told):
        print(line)
    return 0


async def check(arguments: argparse.Namespace) -> int:
    """Ask the registry."""
    admit(arguments, Kind.CHECK_IMAGE)
    return await perform_and_say(arguments, images.check(rollouts_here))


async def follow(arguments: argparse.Namespace) -> int:
    """Follow an image in a registry."""
    admit(arguments, Kind.FOLLOW_IMAGE)
    operation = images.follow(
        rollouts_here, arguments.reference, arguments.signed_by, unsigned=arguments.unsigned
    )
    return await perform_and_say(arguments, operation)


async def unfollow(arguments: argparse.Namespace) -> int:
    """Follow no image any more."""
    admit(arguments, Kind.UNFOLLOW_IMAGE)
    return await perform_and_say(arguments, images.unfollow(rollouts_here))


async def roll(arguments: argparse.Namespace) -> int:
    """Roll out what the registry has now."""
    admit(arguments, Kind.ROLL_IMAGE)
    from operations.image_rollout import roll as rolled

    insisted = arguments.no_room_check
    operation = rolled(rollouts_here, _cluster(arguments), insisted=insisted)
    return await perform_and_say(arguments, operation)


async def pin(arguments: argparse.Namespace) -> int:
    """Roll out one digest, and stay with it."""
    admit(arguments, Kind.PIN_IMAGE)
    from operations.image_rollout import pin as pinned

    insisted = arguments.no_room_check
    operation = pinned(rollouts_here, _cluster(arguments), arguments.digest, insisted=insisted)
    return await perform_and_say(arguments, operation)


async def load(arguments: argparse.Namespace) -> int:
    """Bring an image to the nodes."""
    admit(arguments, Kind.LOAD_IMAGE)
    from operations.image_loading import load as loaded

    operation = loaded(
        rollouts_here,
        _cluster(arguments),
        arguments.sources,
        insisted=arguments.no_room_check,
    )
    return await perform_and_say(arguments, operation)


async def rollback(arguments: argparse.Namespace) -> int:
    """Have new jobs run from the image before."""
    admit(arguments, Kind.ROLL_BACK_IMAGE)
    return await perform_and_say(arguments, images.roll_back(rollouts_here))


async def tidy(arguments: argparse.Namespace) -> int:
    """Remove from all nodes the images that no job and no roll-back needs, and old containers."""
    admit(arguments, Kind.TIDY_IMAGES)
    from operations.image_removal import tidy as tidied

    return await perform_and_say(arguments, tidied(rollouts_here, _cluster(arguments)))


def history(arguments: argparse.Namespace) -> int:
    """List what became of images."""
    events = RolloutHistory().newest(read_limit(arguments))
    if not events and not arguments.json:
        say("Nothing was rolled out from here yet: squarm image follow begins.")
    for event in events:
        if arguments.json:
            print(json.dumps(asdict(event)))
            continue
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(event.at))
        print(f"{when}  {event.event:<14} {event.image}  {event.why}".rstrip())
    return 0


def _cluster(arguments: argparse.Namespace) -> "Cluster":
    # With SSH, which most verbs here need not load.
    from operations.nodes import Cluster

    return Cluster.here(cache(lambda: read_credentials(arguments)))


def _lines(told: Status) -> list[str]:
    if told.rollout.empty:
        return [NOTHING_FOLLOWED]
    return [*(f"{label:<11}{words}" for label, words in facts(told)), *remarks(told)]


def _as_json(told: Status) -> dict[str, object]:
    rollout = told.rollout

    def digest(release: Release | None) -> str | None:
        return release.digest if release else None

    release = rollout.target or rollout.current
    tested = release.tested if release else frozenset()
    return {
        "follow": rollout.follow,
        "signed_by": rollout.signer if rollout.key else None,
        "pinned": rollout.pinned,
        "current": digest(rollout.current),
        "previous": digest(rollout.previous),
        "target": digest(rollout.target),
        "refused": asdict(rollout.refused) if rollout.refused else None,
        "waiting": told.waiting,
        "cleaned": {node.name: node.id in rollout.cleaned for node in told.nodes},
        "nodes": {node.name: node.id in tested for node in told.nodes},
        "to_pull": {one.node.name: one.to_pull for one in node_images(told)},
    }
