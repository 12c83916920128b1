"""A row is one machine for its whole life, and no key means another than the user saw."""

import random
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fleet.pi_state import PiState
from fleet.snapshot import PiView
from tests.tui.console.machines.test_nodes import enter
from tests.tui.console.running import console
from tests.tui.console.scripted.cluster import ScriptedProvisioning
from tests.tui.console.scripted.console import busy_events, node, swarm_snapshot
from tests.tui.console.scripted.pis import PICK_KITCHEN, fleet_snapshot, pi, sample, some_pis
from tui.console.node_row import NodeChoice, NodeRow
from tui.console.panes.nodes import NodesPane
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.node import NodeScreen

MACHINES = 300
STEPS = 40


async def test_cursor_and_mark_stay_on_a_node_that_is_found_as_a_pi(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events()) as running:
        nodes = running.app.main.nodes
        await running.press("1", "down", "down", "space", "up")
        assert nodes.chosen is not None
        assert (nodes.chosen.name, nodes.chosen.marked) == ("pi-03", True)
        await running.put(some_pis())
        assert nodes.chosen is not None
        assert (nodes.chosen.name, nodes.chosen.marked) == ("pi-03", True)
        assert nodes.chosen.pi is not None


async def test_a_node_s_screen_follows_it_and_says_when_it_is_gone(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events()) as running:
        await running.press("1", "down", "down", "enter")
        await running.put(some_pis(), swarm_snapshot())
        screen = running.app.front
        assert isinstance(screen, NodeScreen)
        assert screen.row.pi is not None
        await running.put(fleet_snapshot(), swarm_snapshot(nodes=()))
        assert "It is not listed now" in running.screen()
        await running.press("t", "s", "X")
        assert running.app.screen is screen
        assert running.toasts == ["▲ No machine is chosen."] * 3


