"""What the console knows of provisioning: the plan, the runs, and how nodes are reached.

The modules behind it are imported late, for the first paint not to wait for them.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tui.console.logins import Logins
from tui.console.pis import Pis

if TYPE_CHECKING:
    from fleet.fleet import Fleet
    from operations.nodes import Cluster
    from provision.prepare import Choice, Foreseen
    from provision.runs.runs import Runs
    from provision.runs.view import RunView


class ProvisioningSession:
    """Changes nothing. `folder`: where runs are kept, None for the user's own."""

    def __init__(self, pis: Pis, logins: Logins, folder: Path | None = None) -> None:
        self._pis = pis
        self._logins = logins
        self._folder = folder

    @property
    def runs(self) -> "Runs":
        """The runs there are."""
        from provision.runs.runs import Runs

        return Runs(self._folder)

    @property
    def cluster(self) -> "Cluster":
        """How the swarm's nodes are reached."""
        from operations.nodes import Cluster

        return Cluster.here(self._logins.credentials)

    async def foresee(self, choice: "Choice") -> "Foreseen":
        """Look at the machines chosen, and say what would be done; raises SquarmError."""
        from provision import inventory_file, prepare

        fleet, credentials = cast("Fleet", self._pis.fleet), self._logins.credentials()
        before = await asyncio.to_thread(inventory_file.read, inventory_file.default_path())
        if before is not None:
            # The master is who it was, on this machine or another.
            choice = replace(choice, here=False, master_pi="")
        return await prepare.foresee(fleet, choice, credentials, before)

    async def live(self) -> str:
        """The id of the run under way, '' for none."""
        return await asyncio.to_thread(_live, self._folder)

    async def way_to_swarm(self, run: str) -> str:
        """By which way the console talks to the swarm of a run; raises ProvisionError."""
        return await asyncio.to_thread(_way_to_swarm, self.runs, run)

    async def newest(self) -> "RunView":
        """The run under way, else the last one; raises RunError where there is none."""
        return await asyncio.to_thread(self.runs.find)


def _live(folder: Path | None) -> str:
    from provision.runs.folder import default_path, live

    return live(folder or default_path())


def _way_to_swarm(runs: "Runs", run: str) -> str:
    from operations.engines import way_to_swarm
    from provision import inventory_file

    inventory = inventory_file.read(runs.request(run).inventory)
    return way_to_swarm(inventory.master) if inventory else ""
