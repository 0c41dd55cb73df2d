"""Watches the database's clock against our own: it must not jump under the sweep."""

from datetime import datetime

JUMP_S = 5.0
STEADY = 3


class ClockGuard:
    """Holds firing when the two clocks part by more than `JUMP_S`; three steady readings resume.

    Firing early cannot be undone; three seconds late can.
    """

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None
        self._missing = 0

    def steady(self, database: datetime, ours: float) -> bool:
        """Compare the progress since the last reading; tell whether firing is safe.

        `database` is its real time, `ours` a monotonic reading in seconds.
        """
        last, self._last = self._last, (database, ours)
        if last is not None:
            progress = (database - last[0]).total_seconds() - (ours - last[1])
            if abs(progress) > JUMP_S:
                self._missing = STEADY
            elif self._missing:
                self._missing -= 1
        return self._missing == 0
