"""Random lives of 300 machines, and random keys: nothing is done to another than the user saw."""

import random
from pathlib import Path

import pytest
from hypothesis import settings

from fleet.snapshot import PiView
from swarm.engine import NodeView
from tests.tui.console.running import RunningConsole, console
from tests.tui.console.scripted.cluster import ScriptedProvisioning
from tests.tui.console.scripted.console import node, swarm_snapshot
from tests.tui.console.scripted.pis import fleet_snapshot, pi, sample
from tui.console.node_row import NodeRow
from tui.console.panes.nodes import NodesPane
from tui.console.screens.dialogs.confirm import Confirm

pytestmark = pytest.mark.slow

LIVES = max(2, settings().max_examples // 50)
MACHINES = 300
STEPS = 15
MOVES = ("down", "up", "pagedown", "pageup", "g", "G", "o", "O", "N", "1", "2", "escape", "space")
FILTERS = ("pi-1", "worker", "ready", "")


class LivingMachines:
    """The machines as they are now; the number in each id is what a machine really is."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._known = {number: dice.choice("pnb-") for number in range(MACHINES)}
        self._names = {number: f"pi-{dice.randrange(200)}" for number in range(MACHINES)}

    def go_on(self) -> None:
        """Some are found, some are lost, some join the swarm, some are called otherwise."""
        for number in self._dice.sample(range(MACHINES), 60):
            self._known[number] = self._dice.choice("pnb-")
        for number in self._dice.sample(range(MACHINES), 5):
            self._names[number] = f"pi-{self._dice.randrange(200)}"

    def pis(self) -> list[PiView]:
        """What discovery sees."""
        return [
            pi(
                self._names[number],
                id=f"p{number}",
                node=f"n{number}" if known == "b" else "",
                sample=sample(cpu=self._dice.random()),
            )
            for number, known in self._known.items()
            if known in "pb"
        ]

    def nodes(self) -> list[NodeView]:
        """What the swarm sees."""
        return [
            node(
                self._names[number],
                id=f"n{number}",
                state=self._dice.choice(("ready", "down")),
                availability=self._dice.choice(("active", "drain")),
                role=self._dice.choice(("worker", "manager")),
            )
            for number, known in self._known.items()
            if known in "nb"
        ]

    async def show(self, running: RunningConsole) -> None:
        """Have the console see it."""
        self.go_on()
        await running.put(fleet_snapshot(*self.pis()), swarm_snapshot(nodes=tuple(self.nodes())))


def real(row: NodeRow) -> int:
    return int(row.key[1:])


def meant(running: RunningConsole) -> set[int]:
    """What a key may mean now: what is marked and shown, or under the cursor."""
    front = running.app.front
    rows = [row for row in [front.node_at_hand()] if row is not None]
    if isinstance(front.chosen, NodesPane):
        rows += front.chosen.marked_here()
    return {real(row) for row in rows}


def reached(running: RunningConsole, provisioning: ScriptedProvisioning) -> set[int]:
    """What was done something to, since the last time."""
    asked = [str(entry[1]) for entry in running.fleet.asked if entry[0] in ("forget", "accept")]
    done = [target for _, target in provisioning.manager.done]
    running.fleet.asked.clear()
    provisioning.manager.done.clear()
    return {int(target[1:]) for target in (*asked, *done)}


@pytest.mark.parametrize("seed", range(LIVES))
async def test_nothing_is_done_to_another_machine_than_the_user_saw(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - lives, not secrets
    world = LivingMachines(dice)
    touched = 0
    async with console(tmp_path, (160, 48), swarm_snapshot(nodes=())) as running:
        provisioning = ScriptedProvisioning(running.app)
        provisioning.manager.drained.set()
        running.app.provisioning = provisioning
        await running.press("1")
        for _ in range(STEPS):
            await world.show(running)
            if dice.random() < 0.2:
                await running.press("slash", "ctrl+u", *dice.choice(FILTERS), "enter")
            await running.press(*(dice.choice(MOVES) for _ in range(dice.randrange(4))))
            await world.show(running)
            expected = meant(running)
            await running.press(dice.choice("ctmX"))
            while isinstance(running.app.screen, Confirm):
                await world.show(running)
                await running.press("right", "enter")
            await running.until(lambda: not running.app.under_way)
            done = reached(running, provisioning)
            assert done <= expected
            touched += len(done)
            while not running.at_main():
                await running.press("escape")
            await running.press("1")
        assert touched, "nothing was ever done: this shows nothing"
