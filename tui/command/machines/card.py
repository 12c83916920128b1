"""`squarm card`: from a card with a fresh system to one whose Pi lets squarm in by itself."""

import argparse
import shlex
import sys
from pathlib import Path

from base.errors import UsageError
from fleet.endpoint import USUAL_USER
from operations import cards
from operations.kinds import Kind
from provision.card.partition import find_partition
from tui.command.front_end import admit, perform
from tui.command.machines.login_options import ask_password
from tui.command.messages import say
from tui.command.options import add_yes
from tui.command.parser import Parser, subverbs


def add(parser: Parser) -> None:
    """Define what can be done about cards."""
    action = subverbs(parser, "what to do about cards")
    parser.add_examples(
        ("squarm card write /media/me/bootfs", "the card in the reader, named by its folder"),
        ("squarm card write pi-os.img --wifi Home --country DE", "an image, for a Pi on Wi-Fi"),
    )
    writing = action("write", "fill a card's boot partition for its first boot", write)
    writing.add_argument(
        "place",
        metavar="DEVICE|FOLDER|IMAGE",
        type=Path,
        help="a card with Raspberry Pi OS or Ubuntu on it, its mounted boot partition, or an image",
    )
    what = writing.add_argument_group("what its Pi will be")
    what.add_argument("--name", metavar="NAME", help="its host name (default: one of its own)")
    what.add_argument("--wifi", metavar="NAME", help="a Wi-Fi to join; its password is asked for")
    what.add_argument(
        "--wifi-password-stdin", action="store_true", help="read that from standard input"
    )
    what.add_argument("--country", metavar="XX", default="", help="where it is: two letters")
    what.add_argument("--time-zone", metavar="ZONE", help="default: this machine's")
    add_yes(writing)


async def write(arguments: argparse.Namespace) -> int:
    """Fill a boot partition, and say what comes next: 1 where the user does not want it."""
    admit(arguments, Kind.WRITE_CARD)
    partition = find_partition(arguments.place)
    settings = cards.settings_of(
        cards.CardRequest(
            user=arguments.user or USUAL_USER,
            name=arguments.name or "",
            key=arguments.key,
            wifi=arguments.wifi or "",
            wifi_password=_wifi_password(arguments),
            country=arguments.country,
            time_zone=arguments.time_zone or "",
        )
    )
    done = await perform(arguments, cards.write(partition, settings))
    if done is None:
        return 1
    print(done.sentence)
    how = "".join(
        f" --{name} {shlex.quote(str(value))}"
        for name, value in (("user", arguments.user), ("key", arguments.key))
        if value
    )
    say(
        "Next: take the card out safely, put it into the Pi, and switch that on. It shows itself "
        f"as {settings.hostname} in one to five minutes (squarm nodes --watch); then: "
        f"squarm provision {settings.hostname}{how}"
    )
    return 0


def _wifi_password(arguments: argparse.Namespace) -> str:
    if not arguments.wifi:
        if arguments.wifi_password_stdin:
            raise UsageError("--wifi-password-stdin goes with --wifi NAME.")
        return ""
    if arguments.wifi_password_stdin:
        return sys.stdin.readline().rstrip("\n")
    return ask_password("Password of that Wi-Fi: ")
