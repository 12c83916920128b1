"""A machine that nobody reaches is not called done, also where dead ones are passed over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ANSIBLE = Path(__file__).parents[2] / "ansible"
# Nothing listens there.
INVENTORY = """
swarm_master:
  hosts:
    alone: {ansible_host: 127.0.0.1, ansible_port: 9, squarm_hostname: swarmaster}
"""


@pytest.mark.parametrize(
    ("playbook", "options"),
    [("reset", "reset_hosts=alone reset_confirmed=yes"), ("upgrade", "os_upgrade_reboot=never")],
)
def test_a_manager_that_is_gone_has_failed(playbook: str, options: str, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(INVENTORY)
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, f"playbooks/{playbook}.yml", "-i", inventory, "-e", options],
        cwd=ANSIBLE,
        env={**os.environ, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stdout
    assert "Docker on alone does not answer: Task failed" in done.stdout
    assert "failed=1" in done.stdout
