"""Verbs of squarm's own command line, run for somebody in Slack.

What takes seconds of a core, or much memory, is not done by the daemon itself.
"""

import asyncio
import sys
from contextlib import suppress

from base.errors import ChatError
from base.text import clean_text

_SECONDS = 120.0
_MOST = 4 * 1024 * 1024
"""Bytes that are read of what a verb prints."""


async def printed_by(*arguments: str, stdin: str = "", failing: bool = False) -> str:
    """What a verb prints; raises ChatError with its own last sentence where it prints nothing.

    `failing`: an exit status other than 0 belongs to the answer.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, err = await process.communicate(stdin.encode("utf-8", "replace"))
    except TimeoutError:
        raise ChatError(f"That takes more than {_SECONDS:.0f} seconds: run it yourself.") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    said = err.decode("utf-8", "replace").strip().splitlines()
    if (process.returncode and not failing) or not out:
        why = clean_text(said[-1], 300).removeprefix("squarm: ") if said else ""
        raise ChatError(why or "Nothing came of that.")
    if len(out) > _MOST:
        raise ChatError("That is more than a message can carry: ask for it in the console.")
    return out.decode("utf-8", "replace")
