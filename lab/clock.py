"""A wrong clock for one Pi: a small library, compiled here, that its programs preload."""

import base64
import hashlib
import shutil
from pathlib import Path

from lab.host import LabError, run
from lab.layers import cache_folder, locked
from lab.power import Power

_SOURCE = Path(__file__).parent / "clock.c"
_LIBRARY = "/usr/local/lib/squarm-lab/clock.so"
_WRONG = "/etc/clock-is-wrong"
_PRELOAD = "/etc/ld.so.preload"


def set_clock(power: Power, seconds: int) -> None:
    """Sets a host's clock ahead, or behind, for what starts from now on; 0: right again."""
    if seconds == 0:
        power.run("rm", "-f", _PRELOAD, _WRONG)
        return
    library = base64.b64encode(_compiled().read_bytes()).decode()
    power.run(
        "sh", "-c", f"base64 -d >{_LIBRARY}.new && mv {_LIBRARY}.new {_LIBRARY}", input=library
    )
    power.run("sh", "-c", f"echo {seconds} >{_WRONG} && echo {_LIBRARY} >{_PRELOAD}")


def _compiled() -> Path:
    key = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:10]
    made = cache_folder() / f"clock-{key}.so"
    with locked("clock"):
        if not made.exists():
            if not shutil.which("cc"):
                raise LabError("A wrong clock takes a C compiler. On Debian: apt install gcc")
            partial = made.with_suffix(".partial")
            run("cc", "-shared", "-fPIC", "-O2", "-o", partial, _SOURCE)
            partial.rename(made)
    return made
