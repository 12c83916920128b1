"""Provision this machine in check mode: run by the Python of an installed squarm, with a folder."""

import asyncio
import sys
from pathlib import Path

from base.source import source_tree
from provision import inventory_file
from provision.inventory import Host, Inventory
from provision.runs.folder import RunRequest
from provision.runs.runs import Runs
from provision.runs.secrets import RunSecrets


async def rehearse(folder: Path) -> None:
    """Print the source, the tasks of the first step, what became of it, and the log's place."""
    print(source_tree())
    machine = Host("aaaa", "swarmaster", "127.0.0.1", local=True)
    place = folder / "inventory.yml"
    inventory_file.write(place, Inventory(machine, ()), folder / "known_hosts")
    request = RunRequest("site", place, {machine.alias: machine.name}, check=True)
    runs = Runs(folder / "runs")
    task, end = "", ""
    async for view in runs.follow(await runs.start(request, RunSecrets({}))):
        first = view.rows[0].cells[0]
        if first.task not in ("", task):
            task = first.task
            print(task)
        end = f"{first.step} {first.state} {first.message}\n{view.log}"
        if first.state.over and not view.over:
            runs.cancel(view.id)
    print(end)


if __name__ == "__main__":
    asyncio.run(rehearse(Path(sys.argv[1])))
