"""What comes from the terminal, whatever it is, and what has become of the terminal itself."""

import os
import re
import selectors
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol, TextIO, cast

from textual import events
from textual._xterm_parser import XTermParser  # no public name
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message

from base.text import clean_lines

_CHUNK = 4096
_LOOK_SECONDS = 0.1
"""Between looks whether the terminal is still ours to read; as long as Textual's own thread."""
_LARGEST = 2000
"""Cells across or down: no terminal is larger, whatever a sequence says."""
_LET_GO = re.compile(r"\x1b\[[\d:]*;\d*:3[;\d:]*[u~ABCDEFHPQRS]\Z")
"""A key that is let go of, in Kitty's protocol."""
_ESC_AND_DIGIT = re.compile(r"\x1b[0-9]")
"""Textual takes it for a sign that some keyboards have there."""
_ESC = "esc"
"""Esc in front of what makes no sequence with it: of one called `escape` Textual makes a `^`."""
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"
_PASTE_SECONDS = 2.0
"""Of silence: the end of what is pasted was lost, and keys are keys again."""
_MOUSE_IN_CELLS = "\x1b[?1016l"


class InputParser(XTermParser):
    """A parser that nothing ends: what it cannot read is left out, and it reads on.

    What is pasted comes whole, whatever is in it; Textual's own takes an escape there for a key.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last = ""
        self._pasted: list[str] | None = None
        self._heard = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """The messages in some text; '' is the end."""
        self._heard = self._clock()
        if not data:
            yield from self._read(super().feed(data))
        for character in data:
            self._last = (self._last + character)[-len(_PASTE_BEGINS) :]
            if self._pasted is None:
                yield from self._read(super().feed(character))
                if self._last == _PASTE_BEGINS:
                    self._pasted = []
                continue
            self._pasted.append(character)
            if self._last == _PASTE_ENDS:
                del self._pasted[-len(_PASTE_ENDS) :]
                yield from self._end_paste(self._pasted)

    def _end_paste(self, pasted: list[str]) -> Iterable[Message]:
        self._pasted = None
        for character in clean_lines("".join(pasted)) + _PASTE_ENDS:
            yield from self._read(super().feed(character))

    def tick(self) -> Iterable[Message]:
        """What waited for more that has not come."""
        if self._pasted is not None and self._clock() - self._heard > _PASTE_SECONDS:
            yield from self._end_paste(self._pasted)
        yield from self._read(super().tick())

    def _read(self, messages: Iterable[Message]) -> Iterable[Message]:
        try:
            for each in messages:
                esc = isinstance(each, events.Key) and each.key == _ESC
                message = events.Key("escape", "\x1b") if esc else each
                if not isinstance(message, events.Resize) or max(message.size) <= _LARGEST:
                    yield message
        # A sequence can be wrong in more ways than Textual's parser foresees.
        except Exception:  # noqa: BLE001 - none of them may end the console
            self._tokens.clear()
            self._timeout_time = None
            self._gen = self.parse(self._tokens.append)
            self._awaiting = next(self._gen)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if _LET_GO.match(sequence):
            return [events.Key(Keys.Ignore, sequence)]
        if sequence == "\x1b":
            return [events.Key(_ESC, sequence)]
        if alt or _ESC_AND_DIGIT.fullmatch(sequence):
            # Typed fast, or brought as one by a slow line: no key here is on Alt.
            key = super()._sequence_to_key_events(sequence[-1])
            return [events.Key("escape", "\x1b"), *key]
        # Enter, typed before the terminal was ours.
        return super()._sequence_to_key_events("\r" if sequence == "\n" else _plain(sequence), alt)


def _plain(sequence: str) -> str:
    """A key in Kitty's protocol without alternate codes."""
    if not sequence.startswith("\x1b[") or ":" not in sequence:
        return sequence
    # The text, the third, may be several characters.
    code, *others = sequence[2:-1].split(";")
    first = [part.partition(":")[0] for part in (code, *others[:1])]
    return f"\x1b[{';'.join([*first, *others[1:]])}{sequence[-1]}"


class _Terminal:
    """The file that frames go to; one that has gone takes them in silence."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            # What is left goes nowhere: at its exit Python would try again, and end with 120.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())

    def fileno(self) -> int:
        return self._file.fileno()


class TerminalUser(Protocol):
    """What hears, on the event loop, what becomes of its terminal."""

    def end_by_signal(self, number: int) -> None:
        """A signal came that ends it."""
        ...

    def terminal_gone(self) -> None:
        """There is nothing to read from any more."""
        ...

    def suspend_process(self) -> None:
        """A signal came that suspends it."""
        ...

    def redraw(self) -> None:
        """Somebody else may have written to the terminal."""
        ...


class ConsoleDriver(LinuxDriver):
    """Textual's driver, which survives what is typed, and signals at any time.

    Its `app` is a TerminalUser.
    """

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.has_terminal = False
        """Whether the terminal is ours: not while it is lent, or given back."""
        self._console = cast("TerminalUser", app)
        # It has all that a driver does with a file.
        self._file = _Terminal(cast("TextIO", self._file))  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        """Take the terminal; whatever ends us from now on gives it back."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._console.end_by_signal, number)
        self.has_terminal = True
        super().start_application_mode()  # type: ignore[no-untyped-call] # as Textual has it

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self.has_terminal:
            self.write(_MOUSE_IN_CELLS)
            super().stop_application_mode()
            self.has_terminal = False

    def toggle_mouse(self) -> bool:
        """Leave the mouse to the terminal, or take it back; whether it is ours now."""
        if self._mouse:
            self.write(_MOUSE_IN_CELLS)
            self._disable_mouse_support()
        self._mouse = not self._mouse
        if self._mouse:
            self._enable_mouse_support()
        self.flush()
        return self._mouse

    def disable_input(self) -> None:
        """Read no more; what is not ours is not touched, which would stop us in the background."""
        if self.has_terminal:
            super().disable_input()

    def stop_alone(self) -> None:
        """Stop this process; the others of its group have been stopped already."""
        os.kill(os.getpid(), signal.SIGSTOP)

    def drop_input(self) -> None:
        """What was typed for somebody else is nothing to us."""
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)

    def run_input_thread(self) -> None:
        """Read until the terminal is given back, or has gone."""
        parser = InputParser()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_LOOK_SECONDS):
                    data = self._read()
                    if not data:
                        self._loop.call_soon_threadsafe(self._console.terminal_gone)
                        return
                    self._pass_on(parser.feed(decode(data)))
                self._pass_on(parser.tick())

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _CHUNK)
        except OSError:
            return b""

    def _pass_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _sigtstp_application(self, *_: object) -> None:
        # Not here: whatever the signal interrupted may hold a lock.
        self._loop.call_soon_threadsafe(self._console.suspend_process)

    def _sigcont_application(self, *_: object) -> None:
        # Who suspended us resumes; somebody else may have written to the terminal.
        self._loop.call_soon_threadsafe(self._console.redraw)
