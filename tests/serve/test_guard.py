"""A task of the daemon that fails: told, and begun again, while the others go on."""

import asyncio

import pytest

from serve import guard
from serve.guard import Guard
from tests.waiting import until


async def test_what_fails_is_told_and_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_AGAIN", 0.0)
    begun: list[int] = []

    async def fails_twice() -> None:
        begun.append(len(begun))
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())
            if len(begun) < 3:
                raise OSError(5, "Input/output error\x1b[31m")

    guarded = Guard("The copying", fails_twice)
    assert guarded.problem == ""
    running = asyncio.create_task(guarded.run())
    await until(lambda: len(begun) == 3)
    assert guarded.problem.startswith(
        "The copying failed by squarm's own fault (OSError: [Errno 5]"
    )
    assert "\x1b" not in guarded.problem
    assert guarded.problem.endswith("all else goes on.")
    monkeypatch.setattr(guard, "_STEADY", 0.0)
    assert guarded.problem == ""
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