async def test_a_row_that_leaves_the_filter_takes_the_cursor_along(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        nodes = running.app.main.nodes
        await running.press("1", "slash", *"reachable", "enter")
        assert nodes.chosen is not None
        first = nodes.chosen.name
        gone = some_pis()
        pis = [
            replace(each, state=PiState.LOST) if each.name == first else each for each in gone.pis
        ]
        await running.put(fleet_snapshot(*pis))
        await running.press("s", "c", "L")
        assert running.at_main()
        assert running.fleet.asked[-1][0] != "shell"
        assert running.toasts == ["▲ The machine is not listed now: choose another."] * 3
        assert f"{first} is not listed now" in str(nodes.border_subtitle)
        await running.put(some_pis())
        assert nodes.chosen is not None
        assert nodes.chosen.name == first
        await running.put(fleet_snapshot(*pis))
        await running.press("down")
        assert nodes.lost
        await running.press("escape")
        assert nodes.copy_text() == pi(first).address


async def test_a_machine_that_is_not_on_the_screen_is_asked_about_by_all_its_names(
    tmp_path: Path,
) -> None:
    def pis(first: float) -> list[PiView]:
        cpus = [first, *(0.5 - number / 1000 for number in range(MACHINES - 1))]
        return [pi(f"host-{n}", id=f"id{n}", sample=sample(cpu=cpu)) for n, cpu in enumerate(cpus)]

    async with console(tmp_path, (160, 48), fleet_snapshot(*pis(0.9))) as running:
        await running.press("1", "o", "o", "o")
        await running.press("g")
        await running.put(fleet_snapshot(*pis(0.01)))
        chosen = running.app.main.nodes.chosen
        assert chosen is not None
        assert (chosen.name, running.app.main.nodes.cursor) == ("host-0", MACHINES - 1)
        await running.press("c")
        assert isinstance(running.app.screen, Confirm)
        shown = running.screen()
        for told in ("host-0 is not on the screen", "id0", chosen.address):
            assert told in shown
        await running.press("enter")
        assert running.at_main()
        await running.press("c", "right", "enter")
        assert "Forget host-0 (id0" in running.screen()


async def test_marks_that_a_filter_hides_are_counted_and_not_meant(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "down", "space", "space")
        await running.press("slash", *"kitchen", "enter")
        assert "2 marked, 2 of them hidden" in str(running.app.main.nodes.border_subtitle)
        await running.press("c")
        assert f"Forget kitchen ({pi('kitchen').id}" in running.screen()


async def test_a_key_for_one_machine_says_so_where_others_are_marked(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        running.app.provisioning = ScriptedProvisioning(running.app)
        await running.press("1", "down", "space", "space")
        for key in "tmBXsa":
            await running.press(key)
            assert running.at_main()
            assert running.toasts[-1].startswith(
                "▲ This takes one machine, and marked is pi-02, pi-03"
            )
        await running.press("up", "space", "up", "up", "t")
        assert "Drain pi-02?" in running.screen()


async def test_a_name_that_two_have_is_refused_with_the_choices(tmp_path: Path) -> None:
    twins = (pi("raspberrypi", id="aa"), pi("raspberrypi", id="bb", address="10.0.0.99"))
    async with console(tmp_path, (160, 48), *busy_events(), fleet_snapshot(*twins)) as running:
        for command in ("forget", "shell", "login", "accept", "provision", "open", "describe"):
            await enter(running, f"{command} raspberrypi")
            assert running.at_main()
            assert "2 machines are 'raspberrypi'" in running.toasts[-1]
            assert "raspberrypi (aa, " in running.toasts[-1]
            assert "raspberrypi (bb, 10.0.0.99)" in running.toasts[-1]
        await enter(running, "forget 10.0.0.99")
        assert "Forget raspberrypi (bb, 10.0.0.99)?" in running.screen()
        await running.press("escape", *PICK_KITCHEN, "s")
        assert "raspberrypi is not the only one of its name" in running.screen()


class Life:
    """A machine: how it is known at the moment, if at all. Its number is what it really is."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.number = number
        self.name = f"pi-{dice.randrange(40)}"
        self.known = dice.choice(("", "pi", "node", "both"))

    def row(self, dice: random.Random) -> NodeRow | None:
        if dice.random() < 0.1:
            self.known = dice.choice(("", "pi", "node", "both"))
        if dice.random() < 0.02:
            self.name = f"pi-{dice.randrange(40)}"
        found = self.known in ("pi", "both")
        member = self.known in ("node", "both")
        if not (found or member):
            return None
        key = f"p{self.number}" if found else f"n{self.number}"
        shown = sample(cpu=dice.random())
        return NodeRow(
            key,
            self.name,
            f"10.0.0.{dice.randrange(250)}",
            "worker" if member else "",
            pi(self.name, id=f"p{self.number}", sample=shown) if found else None,
            node(self.name, id=f"n{self.number}") if member else None,
        )


def real(row: NodeRow) -> int:
    return int(row.key[1:])


def press(pane: NodesPane, dice: random.Random) -> None:
    """A key, as its handler does it."""
    keys = (
        lambda: pane.move_rows(1),
        lambda: pane.move_rows(-1),
        lambda: pane.move_page(dice.choice((1, -1))),
        lambda: pane.go(dice.choice((0, 10**6))),
        pane.toggle,
        pane.toggle_all,
        pane.sort_next,
        pane.turn_around,
        lambda: pane.set_filter(dice.choice(("pi-1", "worker", "pi-7", ""))),
    )
    dice.choice(keys)()


@given(st.integers(0, 10**9))
def test_whatever_machines_do_cursor_and_marks_stay_on_them_or_let_go(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - lives, not secrets
    lives = [Life(number, dice) for number in range(dice.choice((1, 3, 20, MACHINES)))]
    choice = NodeChoice()
    pane = NodesPane(choice)
    for _ in range(STEPS if len(lives) < MACHINES else 8):
        before = pane.chosen
        marked = {int(key[1:]) for key in choice.marked}
        dice.shuffle(lives)
        pane.show([row for life in lives if (row := life.row(dice)) is not None])
        # What a key would mean now is what the user saw the cursor on, or nothing.
        if before is not None:
            assert pane.chosen is None or real(pane.chosen) == real(before)
        elif pane.chosen is not None and pane.count() > 0:
            assert pane.lost is False
        assert {int(key[1:]) for key in choice.marked} <= marked
        assert {real(row) for row in pane.marked_here()} <= marked
        press(pane, dice)
