"""From Pis that only answer SSH to a swarm: squarm beside plain ansible-playbook, the same roles.

`python -m benchmarks.provision [COUNT...]`; needs root and what the lab needs. Virtual Pis with
Docker on their cards: installing that is apt's business. Each way has Pis of its own, in turns.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.ansible.playbook import Swarm
from tests.lab.host import LabError
from tests.lab.lab import Lab, temporary
from tests.lab.plan import PiPlan, State
from tests.provision.test_provision_on_lab import Console

COUNTS = (1, 3, 6)
_SETTINGS = {"solver_image_build": False}


def main(counts: tuple[int, ...] = COUNTS) -> None:
    """Print the figures."""
    print("Provisioning: seconds to a swarm, and of a run that changes nothing")
    for count in counts:
        try:
            plain, squarm = _timed(count, _plain), _timed(count, _squarm)
        except LabError as error:
            print(f"left out: {error}")
            return
        cost, again = squarm[0] / plain[0] - 1, squarm[1] / plain[1] - 1
        print(
            f"{count} Pis: ansible-playbook {plain[0]:.0f} s, squarm {squarm[0]:.0f} s "
            f"({cost:+.0%}); again {plain[1]:.0f} s, {squarm[1]:.0f} s ({again:+.0%})",
            flush=True,
        )


def _timed(count: int, way: Callable[[Lab, Path], Callable[[], object]]) -> tuple[float, float]:
    """Seconds of a first and of a second run."""
    with tempfile.TemporaryDirectory() as folder, temporary([PiPlan(State.DOCKER)] * count) as lab:
        run = way(lab, Path(folder))
        began = time.monotonic()
        run()
        formed = time.monotonic()
        run()
        return formed - began, time.monotonic() - formed


def _plain(lab: Lab, folder: Path) -> Callable[[], object]:
    swarm = Swarm(lab, folder)

    def run() -> None:
        came = swarm.play("site", **swarm.key(), **_SETTINGS)
        if came.failed:
            raise LabError(came.output[-400:])

    return run


def _squarm(lab: Lab, folder: Path) -> Callable[[], object]:
    console = Console(lab, folder)
    settings = console.data / "group_vars/all.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text("solver_image_build: false\n")
    return lambda: console.provision("--all", "--master-pi", lab["pi1"].address, "--yes")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or COUNTS)
