"""The console on the real local engine: a key is pressed, and verified squares appear."""

import asyncio
from pathlib import Path

from results.store import Store
from swarm.engine import Engine
from swarm.local.engine import LocalEngine
from tui.console.app import ConsoleApp


async def test_a_job_by_keys_fills_the_gallery(tmp_path: Path) -> None:
    async def local() -> Engine:
        return LocalEngine(tmp_path, workers=1)

    # Order 7 has instant squares even where the solver is not compiled.
    app = ConsoleApp(local, lambda: Store.open(tmp_path / "results.sqlite"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "ctrl+u", "5", "tab", "ctrl+u", "3", "enter")
        for _ in range(600):
            await asyncio.sleep(0.05)
            await pilot.pause()
            if app.main.squares.count() and app.model.jobs and app.model.jobs[0].found:
                break
        assert app.main.squares.count() > 0
        assert app.model.jobs[0].job.spec.order == 5
        assert app.main.log_pane.count() > 0
        first = app.main.squares.shown[0]
        assert first.order == 5
    with Store.open(tmp_path / "results.sqlite") as store:
        assert store.kept() > 0
