"""The console in a terminal: keys from exec on, and every way out of it."""

import re
import shlex
import signal
import time
from pathlib import Path

import pytest
from textual import events

from tests.tui.console.terminal import SQUARM, Terminal, modes_left, state_of, terminal
from tests.waiting import wait_until
from tui.console.terminal.driver import InputParser

pytestmark = pytest.mark.slow

READY = "No jobs yet"
HELP = "Start a search."
TAKEN = b"\x1b[?1049h"
"""Written when it takes the terminal, and when it takes it back."""


def ready(shown: str) -> bool:
    return READY in shown


def left_in_order(console: Terminal, code: int) -> None:
    """It ended so, and the terminal is as it was."""
    console.process.wait(60)
    assert console.in_order
    assert console.ended() == code, console.screen()
    assert modes_left(console.output) == {}
    assert "Traceback" not in console.screen()
    assert "squarm failed" not in console.screen()


def test_the_screen_follows_the_size_of_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        for width, height in ((120, 40), (200, 50), (80, 24)):
            console.resize(width, height)

            def fills(shown: str, width: int = width, height: int = height) -> bool:
                lines = shown.splitlines()
                return len(lines[1].rstrip()) == width and "quit" in lines[height - 1]

            console.until(fills)


@pytest.mark.parametrize("keys", [":", "/", "n\x1b[200~pasted\x1b[201~"])
def test_keys_typed_before_the_first_paint_wait_for_it(tmp_path: Path, keys: str) -> None:
    with terminal(tmp_path) as console:
        console.type(keys)
        if keys == ":":
            console.type("help\r")
            console.until(lambda shown: HELP in shown)
            console.type("\x1b")
        time.sleep(0.2)
        console.type("\x1b\x1b")
        console.until(ready)
        # Behind Esc at once it would be Alt-Q.
        time.sleep(0.5)
        console.type("q")
        left_in_order(console, 0)


@pytest.mark.parametrize("keys", ["qn", "q?", "q:help\r\x1b[200~text\x1b[201~n"])
def test_keys_behind_q_are_for_nobody(tmp_path: Path, keys: str) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        console.type(keys)
        left_in_order(console, 0)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["SIGTERM", "SIGHUP"]
)
def test_a_signal_leaves_the_terminal_in_order(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        console.process.send_signal(number)
        left_in_order(console, code)


def test_a_terminal_that_goes_away_ends_it(tmp_path: Path) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        console.hang_up()
        assert console.process.wait(60) == 129


def test_a_shell_that_is_killed_takes_it_along(tmp_path: Path) -> None:
    with terminal(tmp_path, ["bash", "--norc", "--noprofile", "-i"]) as shell:
        shell.until(lambda shown: "$ " in shown)
        shell.type(f"{shlex.join(SQUARM)}\r")
        shell.until(ready)
        console = shell.foreground
        assert console != shell.process.pid
        shell.process.kill()
        shell.until(lambda _: not state_of(console))


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_comes_back_whole(tmp_path: Path) -> None:
    with terminal(tmp_path, ["bash", "--norc", "--noprofile", "-i"]) as shell:
        shell.until(lambda shown: "$ " in shown)
        shell.type(f"{shlex.join(SQUARM)}\r")
        shell.until(ready)
        for way in ("fg", "fg"):
            shell.type("\x1a")
            shell.until(lambda shown: "Stopped" in shown and READY not in shown)
            assert modes_left(shell.output.replace(b"\x1b[?2004h", b"")) == {}
            shell.type("echo still $((40 + 2))\r")
            shell.until(lambda shown: "still 42" in shown)
            shell.type(f"{way}\r")
            shell.until(ready)
        # Enter was the shell's.
        assert "squarm" in shell.screen().splitlines()[0]
        shell.type("q")
        shell.until(lambda shown: READY not in shown)
        shell.type("echo ended with $?\r")
        shell.until(lambda shown: "ended with 0" in shown)


def test_a_suspended_console_takes_bg_and_sigterm(tmp_path: Path) -> None:
    with terminal(tmp_path, ["bash", "--norc", "--noprofile", "-i"]) as shell:
        shell.until(lambda shown: "$ " in shown)
        shell.type(f"{shlex.join(SQUARM)}\r")
        shell.until(ready)
        shell.type("\x1a")
        shell.until(lambda shown: "Stopped" in shown)
        # It stops itself anew, in its own time.
        shell.type('bg; until [ -n "$(jobs -s)" ]; do sleep 0.1; done; echo stopped $((40 + 2))\r')
        shell.until(lambda shown: "stopped 42" in shown)
        # Not by bash's wait, which gives up on a job that it has not yet seen going on.
        shell.type("kill %1; while kill -0 $(jobs -p) 2>&-; do sleep 0.1; done\r")
        shell.until(lambda shown: "Exit 143" in shown)


def test_where_no_shell_watches_ctrl_z_changes_nothing(tmp_path: Path) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        console.type("\x1a")
        # What is typed until it is back is thrown away, for it was meant for a shell.
        console.until(lambda _: console.output.count(TAKEN) == 2)
        console.type("?")
        console.until(lambda shown: HELP in shown)
        console.type("q")
        left_in_order(console, 0)


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[1081::113;;1081u",
        "\x1b[99:67:1;5:3;99u",
        "\x1b[99;5:3u",
        "\x1b[1114112;1u",
        "\x1b[48;1;1;0;0t\x1b[<0;5;5M",
        "\x1b[48;99999999;99999999;1;1t",
        "\udcff",
    ],
)
def test_no_sequence_ends_the_parser(sequence: str) -> None:
    parser = InputParser()
    list(parser.feed(sequence))
    assert [getattr(event, "key", "") for event in parser.feed("j")] == ["j"]


