"""`squarm` as a process of its own, under test."""

import subprocess
import sys


class Squarm:
    """Runs `squarm` in an environment of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What it prints on standard output; its exit code is checked."""
        done = self.run(*arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def refusal(self, *arguments: str, code: int = 2, entered: str = "") -> str:
        """Its one sentence on standard error."""
        done = self.run(*arguments, entered=entered)
        assert done.returncode == code, (done.stdout, done.stderr)
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("squarm: ")
        return line.removeprefix("squarm: ")

    def run(self, *arguments: str, entered: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tui", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            input=entered,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
