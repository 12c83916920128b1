"""Copying over any terminal, SSH and tmux included: the OSC 52 escape sequence."""

import base64
from collections.abc import Mapping

from base.errors import SquarmError

LIMIT = 74_994
"""Bytes of text: terminals drop longer sequences (xterm, and many like it, above 100,000)."""


class TooLong(SquarmError):
    """More than a terminal takes."""


def copy_sequence(text: str, environment: Mapping[str, str]) -> str:
    """What to write to the terminal so that it copies `text`; raises TooLong."""
    data = text.encode()
    if len(data) > LIMIT:
        raise TooLong(f"{len(data):,} bytes are more than a terminal's clipboard takes.")
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    if environment.get("TMUX"):
        # Which of the two works depends on tmux's allow-passthrough and set-clipboard; both are
        # harmless where they do not.
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\" + sequence
    return sequence
