"""Times that somebody else gives: seconds since the epoch, within what a calendar can show."""

_LATEST = 1e12


def bounded_time(seconds: float) -> float | None:
    """The time, None for what is none: before the epoch, not finite, or 30,000 years from now."""
    return seconds if 0.0 <= seconds < _LATEST else None
