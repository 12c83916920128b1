"""From Pis that only answer SSH to a swarm: squarm beside plain ansible-playbook, the same roles.

`python -m benchmarks.provision [COUNT...]`; needs root and what the lab needs. Virtual Pis fresh
from Imager, of its own for each way, in turns; Docker comes from apt, as it would.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lab.host import LabError
from lab.lab import Lab, temporary
from lab.plan import PiPlan
from provision.runs.runs import Runs
from tests.ansible.playbook import Swarm
from tests.provision.console import Console

COUNTS = (1, 3, 6)

Way = Callable[[Lab, Path], Callable[[], float]]
"""What to call to provision a lab once; it returns the seconds that Ansible's part took."""


def main(counts: tuple[int, ...] = COUNTS) -> None:
    """Print the figures."""
    print("Provisioning fresh Pis: seconds to a swarm, and of a run that changes nothing")
    print("(the run: from the key that starts it to its end, without looking at the Pis before)")
    for count in counts:
        try:
            plain, squarm = _timed(count, _plain), _timed(count, _squarm)
        except LabError as error:
            print(f"left out: {error}")
            return
        for what, (theirs, _), (whole, run) in zip(("first", "again"), plain, squarm, strict=True):
            print(
                f"{count} Pis, {what}: ansible-playbook {theirs:.0f} s, squarm {whole:.0f} s "
                f"({whole / theirs - 1:+.0%}), its run {run:.0f} s ({run / theirs - 1:+.0%})",
                flush=True,
            )


def _timed(count: int, way: Way) -> list[tuple[float, float]]:
    """Seconds in all, and of Ansible's part, of a first and of a second run."""
    with tempfile.TemporaryDirectory() as folder, temporary([PiPlan()] * count) as lab:
        run = way(lab, Path(folder))
        timed = []
        for _ in range(2):
            began = time.monotonic()
            ran = run()
            timed.append((time.monotonic() - began, ran))
        return timed


def _plain(lab: Lab, folder: Path) -> Callable[[], float]:
    swarm = Swarm(lab, folder)

    def run() -> float:
        began = time.monotonic()
        came = swarm.play("site", **swarm.key())
        if came.failed:
            raise LabError(came.output[-400:])
        return time.monotonic() - began

    return run


def _squarm(lab: Lab, folder: Path) -> Callable[[], float]:
    console = Console(lab, folder)
    settings = console.data / "group_vars/all.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text("solver_image_build: false\n")

    def run() -> float:
        console.provision("--all", "--master-pi", lab["pi1"].address, "--yes")
        view = Runs(console.data / "runs").find()
        return view.ended - view.started

    return run


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or COUNTS)
