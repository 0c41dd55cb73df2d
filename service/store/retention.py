"""What is kept only for a while: answers to repeated calls, files that no event names."""

from datetime import datetime

from sqlalchemy import text

from service.store.unit_of_work import Tx

_FILES = text("""
DELETE FROM attachment a WHERE created_at < :before
   AND NOT EXISTS (SELECT FROM ticket_attachment t WHERE t.attachment_id = a.id)""")


def forget_files(tx: Tx, before: datetime) -> int:
    """Delete files older than `before` that no event names; return how many."""
    return tx.conn.execute(_FILES, {"before": before}).rowcount
