"""What other processes write to an audit log: a module of its own, as each imports it anew."""

from pathlib import Path

from base.audit import Audit


def append(path: Path, name: str, count: int) -> None:
    """One line after the other."""
    for number in range(count):
        Audit(path).note("drain", f"{name}-{number}", "done", "x" * 300)


def begin(path: Path, times: int) -> None:
    """Tell, again and again, of the same alert."""
    for _ in range(times):
        Audit(path).note_once("alert", "pi too hot", "begun")
