"""The log file: what squarm did, and what went wrong inside it. No line of it is on the screen.

`SQUARM_LOG` says how much is kept: debug, info (where nothing is said), warning or error; `--debug`
is `SQUARM_LOG=debug`. Several squarms write to the one file. Every line passes one formatter, which
takes out secrets, and what would drive a terminal that shows the file.
"""

import logging
import logging.handlers
import os
import queue
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from base import paths
from base.errors import UsageError
from base.redaction import Redactor
from base.safe_file import locked
from base.text import clean_text
from solver import VERSION

VARIABLE = "SQUARM_LOG"
LEVELS = ("debug", "info", "warning", "error")
BYTES = 1024 * 1024
KEPT = 3
"""Earlier files of so many bytes each: .1 is the newest."""

_ROOMS = ("base", "swarm", "results", "fleet", "provision", "operations", "chat", "serve", "tui")
_LEAST = {
    # At DEBUG they say tokens, webhooks and whole messages.
    "aiohttp": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "slack_sdk": logging.WARNING,
    # It prints a traceback for each attempt to connect; the bot says what is wrong, once.
    "slack_sdk.socket_mode": logging.CRITICAL,
}
_LINES = 400
_LOG = logging.getLogger(__name__)
_redact = Redactor()


def default_path() -> Path:
    """Where it is kept (`XDG_STATE_HOME` is honoured)."""
    return paths.state() / "squarm.log"


def start(what: str, *, debug: bool = False) -> None:
    """Write to the file what is logged from now on, by `what` squarm is doing.

    Raises UsageError for a bad SQUARM_LOG.
    """
    if debug:
        # Also for the processes that this one starts.
        os.environ[VARIABLE] = "debug"
    level = _level(os.environ.get(VARIABLE) or "info")
    root = logging.getLogger()
    # Of other people's libraries only complaints, unless everything is wanted.
    root.setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))
    for name in _ROOMS:
        logging.getLogger(name).setLevel(level)
    for name, least in _LEAST.items():
        logging.getLogger(name).setLevel(max(level, least))
    if before := _background():
        root.removeHandler(before)
    root.addHandler(_Background(_SharedFile(default_path())))
    _log_what_python_would_print()
    _LOG.debug("squarm %s begins: %s", VERSION, what)


def echo_warnings() -> None:
    """Say warnings and worse on standard error too: systemd keeps them in its journal."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_SafeFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def hide(secrets: Iterable[str]) -> None:
    """Keep these out of every line from now on, whatever their shape."""
    _redact.learn(secrets)


def refusal() -> str:
    """Why the file cannot be written, '' where it can."""
    path = default_path()
    try:
        with locked(path), _open_privately(str(path)):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def failed(error: BaseException) -> str:
    """Keep where squarm failed by its own fault, and the sentence to end with."""
    if _background() is None:
        start("its end")
    _LOG.critical("squarm has failed", exc_info=error)
    where = f"the details are in {default_path()}"
    if (handler := _background()) and not handler.written():
        where = f"and {default_path()} cannot be written"
    return (
        f"squarm failed by its own fault ({type(error).__name__}), {where}; what was found is "
        "kept: start it again."
    )


class _Background(logging.handlers.QueueHandler):
    """Hands lines to a thread that writes them: a slow disk must not hold up who logs."""

    def __init__(self, file: "_SharedFile") -> None:
        self._file = file
        self._lines: queue.Queue[logging.LogRecord] = queue.Queue()
        super().__init__(self._lines)
        logging.handlers.QueueListener(self._lines, file).start()

    def written(self) -> bool:
        """Wait until all is written; whether the last line is."""
        self.flush()
        return self._file.works

    def flush(self) -> None:
        """Wait until all is written; called at the process's end too."""
        self._lines.join()


class _SharedFile(logging.handlers.RotatingFileHandler):
    """The file, which other squarms write to and rotate: opened anew for each line, under a lock.

    `works`: whether the last line could be written. Where it could not, nobody is disturbed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
        self.works = True
        self.setFormatter(
            _SafeFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Append a line."""
        self.works = True
        try:
            with locked(Path(self.baseFilename)):
                super().emit(record)
                if self.stream:
                    self.stream.close()
                    self.stream = None
        except OSError:
            self.works = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Called where a line could not be written."""
        del record
        self.works = False

    def _open(self) -> TextIOWrapper:
        return _open_privately(self.baseFilename)


class _SafeFormatter(logging.Formatter):
    """Text without secrets; what follows on a message's first line is set in."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """When, in UTC."""
        del datefmt
        return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"

    def format(self, record: logging.LogRecord) -> str:
        """The whole record's text, its traceback included."""
        lines = _redact(super().format(record)).splitlines()
        # What cannot be seen may part a secret.
        shown = _redact("\n".join(clean_text(line) for line in lines[:_LINES]))
        return shown.replace("\n", "\n    ")


def _open_privately(path: str) -> TextIOWrapper:
    return open(
        path,
        "a",
        encoding="utf-8",
        errors="replace",
        opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK, 0o600),
    )


def _background() -> _Background | None:
    found = (each for each in logging.getLogger().handlers if isinstance(each, _Background))
    return next(found, None)


def _level(text: str) -> int:
    if text.lower() not in LEVELS:
        known = f"{', '.join(LEVELS[:-1])} or {LEVELS[-1]}"
        raise UsageError(f"{VARIABLE} must be {known}: {clean_text(text, 40)!r} is not.")
    return logging.getLevelNamesMapping()[text.upper()]


def _log_what_python_would_print() -> None:
    logging.captureWarnings(capture=True)
    threading.excepthook = lambda told: _LOG.error("A thread has failed", exc_info=told.exc_value)
    sys.unraisablehook = lambda told: _LOG.error(
        "%s", told.err_msg or "Something has failed unseen", exc_info=told.exc_value
    )
