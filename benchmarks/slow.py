"""A slow processor: a process held to a share of one core by its cgroup's quota."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lab.host import LabError, end_all, make_cgroups

_NAME = "squarm-bench"
_PERIOD = 10_000
"""Microseconds: a core that is slow all the time, not one that stands still now and then."""


class NoQuota(Exception):
    """No process can be slowed here: one sentence."""


@contextmanager
def slowed(pid: int, share: float) -> Iterator[None]:
    """Hold a process to a share of one core; it is killed in the end. Raises NoQuota."""
    quota = int(_PERIOD * share)
    limits = (
        ("cpu.cfs_period_us", str(_PERIOD)),
        ("cpu.cfs_quota_us", str(quota)),
        ("cpu.max", f"{quota} {_PERIOD}"),
    )
    try:
        groups = make_cgroups(_NAME, limits)
        held = any((group / file).exists() for group in groups for file, _ in limits)
        if not held:
            raise NoQuota("this kernel has no processor quotas for cgroups.")
        for group in groups:
            (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        raise NoQuota(f"no processor quota can be set here ({error.strerror}): be root.") from None
    try:
        yield
    finally:
        with suppress(LabError):
            end_all(_NAME)
