"""Jobs from a registry's image: the playbooks name it; a registry that is down stops none."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from solver import VERSION
from swarm.docker.engine import SwarmEngine
from swarm.docker.images import FOLLOWED
from swarm.docker.membership import find_manager
from swarm.docker.objects import Json
from swarm.job import JobSpec
from tests.dockerd import IMAGE, REPOSITORY, Dockerd
from tests.registry import HOST, Registry, registry

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

NAME = f"squarm-solver:{VERSION}"
PLATFORMS = [
    {"architecture": "amd64", "os": "linux"},
    {"architecture": "arm64", "os": "linux", "variant": "v8"},
    {"architecture": "arm", "os": "linux", "variant": "v7"},
    {"architecture": "unknown", "os": "unknown"},
]


@pytest.fixture
def pushed(swarm_manager: Dockerd, tmp_path: Path) -> Iterator[Registry]:
    """A registry with the solver for three platforms, which the manager has not."""
    with registry(swarm_manager, tmp_path / "registry") as running:
        running.push(IMAGE, NAME, platforms=PLATFORMS)
        yield running


def provision(manager: Dockerd, folder: Path) -> str:
    """The role that brings the image, on the one machine there is, with a registry."""
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    groups = {"swarm_master": {"hosts": {"master": host}}}
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": groups}}))
    play = {
        "hosts": "swarm_master",
        "vars": {"solver_image_registry": HOST},
        "roles": [{"role": "solver_image"}],
    }
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", folder / "play.yml",
         "--inventory", folder / "inventory.yml"],
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible" / "ansible.cfg"),
            "ANSIBLE_ROLES_PATH": str(REPOSITORY / "ansible" / "roles"),
            "ANSIBLE_NOCOLOR": "1",
            "DOCKER_HOST": manager.host,
            "LC_ALL": "C.UTF-8",
        },
        cwd=REPOSITORY / "ansible",
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def sent(manager: Dockerd, image: str = "") -> Json:
    """The template of the service that a new job becomes; it runs to nowhere's end and is gone."""
    engine = SwarmEngine(await find_manager(manager.host), image)
    try:
        job = await engine.submit(JobSpec(count=1))
        template: Json = manager.api().inspect_service(job)["Spec"]["TaskTemplate"]
        await engine.cancel(job)
    finally:
        await engine.close()
    return template


async def test_after_provisioning_with_a_registry_jobs_run_from_it_on_all_platforms(
    swarm_manager: Dockerd, pushed: Registry, tmp_path: Path
) -> None:
    told = provision(swarm_manager, tmp_path)
    assert "changed=0" not in told
    api = swarm_manager.api()
    assert api.inspect_swarm()["Spec"]["Labels"] == {FOLLOWED: f"{HOST}/{NAME}"}
    (node,) = api.nodes()
    assert mark_of(node)
    assert "changed=0" in provision(swarm_manager, tmp_path)

    template = await sent(swarm_manager)
    image = template["ContainerSpec"]["Image"]
    assert image.startswith(f"{HOST}/{NAME}@sha256:")
    named = [platform["Architecture"] for platform in template["Placement"]["Platforms"]]
    assert named == ["amd64", "arm64", "armv7l", "armv8l"]
    assert not template["Placement"].get("Constraints")

    pushed.stop()
    again = await sent(swarm_manager)
    assert again["ContainerSpec"]["Image"] == image
    assert again["Placement"] == template["Placement"]
    # By its usual name it is an image that was carried, and runs where it is marked.
    usual = await sent(swarm_manager, NAME)
    (constraint,) = usual["Placement"]["Constraints"]
    assert constraint == f"node.labels.squarm.solver=={mark_of(node)}"


async def test_a_registry_that_was_down_before_the_first_job(
    swarm_manager: Dockerd, pushed: Registry
) -> None:
    reference = f"{HOST}/{NAME}"
    for line in swarm_manager.api().pull(reference, stream=True):
        assert "error" not in json.loads(line)
    pushed.stop()
    template = await sent(swarm_manager, reference)
    assert template["ContainerSpec"]["Image"].startswith(f"{reference}@sha256:")
    assert template["Placement"]["Platforms"] == [{"OS": "linux", "Architecture": "amd64"}]


def mark_of(node: Json) -> str:
    return str((node["Spec"].get("Labels") or {}).get("squarm.solver", ""))
