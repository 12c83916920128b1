"""What a command says of its progress, where it is seen and where it is read later."""

import pytest

from tui.command.messages import EVERY, FIRST, Progress


def test_a_pipe_gets_a_line_now_and_then_and_none_twice(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with Progress(lambda: now) as progress:
        for second in range(60):
            now = float(second)
            progress.show(f"job running: {second // 30}")
    said = capsys.readouterr().err.splitlines()
    assert said == ["squarm: job running: 0", "squarm: job running: 1"]


def test_short_work_is_not_told_of_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with Progress(lambda: now) as progress:
        progress.show("job running")
        now = FIRST - 0.1
        progress.show("job still running")
    assert capsys.readouterr().err == ""
    assert EVERY > FIRST
