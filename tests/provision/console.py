"""`squarm` as a person on a lab's network uses it: its command line, in a home of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fleet.ssh.own_key import own_key
from lab.lab import Lab
from lab.pi import Pi
from lab.plan import PASSWORD
from tests.waiting import answers_at, wait_until


class Console:
    """`squarm` as a person on the lab's network would use it, in a home of its own."""

    def __init__(self, lab: Lab, home: Path) -> None:
        self.lab = lab
        self.home = home
        self.data = home / "data/squarm"
        self.socket = home / "docker.sock"
        self._environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "DOCKER_HOST": f"unix://{self.socket}",
            "LC_ALL": "C.UTF-8",
        }

    def command(self, *arguments: str) -> list[str]:
        """The command line, with its environment and nothing else in it."""
        told = [f"{name}={value}" for name, value in self._environment.items()]
        return ["env", "-i", *told, "TERM=xterm", sys.executable, "-m", "tui", *arguments]

    def start(self, *arguments: str, entered: str = "") -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(entered)
        process.stdin.close()
        process.stdin = None
        return process

    def __call__(self, *arguments: str, entered: str = "", code: int = 0) -> str:
        """What it prints; its exit code is checked."""
        process = self.start(*arguments, entered=entered)
        output, errors = process.communicate(timeout=900)
        assert process.returncode == code, (output, errors)
        assert "Traceback" not in errors
        return output + errors

    def provision(self, *arguments: str, entered: str = f"{PASSWORD}\n", code: int = 0) -> str:
        return self("provision", *self.login, *arguments, entered=entered, code=code)

    def reset(self, name: str) -> None:
        """Undo what was done to a machine, by the playbook alone."""
        told = ("-e", f"reset_hosts={name}", "-e", "reset_confirmed=yes", "-e", "reset_docker=no")
        key = ("--private-key", str(self.data / own_key().name))
        # A test's own home is too long a path for a socket.
        with TemporaryDirectory(prefix="squarm-") as sockets:
            done = subprocess.run(
                [
                    Path(sys.executable).with_name("ansible-playbook"),
                    "playbooks/reset.yml",
                    *told,
                    *key,
                ],
                cwd=Path(__file__).parents[2] / "ansible",
                env={**self._environment, "ANSIBLE_SSH_CONTROL_PATH_DIR": sockets},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout
        assert "ignoring" not in done.stdout, done.stdout

    @property
    def login(self) -> list[str]:
        return ["--interface", self.lab.site.bridge, "--password-stdin", "--trust-new"]

    def pi_id(self, pi: Pi) -> str:
        """squarm's id of a Pi, from what it keeps."""
        for kept in json.loads((self.data / "pis.json").read_text())["pis"]:
            if [pi.address, 22] in kept["addresses"]:
                return str(kept["id"])
        raise AssertionError(f"{pi.address} is not kept")

    def nodes(self) -> dict[str, str]:
        """The swarm's nodes as Docker on the master lists them: status and availability."""
        form = "{{.Hostname}} {{.Status}} {{.Availability}}"
        listed = self.lab["pi1"].run("docker", "node", "ls", "--format", form).stdout
        return {
            name: rest for name, _, rest in (line.partition(" ") for line in listed.splitlines())
        }

    def wait_for_nodes(self) -> None:
        """Until all of them take tasks: of one whose machine is busy the swarm may hear nothing."""
        wait_until(lambda: set(self.nodes().values()) == {"Ready Active"}, 60, self.nodes)


@contextmanager
def docker_of(console: Console, pi: Pi) -> Iterator[None]:
    """The daemon of a Pi at the console's DOCKER_HOST, over SSH with the key that was installed."""
    told = ["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR"]
    options = [part for option in told for part in ("-o", option)]
    key = ("-i", str(console.data / own_key().name))
    way = ("-L", f"{console.socket}:/var/run/docker.sock", "-N", f"pi@{pi.address}")
    tunnel = subprocess.Popen(["ssh", "-F", "none", *options, *key, *way])
    try:
        wait_until(lambda: answers_at(console.socket))
        yield
    finally:
        tunnel.terminate()
        tunnel.wait()
        console.socket.unlink(missing_ok=True)
