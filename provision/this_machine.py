"""The machine squarm runs on, as one of the inventory: a master is provisioned like a Pi."""

import getpass
import hashlib
from contextlib import suppress
from pathlib import Path

from fleet.discovery.interface import Interface
from provision.inventory import Candidate

_MACHINE_ID = Path("/etc/machine-id")
_SERIAL = Path("/sys/firmware/devicetree/base/serial-number")


def this_machine(interface: Interface) -> Candidate:
    """This machine, at the address the Pis see; its id is stable, and no Pi's."""
    machine_id = _first_line(_MACHINE_ID).lower()
    serial = _first_line(_SERIAL).lower()
    seed = f"this machine {serial or machine_id or interface.address}"
    return Candidate(
        id=hashlib.sha256(seed.encode()).hexdigest()[:8],
        address=interface.address,
        user=getpass.getuser(),
        serial=serial if serial.isalnum() and serial.strip("0") else "",
        machine_id=machine_id if machine_id.isalnum() else "",
        local=True,
    )


def _first_line(path: Path) -> str:
    with suppress(OSError, IndexError):
        return path.read_text("ascii", "replace").replace("\0", "").splitlines()[0].strip()
    return ""
