"""What is left of squarm's own failure: a file with the traceback, and one sentence."""

import os
import time
import traceback
from pathlib import Path

from platformdirs import user_state_dir


def keep(error: BaseException, folder: Path | None = None) -> str:
    """Write down where it failed, never with the values of variables; the sentence to end with."""
    folder = folder or Path(user_state_dir("squarm"))
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    where = f"the details are in {path}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        where = "and the details could not be written down"
    return (
        f"The console failed by its own fault ({type(error).__name__}), {where}; "
        "what was found is kept: start it again."
    )