def test_what_is_pasted_is_no_key_whatever_is_in_it() -> None:
    """As tmux pastes what it captured with colours, and whoever put a trap into the clipboard."""
    pasted = "1\x1b[31m2\x1b\x1b[0mq\x1b]0;x\x07D\x9b\x00\x1b[200~\r\n\ty\u202e"
    read = list(InputParser().feed(f"\x1b[200~{pasted}\x1b[201~j"))
    assert [type(event) for event in read] == [events.Paste, events.Key]
    assert isinstance(read[0], events.Paste)
    assert read[0].text == "12qD\n y"


def test_keys_are_keys_again_where_the_end_of_a_paste_is_lost() -> None:
    now = 0.0
    parser = InputParser(lambda: now)
    assert list(parser.feed("\x1b[200~1")) == list(parser.tick()) == []
    now = 3.0
    (read,) = parser.tick()
    assert isinstance(read, events.Paste)
    assert [event.key for event in parser.feed("j") if isinstance(event, events.Key)] == ["j"]


def test_a_field_takes_the_first_line_that_says_something(tmp_path: Path) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        console.type("n")
        console.until(lambda shown: "New job" in shown)
        console.type("\x1b[200~\n\x1b[31m17\x1b[0m\nq\n\x1b[201~")
        console.until(lambda shown: re.search(r"order +17 ", shown))
        assert "New job" in console.screen()


@pytest.mark.parametrize("key", [*"/:?jqDX19", "["])
def test_esc_and_a_key_at_once_are_both(key: str) -> None:
    parser = InputParser()
    read = list(parser.feed(f"\x1b{key}"))

    def told() -> list[tuple[str, str | None]]:
        """Until nothing more can belong to it, it is not read."""
        read.extend(parser.tick())
        return [(event.key, event.character) for event in read if isinstance(event, events.Key)]

    wait_until(told)
    assert told()[0] == ("escape", "\x1b")
    assert [character for _, character in told()[1:]] == [key]


@pytest.mark.parametrize("keys", ["q\x1b", "[t\x1b[C"])
def test_esc_stays_esc_in_front_of_another(keys: str) -> None:
    """As a slow line brings them: in one piece."""
    first = next(iter(InputParser().feed(f"\x1b{keys}")))
    assert isinstance(first, events.Key)
    assert (first.key, first.character) == ("escape", "\x1b")


def test_bytes_that_are_no_text_end_nothing(tmp_path: Path) -> None:
    with terminal(tmp_path) as console:
        console.until(ready)
        console.type(b"\xff\xfe\x1b[1081::113;;1081u")
        # The last of these was й on a Russian keyboard: q there.
        time.sleep(0.3)
        console.type("q")
        left_in_order(console, 0)
