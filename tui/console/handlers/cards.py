"""Writing a fresh card, and going on with its Pi."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from base import paths
from tui.console.handlers.provisioning import provision
from tui.console.handlers.registry import HandlerContext, handles
from tui.console.screens.dialogs.awaited_pi import AwaitedPiDialog
from tui.console.screens.dialogs.card_form import CardForm, PreparedCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@handles("card")
def write_card(context: HandlerContext, argument: str) -> None:
    """Have a form filled in, ask, write, and wait for the Pi."""
    key = context.logins.key

    def filled_in(card: PreparedCard | None) -> None:
        if card is not None:
            context.changes.make(lambda: card.operation, lambda name: _wait(context, card, name))

    texts = {"place": argument, "user": context.logins.user}
    context.open(CardForm(texts, lambda texts: _prepared(texts, key), _mounted), filled_in)


def _mounted() -> "Sequence[Path]":
    from provision.card.partition import mounted_cards

    return mounted_cards()


def _prepared(texts: Mapping[str, str], key: "Path | None") -> PreparedCard:
    """The card looked at; raises CardError, and OwnKeyError."""
    from fleet.ssh.own_key import key_to_install
    from operations import cards
    from provision.card.partition import find_partition
    from provision.card.settings import CardError

    place = texts["place"]
    if not place:
        raise CardError("Name the card: the folder where it is mounted, its device, an image.")
    partition = find_partition(paths.typed(place))
    key = key or key_to_install()
    rest = {name: text for name, text in texts.items() if name != "place"}
    settings = cards.settings_of(cards.CardRequest(key=key, **rest))
    return PreparedCard(cards.write(partition, settings), settings.user, key)


def _wait(context: HandlerContext, card: PreparedCard, name: str) -> None:
    """Look for its Pi from now on; where the user has not gone on, on the screen."""
    awaited = context.cards.wait_for(name, card.user, card.key)

    def answered(pi: str | None) -> None:
        if pi:
            provision(context, pi)

    dialog = AwaitedPiDialog(awaited, lambda: context.cards.problem)
    context.open_over(context.front, dialog, answered)
