"""Who saw whose personal data (PROOF P4): appended before the data is read."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.store.unit_of_work import Tx

_INSERT = text("""
INSERT INTO pii_access_log (id, actor_id, subject, fields, purpose, ticket_id, at, request_id)
VALUES (:id, :actor_id, :subject, :fields, :purpose, :ticket_id, :at, :request_id)""")


def append(tx: Tx, row: Mapping[str, Any]) -> None:
    """Add one line."""
    tx.conn.execute(_INSERT, row)
