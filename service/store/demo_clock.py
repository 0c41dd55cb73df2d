"""The movable clock of demo and test databases, moved by request."""

from datetime import datetime, timedelta

from sqlalchemy import text

from service.store.unit_of_work import Tx

_JUMP = text("""
UPDATE app_clock SET wall_at = clock_timestamp(), app_at = app_now() + :by RETURNING app_at""")


def advance(tx: Tx, by: timedelta) -> datetime:
    """Jump forward; return what the clock shows then."""
    shown: datetime = tx.conn.execute(_JUMP, {"by": by}).scalar_one()
    return shown
