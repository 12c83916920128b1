"""The inventory snapshot: a YAML file that Ansible reads as it is, and squarm reads back.

Written whole or not at all. Nothing secret is in it, and nothing that Ansible would evaluate.
"""

import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from base import paths, regular_file
from base.errors import MALFORMED, ProvisionError
from base.safe_file import locked, replace
from fleet.endpoint import BadAddress, Endpoint, parse_place
from fleet.ssh.openssh import host_key_options
from provision.inventory import LOCAL_ADDRESS, MANAGER, WORKER, Host, Inventory, is_name

_PYTHON = Path("/usr/bin/python3")
"""Debian's, which has what its apt is driven with."""
_HEAD = """\
# The machines of the swarm, written by squarm (`squarm inventory`) and read by Ansible.
# It is written anew: put what is yours in group_vars/ and host_vars/ beside this file.
"""


class InventoryFileError(ProvisionError):
    """The inventory file cannot be used: one sentence, with the way out."""


def default_path() -> Path:
    """Where it is kept (`XDG_DATA_HOME` is honoured)."""
    return paths.data() / "inventory.yml"


def check_path() -> Path:
    """Where that of a rehearsal is: what was only looked at is not to be mixed up with it."""
    return paths.data() / "inventory.check.yml"


def text_of(inventory: Inventory, known_hosts: Path) -> str:
    """The file's text."""
    master, others = (
        {host.alias: _variables(host, known_hosts) for host in group}
        for group in ((inventory.master,), inventory.others)
    )
    body = {
        "all": {
            "vars": {"squarm_known_hosts": str(known_hosts)},
            "children": {
                "swarm_master": {"hosts": master},
                "swarm_hosts": {"hosts": others},
            },
        }
    }
    return _HEAD + yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=1000)


def ssh_arguments(alias: str, known_hosts: Path) -> str:
    """What makes ssh check a machine's key, by its alias, against squarm's file alone.

    The alias stands there itself: in a task that another machine delegates, Ansible's
    inventory_hostname is that other machine's.
    """
    options = host_key_options(alias, known_hosts)
    # Ansible splits it all again.
    return " ".join(f"-o {name}={shlex.quote(value)}" for name, value in options.items())


@contextmanager
def held(path: Path) -> Iterator["HeldInventory"]:
    """The file, which nobody else writes until the block is left; raises InventoryFileError.

    Where the block fails it is as it was before.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(path))
            text = regular_file.read_text(path) if path.exists() else None
        except OSError as error:
            raise _refused(path, error) from None
        file = HeldInventory(path)
        try:
            yield file
        except BaseException:
            file.restore(text)
            raise


class HeldInventory:
    """The inventory's file while it is held. Every method may raise InventoryFileError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = False

    def read(self) -> Inventory | None:
        """What it holds now."""
        return read(self._path)

    def write(self, inventory: Inventory, known_hosts: Path) -> None:
        """Have it hold this."""
        try:
            replace(self._path, text_of(inventory, known_hosts))
        except OSError as error:
            raise _refused(self._path, error) from None
        self._written = True

    def restore(self, text: str | None) -> None:
        """Have it hold what it did before; None: there was no file."""
        if self._written and text is None:
            self._path.unlink(missing_ok=True)
        elif self._written:
            replace(self._path, text or "")


def write(path: Path, inventory: Inventory, known_hosts: Path) -> None:
    """Write the file, whatever it held; raises InventoryFileError."""
    with held(path) as file:
        file.write(inventory, known_hosts)


def _refused(path: Path, error: OSError) -> InventoryFileError:
    return InventoryFileError(
        f"{path} cannot be written ({error.strerror}): make its folder yours."
    )


def read(path: Path) -> Inventory | None:
    """What the file holds, None where there is none; raises InventoryFileError."""
    try:
        body = yaml.safe_load(regular_file.read_text(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InventoryFileError(f"{path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, *MALFORMED):
        raise _damaged(path) from None
    try:
        groups = body["all"]["children"]
        masters = _hosts(groups["swarm_master"], MANAGER)
        others = _hosts(groups.get("swarm_hosts") or {}, WORKER)
    except (BadAddress, *MALFORMED):
        raise _damaged(path) from None
    if len(masters) != 1:
        raise InventoryFileError(f"{path} names {len(masters)} masters: it must name one.")
    return Inventory(masters[0], others)


def _damaged(path: Path) -> InventoryFileError:
    return InventoryFileError(f"{path} is no inventory of squarm's: put it right or move it away.")


def _variables(host: Host, known_hosts: Path) -> dict[str, object]:
    way = {"ansible_ssh_common_args": ssh_arguments(host.alias, known_hosts)}
    if host.local:
        # Looked for on our own PATH it may be one of pyenv's, which does not start.
        python = str(_PYTHON) if _PYTHON.exists() else sys.executable
        way = {"ansible_connection": "local", "ansible_python_interpreter": python}
    return {
        "ansible_host": host.address,
        "ansible_port": host.port,
        "ansible_user": host.user,
        **way,
        "squarm_id": host.id,
        "squarm_serial": host.serial,
        "squarm_machine_id": host.machine_id,
        "squarm_hostname": host.name,
        "squarm_role": host.role,
    }


def _hosts(group: Mapping[str, Any], otherwise: str) -> tuple[Host, ...]:
    return tuple(_host(said or {}, otherwise) for said in (group.get("hosts") or {}).values())


def _host(said: Mapping[str, Any], otherwise: str) -> Host:
    """One machine; what is not as squarm wrote it raises ValueError."""
    texts = {
        name: str(said.get(f"squarm_{name}", ""))
        for name in ("id", "serial", "machine_id", "hostname", "role")
    }
    address = str(said.get("ansible_host", LOCAL_ADDRESS))
    place, port = parse_place(address), int(said.get("ansible_port", 22))
    plain = all(not text or text.replace("-", "").isalnum() for text in texts.values())
    if not plain or not is_name(texts["hostname"]) or not texts["id"]:
        raise ValueError
    return Host(
        id=texts["id"],
        name=texts["hostname"],
        address=place.address if isinstance(place, Endpoint) else place,
        port=port,
        user=str(said.get("ansible_user", "pi")),
        role=texts["role"] if texts["role"] in (MANAGER, WORKER) else otherwise,
        serial=texts["serial"],
        machine_id=texts["machine_id"],
        local=said.get("ansible_connection") == "local",
    )
