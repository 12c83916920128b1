"""What a test needs of the machine: missing, it is skipped by name, but in CI it fails."""

import os
import shutil
import subprocess

import pytest


def need(missing: str) -> None:
    """Skips the calling test for what is missing, if anything is; fails it instead in CI."""
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must run every test: {missing}")
    if missing:
        pytest.skip(missing)


def need_program(*names: str) -> None:
    """Skips the calling test where one of these programs is not installed; in CI it fails."""
    missing = [name for name in names if shutil.which(name) is None]
    need(f"not installed: {', '.join(missing)}" if missing else "")


def need_mounts() -> None:
    """Skips the calling test where nothing can be mounted, as without root or in a bare chroot."""
    can = os.geteuid() == 0 and os.path.ismount("/sys") and os.path.ismount("/proc")
    # Where the root is no mount of its own, no process can have mounts of its own.
    can = can and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0
    need("" if can else "nothing can be mounted over /sys and /proc here")
