"""What a test needs of the machine: missing, it is skipped by name, but in CI it fails."""

import os

import pytest


def need(missing: str) -> None:
    """Skips the calling test for what is missing, if anything is; fails it instead in CI."""
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must run every test: {missing}")
    if missing:
        pytest.skip(missing)
