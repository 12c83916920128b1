"""A network that has IPv6 alone: its Pis become a swarm as others do, and have work."""

from pathlib import Path

import pytest

from lab.plan import PiPlan, State, Variant
from tests.lab.fixtures import MakeLab
from tests.lab.state import state
from tests.provision.console import docker_of
from tests.systems.test_on_lab import at_home, give_image

pytestmark = [pytest.mark.lab, pytest.mark.systems, pytest.mark.timeout(3600)]

PLAN = PiPlan(State.DOCKER, frozenset({Variant.IPV6_ONLY}))


def test_a_swarm_over_ipv6_alone_has_work(make_lab: MakeLab, tmp_path: Path) -> None:
    with make_lab([PLAN, PLAN]) as lab:
        master, other = lab.pis
        console = at_home(lab, tmp_path)
        give_image(master)
        said = console.provision("--all", "--master-pi", master.address, "--yes")
        assert "2 of 2 machines are in order" in said
        console.wait_for_nodes()
        script = "docker node inspect $(docker node ls -q) --format '{{.Status.Addr}}'"
        told = master.run("sh", "-c", script).stdout.split()
        assert set(told) == {master.address, other.address}
        before = [state(pi) for pi in lab.pis]
        said = console.provision("--all", "--yes")
        assert said.count(": 0 changes.") == 2
        assert [state(pi) for pi in lab.pis] == before
        with docker_of(console, master):
            said = console("run", "10", "--count", "40", "--replicas", "2")
        assert "40 of 40 squares" in said
        script = "docker service ps --format '{{.Node}}' $(docker service ls --quiet)"
        assert set(master.run("sh", "-c", script).stdout.split()) == set(console.nodes())
