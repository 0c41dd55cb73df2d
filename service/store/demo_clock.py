"""The movable clock of demo and test databases: what it shows, and its moves by request."""

from datetime import datetime, timedelta

from sqlalchemy import text

from service.store.unit_of_work import Tx, is_simulated

_JUMP = text("""
UPDATE app_clock SET wall_at = clock_timestamp(), app_at = app_now() + :by RETURNING app_at""")

_PACE = text("SELECT app_now(), rate FROM app_clock")


def pace(tx: Tx) -> tuple[datetime, float] | None:
    """Return what the clock shows and how many times faster it runs; None where time is real."""
    if not is_simulated(tx):
        return None
    shown, rate = tx.conn.execute(_PACE).one()
    return shown, rate


def advance(tx: Tx, by: timedelta) -> datetime:
    """Jump forward; return what the clock shows then."""
    shown: datetime = tx.conn.execute(_JUMP, {"by": by}).scalar_one()
    return shown
