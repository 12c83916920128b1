"""A virtual lab ready for drills: a swarm whose nodes have the solver's image.

python -m tests.drill.prepare [trixie|bookworm|docker-28|ubuntu] [--lab NUMBER]: Docker 26.1, 20.10,
28.5 or 29.1.
"""

import argparse
import json
import subprocess
from contextlib import suppress

from lab.host import LabError
from lab.lab import Lab, down, up
from lab.plan import USER, PiPlan, State, Variant
from solver import VERSION
from swarm.docker.images import MARK, mark
from tests.dockerd import IMAGE, built_solver

_PIS = 3


def main() -> None:
    """Bring the lab up anew, and give each node the image and the label of one that has it.

    The image is the one that tests use, from their cache.
    """
    parser = argparse.ArgumentParser()
    systems = ("bookworm", "trixie", "docker-28", "ubuntu")
    parser.add_argument("system", nargs="?", choices=systems, default="trixie")
    parser.add_argument("--lab", type=int, default=0)
    options = parser.parse_args()
    variants = frozenset(() if options.system == "trixie" else {Variant(options.system)})
    image = built_solver("drill")
    with suppress(LabError):
        Lab.open(options.lab)
        down(options.lab)
    lab = up([PiPlan(State.SWARM, variants, owner=USER)] * _PIS, number=options.lab)
    name = f"squarm-solver:{VERSION}"
    manager = lab.pis[0]
    # As the playbooks set it.
    manager.run("docker", "swarm", "update", "--dispatcher-heartbeat", "2s")
    for pi in lab.pis:
        with image.open("rb") as file:
            load = [*pi.shell_command(), "docker", "load"]
            subprocess.run(load, stdin=file, check=True)
        pi.run("docker", "tag", IMAGE, name)
        made = mark(json.loads(pi.run("docker", "image", "inspect", IMAGE).stdout)[0])
        node = pi.run("docker", "info", "-f", "{{.Swarm.NodeID}}").stdout.strip()
        manager.run("docker", "node", "update", "--label-add", f"{MARK}={made}", node)


if __name__ == "__main__":
    main()
