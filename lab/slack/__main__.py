"""`python -m lab.slack [FILE]`: a Slack of our own for a person to try squarm with.

Its settings go to FILE, else to the screen; what is posted is shown, and what is typed counts as
said in #squarm.
"""

import asyncio
import os
import sys
from pathlib import Path

from lab.slack.server import Slack


async def main(file: Path | None) -> None:
    """Run until standard input ends."""
    slack = Slack()
    await slack.start()
    settings = slack.settings(seconds_between=1.0, ping_seconds=10.0)
    print(settings if file is None else await asyncio.to_thread(written, file, settings))
    shown: dict[str, int] = {}
    typed = asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
    while True:
        for message in slack.posted:
            if shown.get(message.ts) != message.edits:
                shown[message.ts] = message.edits
                again = " (edited)" if message.edits else ""
                print(f"--- {message.channel} {message.thread_ts}{again}\n{message.words}")
        if typed.done():
            if not typed.result():
                break
            await slack.say("UYOU00001", typed.result().strip())
            typed = asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
        await asyncio.sleep(0.1)
    await slack.stop()


def written(file: Path, settings: str) -> str:
    """Write the settings, for one user to read; what to do next."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(0o600)
    file.write_text(settings)
    return f"{file} is written. Type what you would say in #squarm, such as: mols 10"


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    os._exit(0)
