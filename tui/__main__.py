"""The `squarm` command: a verb of the command line, or the console."""

import argparse
import os
import sys

from base.errors import SquarmError
from tui.command.messages import say
from tui.command.parser import parse


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask; every way this can fail ends here, in one sentence."""
    try:
        chosen = parse(sys.argv[1:] if arguments is None else arguments, _open_console)
        code = chosen.run(chosen)
        if not isinstance(code, int):
            # Imported late: not every verb waits for something.
            import asyncio

            code = asyncio.run(code)
        sys.stdout.flush()
    except SquarmError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has had enough, as `head` has; Python would complain once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        say(f"{error.filename or 'The output'} cannot be used: {error.strerror or error}.")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return int(code)


def _open_console(arguments: argparse.Namespace) -> int:
    # Textual takes a third of a second to import: only the console pays.
    from tui.console import run_console

    return run_console(
        arguments.engine,
        arguments.results,
        arguments.image,
        read_only=arguments.read_only,
        interface=arguments.interface,
        user=arguments.user,
        key=arguments.key,
    )


if __name__ == "__main__":
    sys.exit(main())
