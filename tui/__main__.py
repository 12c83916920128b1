"""The `squarm` command: a verb of the command line, or the console."""

import argparse
import gc
import os
import sys

from base.errors import SquarmError
from tui.command.messages import discard, open_streams, say
from tui.command.parser import parse

FAULT = 70
"""The exit code where squarm itself is at fault (EX_SOFTWARE of sysexits.h)."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask; every way this can fail ends here, in one sentence."""
    try:
        # What is imported now stays: to look through all of it for garbage, again and again while
        # it grows, takes a sixth of a verb's start.
        gc.disable()
        open_streams()
        chosen = parse(sys.argv[1:] if arguments is None else arguments, _open_console)
        logs = chosen.debug or not chosen.verb or bool(os.environ.get("SQUARM_LOG"))
        if logs:
            _start_log(chosen)
        code = chosen.run(chosen)
        if not isinstance(code, int):
            # Imported late: not every verb waits for something, or has something to log.
            import asyncio

            if not logs:
                _start_log(chosen)
            gc.enable()
            from tui.command.interrupts import until_interrupted

            code = asyncio.run(until_interrupted(code))
        sys.stdout.flush()
    except SquarmError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has had enough, as `head` has.
        discard(sys.stdout)
        return 0
    except OSError as error:
        said = f"{error.filename or 'The output'} cannot be used: {error.strerror or error}."
        say(_lacking(error) or said)
        discard(sys.stdout)
        return 2
    except Exception as error:  # noqa: BLE001 - the last place where it can be said in a sentence
        if why := _lacking(error):
            say(why)
            return 2
        from base.log_file import failed

        say(failed(error))
        return FAULT
    return int(code)


def _lacking(error: Exception) -> str:
    """The sentence where it is the machine that does not give squarm enough."""
    from base.processes import lacking

    why = lacking(error)
    return f"{why[0].upper()}{why[1:]}; what was found is kept." if why else ""


def _start_log(arguments: argparse.Namespace) -> None:
    from base import log_file

    log_file.start(arguments.verb or "console", debug=arguments.debug)


def _open_console(arguments: argparse.Namespace) -> int:
    # Textual takes a third of a second to import: only the console pays.
    from tui import settings
    from tui.console import run_console

    own = settings.read()
    return run_console(
        own,
        arguments.engine or own.text("defaults", "engine") or None,
        arguments.results,
        arguments.image,
        read_only=arguments.read_only,
        interface=arguments.interface or own.text("defaults", "interface") or None,
        user=arguments.user,
        key=arguments.key,
    )


if __name__ == "__main__":
    sys.exit(main())
