"""Frames over a slow line, and over one that stood still."""

import pytest

from tui.console.terminal.pace import NextFrame

TICK = 0.25


def frames_over(still: tuple[float, float], until: float) -> tuple[list[float], NextFrame]:
    """When frames go out, a tick each, on a line that takes nothing meanwhile."""
    pace = NextFrame(0.0)
    times: list[float] = []
    for tick in range(int(until / TICK)):
        now = tick * TICK
        # It takes a frame at once, but those that came while it stood still at the end of that.
        waiting = bool(times) and still[0] <= now < still[1] and times[-1] >= still[0]
        if pace.is_free(now, waiting=waiting):
            times.append(now)
            pace.sent, pace.took = now, 0.0
    return times, pace


@pytest.mark.parametrize("seconds", [2, 10, 60, 600])
def test_after_a_stall_of_any_length_the_screen_is_live_within_3_seconds(seconds: int) -> None:
    end = 5.0 + seconds
    times, pace = frames_over((5.0, end), end + 20)
    first = next(time for time in times if time >= end)
    assert first - end <= 3
    assert pace.is_slow(first)
    assert [time for time in times if time > end + 10][:3]
    assert not pace.is_slow(end + 10)
