"""Ansible's inventory from the snapshot that `squarm inventory` wrote, and from nothing else."""

import os
from pathlib import Path

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.plugins.loader import inventory_loader, vars_loader

DOCUMENTATION = """
name: squarm
short_description: the Pis of squarm's reviewed inventory snapshot
description:
  - Reads the YAML inventory that C(squarm inventory) wrote. Looks nothing up on the network, so
    that a run does tomorrow what it did today.
  - Settings in C(group_vars/) and C(host_vars/) beside the snapshot count as well.
options:
  plugin:
    description: Tells that a file is for this plugin.
    required: true
    choices: [squarm]
  snapshot:
    description: The snapshot, where it is not in its usual place in the user's data folder.
    type: path
"""

MASTER = "swarm_master"
HOSTS = "swarm_hosts"


class InventoryModule(BaseInventoryPlugin):
    """Read by Ansible for files called squarm.yml."""

    NAME = "squarm"

    def verify_file(self, path: str) -> bool:
        """Whether a file is for this plugin."""
        return bool(super().verify_file(path)) and Path(path).name in {"squarm.yml", "squarm.yaml"}

    def parse(
        self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True
    ) -> None:
        """Take in what the snapshot says; raises AnsibleParserError."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        snapshot = Path(self.get_option("snapshot") or _usual_place())
        if not snapshot.is_file():
            raise AnsibleParserError(
                f"There is no inventory snapshot {snapshot}: let `squarm inventory` write it, "
                "or name another inventory with -i."
            )
        inventory_loader.get("yaml").parse(inventory, loader, str(snapshot), cache=False)
        self._check(snapshot)
        self._take_settings_beside(snapshot)

    def _check(self, snapshot: Path) -> None:
        """One swarm has one master that forms it."""
        group = self.inventory.groups.get(MASTER)
        masters = [] if group is None else sorted(host.name for host in group.get_hosts())
        if len(masters) != 1:
            raise AnsibleParserError(
                f"The group {MASTER} of {snapshot} must name exactly one machine, not "
                f"{', '.join(masters) or 'none'}: let `squarm inventory` write it anew."
            )
        self.inventory.add_group(HOSTS)

    def _take_settings_beside(self, snapshot: Path) -> None:
        """What Ansible itself does for an inventory file named with -i."""
        settings = vars_loader.get("host_group_vars")
        for entity in (*self.inventory.groups.values(), *self.inventory.hosts.values()):
            found = settings.get_vars(self.loader, str(snapshot.parent), [entity])
            for name, value in found.items():
                self.inventory.set_variable(entity.name, name, value)


def _usual_place() -> Path:
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "squarm" / "inventory.yml"
