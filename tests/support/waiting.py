"""Waiting for something that another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds after which it will not come any more: a busy machine is given all of them."""


def until(true: Callable[[], object]) -> None:
    """Wait until `true()` is so. Fails when it never is."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
