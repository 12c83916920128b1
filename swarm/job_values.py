"""From what a person types to the values of a job: on the command line, in the form, in Slack."""

import re

from solver.question import Question
from swarm.job import MIB, SpecError, spec_errors

_MOST = 2**63 - 1
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"k": 1024, "m": MIB, "g": 1024 * MIB}


def parse_order(text: str) -> int:
    """The order of the squares; raises SpecError where it is no workable one."""
    order = parse_whole("order", text)
    with spec_errors():
        Question(order)
    return order


def parse_whole(field: str, text: str) -> int:
    """A whole number; raises SpecError naming `field`."""
    text = text.strip()
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise SpecError(field, f"{field.capitalize()} must be a whole number: {_no(text)}.")
    digits = text.lstrip("+-0") or "0"
    if len(digits) > len(str(_MOST)) or int(digits) > _MOST:
        # Neither the results file nor the solver counts any further.
        raise SpecError(field, f"{field.capitalize()} must be at most {_MOST:,}: {_no(text)}.")
    return -int(digits) if text.startswith("-") else int(digits)


def parse_decimal(field: str, text: str) -> float:
    """A number such as 0.5; raises SpecError naming `field`."""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?", text.strip()):
        raise SpecError(field, f"{field.capitalize()} must be a number such as 0.5: {_no(text)}.")
    return float(text)


def parse_memory(text: str) -> int:
    """Bytes, from a text such as 64M, 1G or 0.5g; raises SpecError."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([kmg])i?b?", text.strip().lower())
    if not match:
        raise SpecError("memory", f"Memory must be a size such as 64M or 1G: {_no(text)}.")
    return int(float(match[1]) * _BYTES[match[2]])


def parse_seconds(text: str) -> int:
    """Seconds, from 90, 90s, 10m or 2h; raises SpecError."""
    match = re.fullmatch(r"([0-9]{1,9})\s*([smhd]?)", text.strip().lower())
    if not match:
        raise SpecError("seconds", f"Seconds must be such as 90, 10m or 2h: {_no(text)}.")
    return int(match[1]) * _SECONDS[match[2]]


def _no(text: str) -> str:
    return f"{text.strip()[:40]!r} is not"
