"""What is left where a run's process is killed: Ansible goes on, and secrets stay in memory.

`python -m provision.runs.aftermath MEMORY`, started by the run's process, waits for the end of its
standard input, which comes with that process's, however it ends. Then it ends whatever still works
in the run's folder in memory, and takes that away. Until it is done it holds the run's lock.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.processes import environment
from provision.runs.children import end_all, working_in


@contextmanager
def seen_to(memory: Path, lock: int) -> Iterator[int]:
    """Have it wait as long as the block lasts; its process id."""
    waiting = subprocess.Popen(
        [sys.executable, "-P", "-m", "provision.runs.aftermath", str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(),
        pass_fds=(lock,),
        start_new_session=True,
    )
    try:
        yield waiting.pid
    finally:
        waiting.communicate()


def main() -> int:
    """Wait, and see to it."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    memory = Path(sys.argv[1])
    sys.stdin.buffer.read()
    end_all(lambda: working_in(memory))
    shutil.rmtree(memory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
