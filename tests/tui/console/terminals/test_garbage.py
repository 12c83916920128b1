"""Full searches for garbage, which keys would wait for, are made between keys."""

import gc

from tui.console.terminal.garbage import QUIET, Garbage


def test_full_searches_wait_until_nobody_types() -> None:
    full: list[float] = []
    now = 0.0

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == 2:
            full.append(now)

    before = gc.get_threshold()
    young, middle, _ = before  # 700 and 10; 2,000 and 10 since Python 3.13
    garbage = Garbage(lambda: now)
    gc.callbacks.append(note)
    try:
        garbage.begin()
        kept: list[list[list[int]]] = []
        for _ in range(20):
            now += 1
            garbage.typed()
            kept.append([[] for _ in range(young * middle)])
            garbage.look()
        assert full == []
        now += QUIET
        garbage.look()
        assert full == [now]
        now += QUIET
        garbage.look()
        assert len(full) == 1
    finally:
        garbage.end()
        gc.callbacks.remove(note)
    assert gc.get_threshold() == before
