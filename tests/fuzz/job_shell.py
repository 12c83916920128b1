"""The least of a shell with job control: runs one program, and `fg` brings it back when it stops.

It never runs what is typed: keys that are meant for the program may reach it.
"""

import os
import signal
import sys
import termios

ENDED = b"[shell] ended with"


def main(command: list[str]) -> int:
    """Run it in the foreground until it ends, and say its exit code as shells do."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    modes = termios.tcgetattr(0)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)  # noqa: S606 - as a shell does
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        os.tcsetpgrp(0, os.getpgrp())
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            print(ENDED.decode(), code if code >= 0 else 128 - code, flush=True)
            return 0
        stopped = termios.tcgetattr(0)
        termios.tcsetattr(0, termios.TCSADRAIN, modes)
        while sys.stdin.readline().strip() != "fg":
            pass
        termios.tcsetattr(0, termios.TCSADRAIN, stopped)
        os.tcsetpgrp(0, child)
        os.killpg(child, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
