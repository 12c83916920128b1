"""Actions on the image that jobs run from."""

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from base import paths
from base.errors import UsageError
from operations.kinds import Kind
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.render.image_page import history_page
from tui.console.screens.images import ImagesScreen
from tui.console.screens.page import PageScreen

if TYPE_CHECKING:
    from operations.images import Open
    from operations.operation import Operation
    from swarm.docker.rollout.state import Rollout

T = TypeVar("T")
_NO_SWARM = "Jobs run on this machine: a swarm's nodes run them from an image."


@handles("images")
def show_images(context: HandlerContext, _argument: str) -> None:
    """How the rollout stands, on each node."""
    if not isinstance(context.front, ImagesScreen):
        context.open(ImagesScreen(context.images.status, lambda: _loading(context)))


def _loading(context: HandlerContext) -> tuple[str, Mapping[str, str]]:
    """What is loaded from here and how far it is, '' for nothing; how far nodes are."""
    load = context.changes.live(Kind.LOAD_IMAGE)
    return (load.how_far, load.nodes) if load else ("", {})


@handles("image_history")
def show_history(context: HandlerContext, _argument: str) -> None:
    """What became of each image."""

    async def make() -> PageScreen:
        lines = history_page(await context.images.history())
        return PageScreen("History of images", lambda _: lines)

    context.open_when_made("the history of images", make)


def _make(context: HandlerContext, make: "Callable[[Open], Operation[T]]") -> None:
    if context.model.on_swarm:
        context.changes.make(lambda: make(context.images.open))
    else:
        context.say(_NO_SWARM, "warning")


def _asked(context: HandlerContext, command: str, likely: str) -> None:
    """Have the rest of a command typed; `likely` stands there already."""
    if context.model.on_swarm:
        context.front.open_prompt("command", f"{command} {likely}")
    else:
        context.say(_NO_SWARM, "warning")


@handles("image_follow")
def follow(context: HandlerContext, argument: str) -> None:
    """Follow a name in a registry; a key begins with the one that is followed."""
    front = context.front
    if argument:
        _make(context, lambda open_: _following(open_, argument))
    else:
        _asked(context, "image-follow", front.followed if isinstance(front, ImagesScreen) else "")


def _following(open_: "Open", argument: str) -> "Operation[Rollout]":
    """What follows the name that was typed, as `squarm image follow` does; raises UsageError."""
    from operations import images

    match _words(argument):
        case [name]:
            return images.follow(open_, name)
        case [name, "--unsigned"]:
            return images.follow(open_, name, unsigned=True)
        case [name, "--signed-by", file]:
            return images.follow(open_, name, paths.typed(file))
    raise UsageError(
        ":image-follow takes HOST/NAME:TAG, and after it --signed-by FILE or --unsigned."
    )


@handles("image_pin")
def pin(context: HandlerContext, argument: str) -> None:
    """Stay with a digest; a key begins with that of the node under the cursor."""
    from operations import image_rollout

    front = context.front
    if argument:
        cluster = context.provisioning.cluster
        _make(context, lambda open_: image_rollout.pin(open_, cluster, argument))
    else:
        row = front.images.chosen if isinstance(front, ImagesScreen) else None
        _asked(context, "image-pin", row.digest if row else "")


@handles("image_check")
def check(context: HandlerContext, _argument: str) -> None:
    """Ask the registry what it has now."""
    from operations import images

    _make(context, images.check)


@handles("image_roll")
def roll(context: HandlerContext, _argument: str) -> None:
    """Roll out what the registry has now."""
    from operations import image_rollout

    _make(context, lambda open_: image_rollout.roll(open_, context.provisioning.cluster))


@handles("image_load")
def load(context: HandlerContext, argument: str) -> None:
    """Bring an image to the nodes, out of files or of this manager's Docker."""
    from operations import image_loading

    if context.changes.live(Kind.LOAD_IMAGE):
        context.say("An image is being loaded: x on its page ends that.", "warning")
    elif argument:
        cluster = context.provisioning.cluster
        _make(context, lambda open_: image_loading.load(open_, cluster, _words(argument)))
    else:
        _asked(context, "image-load", "")


def _words(argument: str) -> list[str]:
    """As a shell takes them; raises UsageError."""
    try:
        return shlex.split(argument)
    except ValueError:
        raise UsageError("A quotation mark in it is not closed.") from None


@handles("image_load_cancel")
def cancel_load(context: HandlerContext, _argument: str) -> None:
    """End what this console loads; another's is ended by rolling it back."""
    change = context.changes.live(Kind.LOAD_IMAGE)
    if change:
        change.cancel()
    else:
        context.say("No image is being loaded from here.", "warning")


@handles("image_roll_back")
def roll_back(context: HandlerContext, _argument: str) -> None:
    """New jobs run from the image before."""
    from operations import images

    _make(context, images.roll_back)


@handles("image_unfollow")
def unfollow(context: HandlerContext, _argument: str) -> None:
    """Follow no image."""
    from operations import images

    _make(context, images.unfollow)


@handles("image_tidy")
def tidy(context: HandlerContext, _argument: str) -> None:
    """Remove from all nodes the images that nothing needs."""
    from operations import image_removal

    _make(context, lambda open_: image_removal.tidy(open_, context.provisioning.cluster))
