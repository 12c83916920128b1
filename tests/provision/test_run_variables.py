"""What Ansible is told of this machine."""

import pytest

from provision.runs.variables import forks

MB = 1_000_000


@pytest.mark.parametrize(
    ("memory", "cores", "machines"),
    [
        (150 * MB, 4, 5),  # a Pi 3 with the console open
        (3_000 * MB, 4, 25),  # a Pi 4 of 4 GB
        (12_000 * MB, 2, 20),
        (60_000 * MB, 16, 50),
    ],
)
def test_as_many_machines_at_a_time_as_memory_and_cores_bear(
    memory: int, cores: int, machines: int
) -> None:
    assert forks(memory, cores) == machines
