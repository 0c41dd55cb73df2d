"""Waits for what other processes do; rules about time never need it."""

import threading
from collections.abc import Callable
from time import monotonic


def eventually(happened: Callable[[], object], within_s: float = 20.0) -> None:
    """Return as soon as `happened()` is true. Raises AssertionError after `within_s`."""
    deadline = monotonic() + within_s
    while not happened():
        assert monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)
