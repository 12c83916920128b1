"""From Pis that only answer SSH to a swarm: squarm beside plain ansible-playbook, the same roles.

`python -m benchmarks.provision [COUNT...]`; needs root and what the lab needs. Virtual Pis fresh
from Imager, of its own for each way, in turns; Docker comes from apt, as it would.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.host import LabError
from lab.lab import Lab, temporary
from lab.plan import PiPlan
from provision.runs.runs import Runs
from tests.ansible.playbook import Swarm
from tests.lab.from_outside import bytes_from_outside
from tests.provision.console import Console

COUNTS = (1, 3, 6)

Way = Callable[[Lab, Path], Callable[[], tuple[float, float]]]
"""What to call to provision a lab once: it returns the seconds of Ansible's part, and the MB that
this machine fetched for the Pis."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds in all, and of Ansible's part; megabytes from the Internet."""

    whole: float
    run: float
    mb: float


def main(counts: tuple[int, ...] = COUNTS) -> None:
    """Print the figures."""
    print("Provisioning fresh Pis: seconds to a swarm, and of a run that changes nothing")
    print("(the run: from the key that starts it to its end, without looking at the Pis before;")
    print("MB: what came from the Internet, over the lab's bridge and for it)")
    for count in counts:
        try:
            plain, squarm = _timed(count, _plain), _timed(count, _squarm)
        except LabError as error:
            print(f"left out: {error}")
            return
        for what, theirs, ours in zip(("first", "again"), plain, squarm, strict=True):
            whole, run = ours.whole / theirs.whole - 1, ours.run / theirs.whole - 1
            print(
                f"{count} Pis, {what}: ansible-playbook {theirs.whole:.0f} s, {theirs.mb:.1f} MB, "
                f"squarm {ours.whole:.0f} s ({whole:+.0%}), {ours.mb:.1f} MB, "
                f"its run {ours.run:.0f} s ({run:+.0%})",
                flush=True,
            )


def _timed(count: int, way: Way) -> list[Cost]:
    """What a first and a second run took."""
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary([PiPlan()] * count) as lab,
        bytes_from_outside(lab.site) as came,
    ):
        run = way(lab, Path(folder))
        timed = []
        for _ in range(2):
            began, before = time.monotonic(), came()
            ran, for_them = run()
            mb = (came() - before) / 1e6 + for_them
            timed.append(Cost(time.monotonic() - began, ran, mb))
        return timed


def _plain(lab: Lab, folder: Path) -> Callable[[], tuple[float, float]]:
    swarm = Swarm(lab, folder)

    def run() -> tuple[float, float]:
        began = time.monotonic()
        came = swarm.play("site", **swarm.key())
        if came.failed:
            raise LabError(came.output[-400:])
        return time.monotonic() - began, 0.0

    return run


def _squarm(lab: Lab, folder: Path) -> Callable[[], tuple[float, float]]:
    console = Console(lab, folder)
    settings = console.data / "group_vars/all.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text("solver_image_build: false\n")

    def run() -> tuple[float, float]:
        console.provision("--all", "--master-pi", lab["pi1"].address, "--yes")
        view = Runs(console.data / "runs").find()
        told = re.search(r"Packages: ([\d.]+) MB", console("runs", "log"))
        return view.ended - view.started, float(told[1]) if told else 0.0

    return run


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or COUNTS)
