"""`squarm share`: post a square or a job's summary to Slack."""

import argparse

from base.errors import UsageError
from chat.message import Message
from chat.sharing import Preview, preview
from operations.kinds import Kind
from results.store import Store, default_path
from swarm.job_names import find_job
from swarm.job_values import parse_whole
from tui.command.front_end import admit
from tui.command.jobs.engine import chosen_engine
from tui.command.messages import say
from tui.command.parser import Parser
from tui.command.slack.sending import send
from tui.command.slack.slack_options import add_settings, read_settings


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument(
        "what", metavar="SQUARE|JOB", help="a square's number, or a job's id or its beginning"
    )
    parser.add_argument("--channel", default="", help="where to (default: the settings' channel)")
    parser.add_argument(
        "--preview", action="store_true", help="print what would be sent, and send nothing"
    )
    add_settings(parser)
    parser.set_defaults(run=share)
    parser.add_examples(
        ("squarm share 12 --preview", "what would be sent of square 12"),
        ("squarm share 12", "send it"),
        ("squarm share mols10-3f --channel #mols", "a job's summary, to a channel"),
    )


async def share(arguments: argparse.Namespace) -> int:
    """Post a square or a job's summary, and wait until Slack has it; or show what would be sent."""
    settings = read_settings(arguments)
    if arguments.preview:
        message = await _what(arguments)
        _print_preview(preview(settings, message, arguments.channel))
        return 0
    admit(arguments, Kind.SHARE)
    return await send(arguments, await _what(arguments), arguments.channel)


async def _what(arguments: argparse.Namespace) -> Message:
    """The square or job that is meant, as a message."""
    # Drawing needs Pillow, which nothing else does.
    from chat import render

    path, text = arguments.results or default_path(), arguments.what
    if text.removeprefix("#").isdecimal():
        number = parse_whole("number", text.removeprefix("#"))
        with Store.open(path, read_only=True) as store:
            result = store.result(number)
        if result is None:
            raise UsageError(f"There is no square {number}: squarm results --json lists them.")
        return render.square(result)
    async with chosen_engine(arguments) as engine:
        view = find_job(await engine.jobs(), text, "squarm jobs lists them")
    if not path.exists():
        return render.job(view, 0)
    from results.ledger import verdict

    with Store.open(path, read_only=True) as store:
        proof = store.proof(view.id)
        counts = view.spec.question.count_mates
        found = store.mates_counted(view.id)[1] if counts else store.found(view.id)
        return render.job(view, found, verdict(proof) if proof else "")


def _print_preview(shown: Preview) -> None:
    print(f"To {shown.channel}:\n\n{shown.sealed.text}")
    for note in shown.notes:
        say(note)
