"""What Docker calls the platform of a machine."""

_MACHINES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv8l": "arm/v7",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
}


def machine_platform(system: str, machine: str) -> str:
    """A platform such as linux/arm64 from what a node says of itself (linux, aarch64)."""
    return f"{system}/{_MACHINES.get(machine, machine)}"
