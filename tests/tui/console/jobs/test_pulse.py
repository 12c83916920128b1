"""The last hour of every node: why one is slow is seen on one screen."""

from dataclasses import replace
from pathlib import Path

from fleet.metrics.samples import Throttle
from fleet.pi_state import PiState
from fleet.snapshot import FleetSnapshot
from results.reports import Snapshot
from results.store import Store
from tests.tui.console.running import console
from tests.tui.console.scripted.console import NOW, running_row, swarm_snapshot
from tests.tui.console.scripted.pis import fleet_snapshot, pi, sample
from tests.tui.console.scripted.results import some_records
from tui.console.model import Model
from tui.console.pulse import MINUTES

HOT = Throttle(0x50005)


def at(minute: int, rate: float) -> Snapshot:
    return swarm_snapshot(running_row(), taken=NOW + 60 * minute, node_rates={"pi-02": rate})


def heated(minute: int, celsius: float, bits: Throttle) -> FleetSnapshot:
    measured = sample(temperature=celsius, throttle=bits)
    node = pi("pi-02", PiState.IN_SWARM, node="id-pi-02", sample=measured)
    return fleet_snapshot(node, taken=NOW + 60 * minute)


async def test_a_node_that_is_held_back_shows_its_rate_then_and_else(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        store.bring_in(
            "mols10-3fa2c1", [("pi-02", NOW - 600, record) for record in some_records()[:3]]
        )
    async with console(tmp_path, (80, 24), at(0, 30.0)) as running:
        for minute in range(10):
            held = minute >= 6
            await running.put(
                at(minute, 6.0 if held else 30.0),
                heated(minute, 84.0 if held else 60.0, HOT if held else Throttle(0)),
            )
        await running.press("T", "slash", "p", "i", "minus", "0", "2", "enter")
        await running.until(lambda: "held back in 4 of 10 minutes" in running.screen())
        assert "6.0/min then, 30/min else" in running.screen()
        assert "84°, to 84°" in running.screen()
        [held_line] = [line for line in running.text().splitlines() if line.startswith(" held  ")]
        assert held_line.rstrip().endswith("······vvvv")
        # What the results file has of the time before the console was there.
        row = next(row for row in running.app.model.node_rows if row.name == "pi-02")
        await running.until(lambda: running.app.model.pulse.of(row)[-20].found == 3)
        assert running.app.model.pulse.of(row)[-19].found == 0


def test_an_hour_is_kept_of_machines_that_are_there_and_nothing_of_others() -> None:
    model = Model()
    for minute in (0, 1, 1, 3):
        model.take(at(minute, float(minute)), None)
    row = next(row for row in model.node_rows if row.name == "pi-02")
    known = [minute.found for minute in model.pulse.of(row)[-5:]]
    assert known == [None, 0.0, 1.0, None, 3.0]
    # A clock that is set back loses nothing, and counts no minute twice.
    model.take(at(2, 2.0), None)
    assert len(model.pulse.of(row)) == MINUTES
    model.take(replace(at(200, 5.0), nodes=()), None)
    assert not model.pulse.of(row)
